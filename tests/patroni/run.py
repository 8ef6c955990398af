#!/usr/bin/env python3
"""run.py BUILD_DIR: the leader of three PostgreSQL under Patroni is killed under load. `./dev test patroni` runs it.

Needs the Debian packages patroni, etcd-server and postgresql; without them one line says so and the suite is skipped."""
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

COUNT = 3000
NODES = 3
START_S = 120


def free_ports(count: int) -> list:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def bin_dir() -> pathlib.Path:
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


class Cluster:
    def __init__(self, folder: pathlib.Path):
        self.folder, self.running = folder, {}
        ports = free_ports(4 * NODES)
        self.etcd, self.peers, self.rest, self.sql = (ports[i * NODES:(i + 1) * NODES] for i in range(4))
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def start(self, name: str, command: list, extra: dict | None = None) -> None:
        log = open(self.folder / f"{name}.log", "ab")
        env = {"PATH": f"{bin_dir()}:{os.environ['PATH']}", "HOME": str(self.folder), "LANG": "C.UTF-8", **(extra or {})}
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        self.running[name] = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                              stderr=log, env=env, start_new_session=True, **who)
        log.close()

    def start_etcd(self) -> None:
        members = ",".join(f"e{i}=http://127.0.0.1:{self.peers[i]}" for i in range(NODES))
        for i in range(NODES):
            client, peer = f"http://127.0.0.1:{self.etcd[i]}", f"http://127.0.0.1:{self.peers[i]}"
            self.start(f"e{i}", ["etcd", "--name", f"e{i}", "--data-dir", str(self.folder / f"e{i}"),
                                 "--listen-client-urls", client, "--advertise-client-urls", client,
                                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                                 "--initial-cluster", members, "--initial-cluster-state", "new"])

    def start_patroni(self, i: int) -> None:
        config = {
            "scope": "souffleur", "name": f"p{i}",
            "restapi": {"listen": f"127.0.0.1:{self.rest[i]}", "connect_address": f"127.0.0.1:{self.rest[i]}"},
            "etcd3": {"hosts": [f"127.0.0.1:{port}" for port in self.etcd]},
            "bootstrap": {
                "dcs": {"ttl": 20, "loop_wait": 5, "retry_timeout": 5, "synchronous_mode": True,
                        "postgresql": {"use_pg_rewind": True,
                                       "parameters": {"max_connections": 40, "shared_buffers": "32MB"}}},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"]},
            "postgresql": {
                "listen": f"127.0.0.1:{self.sql[i]}", "connect_address": f"127.0.0.1:{self.sql[i]}",
                "data_dir": str(self.folder / f"data{i}"), "bin_dir": str(bin_dir()),
                "pgpass": str(self.folder / f"pgpass{i}"),
                "authentication": {"superuser": {"username": "owner"}, "replication": {"username": "replicator"},
                                   "rewind": {"username": "owner"}},
                "parameters": {"unix_socket_directories": str(self.folder)},
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"]},
        }
        file = self.folder / f"p{i}.yml"
        file.write_text(json.dumps(config))  # JSON is YAML
        file.chmod(0o644)
        self.start(f"p{i}", ["patroni", str(file)])

    def members(self) -> dict:
        for port in self.rest:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/cluster", timeout=2) as answer:
                    return {one["name"]: one for one in json.load(answer)["members"]}
            except (urllib.error.URLError, OSError, ValueError):
                continue
        return {}

    def wait_for(self, what, why: str) -> None:
        end = time.monotonic() + START_S
        while not what():
            if time.monotonic() > end:
                raise RuntimeError(f"{why}: see {self.folder}")
            time.sleep(0.2)

    def leader(self):
        return next((int(name[1:]) for name, one in self.members().items()
                     if one["role"] == "leader" and one["state"] == "running"), None)

    def whole(self) -> bool:
        members = self.members().values()
        return len(members) == NODES and any(one["role"] == "sync_standby" for one in members)

    def sql_at(self, node: int, database: str, text: str) -> None:
        subprocess.run([bin_dir() / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.sql[node]),
                        "-U", "owner", "-d", database, "-c", text], check=True, timeout=60)

    def kill(self, node: int) -> None:
        """The machine goes down: its postmaster, with what it started, and its Patroni."""
        postmaster = int((self.folder / f"data{node}" / "postmaster.pid").read_text().split()[0])
        self.running[f"p{node}"].kill()
        os.kill(postmaster, signal.SIGKILL)
        self.running.pop(f"p{node}").wait()

    def end(self) -> None:
        for name in sorted(self.running, reverse=True):  # Patroni before etcd
            self.running[name].terminate()
        for process in self.running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def fail_over(cluster: Cluster, build: pathlib.Path) -> None:
    cluster.start_etcd()
    for i in range(NODES):
        cluster.start_patroni(i)
    cluster.wait_for(cluster.whole, "the cluster does not form")
    leader = cluster.leader()
    cluster.sql_at(leader, "postgres", "CREATE ROLE hub LOGIN")
    cluster.sql_at(leader, "postgres", "CREATE DATABASE house OWNER hub TEMPLATE template0 ENCODING 'UTF8'")
    hosts, ports = ",".join(["127.0.0.1"] * NODES), ",".join(str(port) for port in cluster.sql)
    with tempfile.TemporaryDirectory() as data:
        load = subprocess.Popen([build / "tests/support/patroni-load", f"host={hosts} port={ports} user=hub dbname=house", data,
                                 str(COUNT)], stdout=subprocess.PIPE, text=True)
        last, before, widest, said = 0, time.monotonic(), 0.0, ""
        try:
            for line in load.stdout:
                said, now = line.strip(), time.monotonic()
                if not said.isdigit():
                    break
                if last >= COUNT // 3:
                    widest = max(widest, now - before)
                last, before = int(said), now
                if last == COUNT // 3:
                    cluster.kill(leader)
                    before = time.monotonic()
            code = load.wait(120)
        finally:
            load.kill()
            load.wait()
    if code != 0 or said != "ok":
        raise RuntimeError(f"of {last} acknowledged answers not all are there, or the store does not verify: {said}")
    if cluster.leader() in (None, leader):
        raise RuntimeError("no other node leads")
    print(f"leader killed under load: nothing lost, no answer for {widest:.1f} s")


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    if not (shutil.which("patroni") and shutil.which("etcd") and bin_dir()):
        print("SKIPPED: patroni, etcd-server or postgresql is not installed\n0 passed, 0 failed, 1 skipped")
        return 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="souffleur-patroni-"))
    cluster = Cluster(folder)
    try:
        fail_over(cluster, build)
    except (RuntimeError, OSError, subprocess.SubprocessError) as wrong:
        print(f"{wrong}\n0 passed, 1 failed")
        return 1
    finally:
        cluster.end()
    shutil.rmtree(folder, ignore_errors=True)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
