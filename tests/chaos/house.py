"""The processes of a house that may die at any time: a PostgreSQL, hubs on it, tills. Each is started anew as a service would."""
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess

from network import Network
from smoke import Page, wait_for

PIN = "194857"
HOUSE = """id = "het-voorhuis"
name = "Theater Het Voorhuis"
address = "Voorstraat 1, Utrecht"
phone = "+31 30 000 0000"
email = "info@voorhuis.example.org"
withdraw-url = "https://voorhuis.example.org/w"
privacy-url = "https://voorhuis.example.org/privacy"
pack = "nl"
languages = ["nl", "en"]
addresses-verified = true
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def postgres_bin():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


def private(path: pathlib.Path, text: str) -> pathlib.Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


class Process:
    """Something that runs, may be killed, and is started again."""

    def __init__(self, name: str, folder: pathlib.Path):
        self.name, self.log, self.running, self.deaths = name, folder / f"{name}.log", None, 0

    def spawn(self, command: list, **more) -> None:
        with open(self.log, "ab") as log:
            self.running = subprocess.Popen([str(one) for one in command], stdin=subprocess.PIPE, stdout=log, stderr=log, **more)

    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill(self) -> None:
        if self.alive():
            self.running.kill()
            self.running.wait()
            self.deaths += 1

    def end(self) -> None:
        if not self.alive():
            return
        self.running.terminate()
        try:
            self.running.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.name} does not end when told to") from None


class Postgres(Process):
    def __init__(self, folder: pathlib.Path):
        super().__init__("postgres", folder)
        self.folder = folder / "postgres"
        self.folder.mkdir(mode=0o700)
        self.port = free_port()
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        subprocess.run([postgres_bin() / "initdb", f"--pgdata={self.folder}/data", "--username=owner", "--auth=trust", "--encoding=UTF8",
                        "--locale=C.UTF-8", "--no-instructions"], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.who)
        self.start()
        wait_for("PostgreSQL", self.answers)
        self.tell("postgres", "CREATE ROLE hub LOGIN")
        self.tell("postgres", "CREATE DATABASE house OWNER hub TEMPLATE template0 ENCODING 'UTF8'")

    @property
    def address(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=hub dbname=house"

    def start(self) -> None:
        self.spawn([postgres_bin() / "postgres", "-D", self.folder / "data", "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1", "-c",
                    f"unix_socket_directories={self.folder}", "-c", "shared_buffers=32MB", "-c", "max_connections=40"],
                   cwd=self.folder, **self.who)

    def end(self) -> None:
        if self.alive():  # fast, not smart: it does not wait for clients
            self.running.send_signal(signal.SIGINT)
            self.running.wait(60)

    def answers(self) -> bool:
        return subprocess.run([postgres_bin() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False).returncode == 0

    def tell(self, database: str, text: str) -> str:
        return subprocess.run([postgres_bin() / "psql", "-qXtA", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "owner",
                               "-d", database, "-c", text], check=True, timeout=60, capture_output=True, text=True).stdout


class Hub(Process):
    def __init__(self, number: int, bins: pathlib.Path, folder: pathlib.Path):
        super().__init__(f"hub-{number}", folder)
        self.program, self.data = bins / "souffleur-hub", folder / f"hub-{number}"
        self.port, self.console = free_port(), free_port()

    def command(self, *words) -> str:
        done = subprocess.run([self.program, "--data", self.data, *words], capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name} {words[0]}: {done.stderr.strip()}")
        return done.stdout

    def start(self) -> None:
        self.spawn([self.program, "--data", self.data, "serve", "--with-parent", "--sync-port", self.port, "--console-port", self.console])

    def answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0


class Till(Process):
    def __init__(self, number: int, bins: pathlib.Path, folder: pathlib.Path):
        super().__init__(f"till-{number}", folder)
        self.program, self.data, self.launch = bins / "souffleur", folder / self.name, folder / f"{self.name}.launch"
        self.page = None

    def command(self, *words) -> str:
        done = subprocess.run([self.program, "--data", self.data, *words], capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name} {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def start(self) -> None:
        self.page = None
        self.launch.unlink(missing_ok=True)
        self.spawn([self.program, "--data", self.data, "terminal", "run", "--with-parent", "--api-port", "0", "--host-socket",
                    self.data / "host" / "host.sock", "--launch-file", self.launch, "--sync-interval", "1"])

    def open(self) -> Page:
        """The cashier's page, signed in. Errors: what Page raises, while the till is not there."""
        if self.page is None:
            base, token = self.launch.read_text().strip().split("#launch=")
            page = Page(base)
            page.secret = page.call("POST", "/session", {"launchToken": token})["secret"]
            operator = page.call("GET", "/operators")["operators"][0]
            page.call("POST", "/session/sign-in", {"operatorId": operator["operatorId"], "pin": PIN})
            self.page = page
        return self.page


class House:
    def __init__(self, bins: pathlib.Path, folder: pathlib.Path, tills: int, hubs: int, seed: int):
        self.folder = folder
        self.postgres = Postgres(folder)
        self.hubs = [Hub(n + 1, bins, folder) for n in range(hubs)]
        self.tills = [Till(n + 1, bins, folder) for n in range(tills)]
        self.network = Network(tills, [hub.port for hub in self.hubs], seed)
        first = self.hubs[0]
        first.command("init", "--store", self.postgres.address)
        for hub in self.hubs[1:]:
            shutil.copytree(first.data, hub.data)
        house = folder / "house.toml"
        house.write_text(HOUSE)
        first.spawn([first.program, "--data", first.data, "serve", "--with-parent", "--house", house, "--sync-port", first.port,
                     "--console-port", first.console])
        wait_for("the first hub", first.answers)
        for hub in self.hubs[1:]:
            hub.start()
            wait_for(hub.name, hub.answers)
        self.network.harm = False
        pin = private(folder / "pin", PIN)
        for till, port in zip(self.tills, self.network.ports):
            self._enrol(till, port, pin)
        self.network.harm = True

    def _enrol(self, till: Till, port: int, pin: pathlib.Path) -> None:
        first, invitation = self.hubs[0], self.folder / f"{till.name}.invitation"
        first.command("invite", "--name", till.name.title(), "--place", till.name, "--url", f"https://127.0.0.1:{port}", "--out", invitation)
        till.command("terminal", "enrol", invitation)
        first.command("approve", "pending")
        till.command("operator", "add", "--name", "Noor", "--pin-file", pin)
        till.start()

    def processes(self) -> list:
        return [self.postgres, *self.hubs, *self.tills]

    def mend(self) -> None:
        """As a service manager: whatever is not running is started."""
        for process in self.processes():
            if not process.alive():
                process.start()

    def ready(self) -> bool:
        self.mend()
        return self.postgres.answers() and all(hub.answers() for hub in self.hubs)

    def end(self) -> None:
        for process in [*self.tills, *self.hubs, self.postgres]:
            process.end()
        self.network.close()

    def abandon(self) -> None:
        for process in [*self.tills, *self.hubs, self.postgres]:
            process.kill()


def lines(text: str) -> list:
    return [json.loads(line) for line in text.splitlines() if line]
