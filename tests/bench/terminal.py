#!/usr/bin/env python3
"""The real `souffleur terminal run` on a ledger with many people: from its start to the first answer of its loopback
API, the memory it holds after some hundred searches and customers, and what it costs while
nobody does anything (a page's feed open, in step with a real hub). terminal.py BUILD_DIR; PEOPLE (default 1,000,000)
and IDLE_S (default 60: one round of maintenance) in the environment."""
import http.client
import http.cookiejar
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PEOPLE = int(os.environ.get("PEOPLE", "1000000"))
IDLE_S = float(os.environ.get("IDLE_S", "60"))
STARTS = 7
CUSTOMERS = 300
PIN = "314159"
DEADLINE_S = 60


def row(name: str, ours: float, unit: str, limit: float) -> None:
    print(json.dumps({"name": name, "ours": round(ours, 3), "unit": unit, "reference": limit, "referenceName": "limit",
                      "ratio": round(ours / limit, 3), "budget": f"{limit:g} {unit}", "met": ours <= limit}), flush=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Child:
    """A program of ours that ends with its standard input."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_for(self, what: str, check):
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            found = check()
            if found:
                return found
            if self.process.poll() is not None:
                raise RuntimeError(f"{what}: the program ended with {self.process.returncode}")
            time.sleep(0.002)
        raise RuntimeError(f"{what}: not within {DEADLINE_S} s")

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run(*command) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True,
                          timeout=1800).stdout.strip()


def private(path: pathlib.Path, text: str) -> pathlib.Path:
    path.touch(0o600)
    path.write_text(text)
    return path


def answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", "/api/v1/session")
        return link.getresponse().status > 0
    except OSError:
        return False
    finally:
        link.close()


class Page:
    """A page of the panel: cookie, secret, feed."""

    def __init__(self, launch: str):
        self.base, token = launch.split("/#launch=")
        self.secret = "none"
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.secret = self.call("POST", "/session", {"launchToken": token})["secret"]
        operator = self.call("GET", "/operators")["operators"][0]["operatorId"]
        self.call("POST", "/session/sign-in", {"operatorId": operator, "pin": PIN})

    def request(self, method: str, path: str, body=None) -> urllib.request.Request:
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.Request(self.base + "/api/v1" + path, data, method=method, headers={
            "X-Souffleur-Session": self.secret, "Content-Type": "application/json"})

    def call(self, method: str, path: str, body=None):
        with self.opener.open(self.request(method, path, body), timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def listen(self):
        """Opens the feed and drinks it on a thread of its own."""
        feed = self.opener.open(self.request("GET", "/feed"), timeout=None)

        def drink():
            try:
                while feed.readline():
                    pass
            except (OSError, ValueError, http.client.HTTPException):
                pass  # the terminal was closed

        threading.Thread(target=drink, daemon=True).start()


def resident_mb(pid: int, field: str = "VmRSS") -> float:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no resident size")


def cpu_by_thread(pid: int) -> dict:
    """Nanoseconds on a processor, by thread."""
    out = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        out[task.name] = int((task / "schedstat").read_text().split()[0])
    return out


def enrol(programs: pathlib.Path, home: pathlib.Path) -> Child:
    hub, till = home / "hub", home / "till"
    ports = home / "hub.ports"
    program = programs / "souffleur-hub"
    serving = Child(program, "--data", hub, "serve", "--sample-house", "--with-parent", "--sync-port", 0,
                    "--console-port", 0, "--ports-file", ports)
    serving.wait_for("head office", ports.exists)
    port = serving.wait_for("its ports", lambda: json.loads(ports.read_text() or "{}").get("sync"))
    run(program, "--data", hub, "invite", "--name", "Till 1", "--place", "till-1", "--url", f"https://127.0.0.1:{port}",
        "--out", home / "invitation")
    ours = programs / "souffleur"
    fingerprint = run(ours, "--data", till, "terminal", "enrol", home / "invitation")
    run(program, "--data", hub, "approve", fingerprint)
    run(ours, "--data", till, "operator", "add", "--name", "Noor", "--role", "cashier", "--pin-file",
        private(home / "pin", PIN))
    return serving


class Till:
    """The terminal, started; `started_ms` until its API answered."""

    def __init__(self, programs: pathlib.Path, home: pathlib.Path):
        port = free_port()
        self.launch = home / "launch"
        self.launch.unlink(missing_ok=True)
        begin = time.monotonic()
        self.child = Child(programs / "souffleur", "--data", home / "till", "terminal", "run", "--with-parent", "--api-port",
                           port, "--host-socket", home / "host" / "host.sock", "--launch-file", self.launch)
        self.child.wait_for("the terminal answers", lambda: answers(port))
        self.started_ms = (time.monotonic() - begin) * 1000
        self.pid = self.child.process.pid

    def page(self) -> Page:
        self.child.wait_for("its launch file", lambda: self.launch.exists() and self.launch.read_text().strip())
        return Page(self.launch.read_text().strip())


def busy(page: Page) -> float:
    """Looks for people and selects them; gives the slowest /status."""
    slowest = 0.0
    words = ("jan", "maria", "an", "montserrat baters", "schouboom", "pieterhof", "Наталья", "jnsen")
    for i in range(CUSTOMERS):
        number = i * 7919 % PEOPLE
        found = page.call("POST", "/search", {"query": f"person{number}@example.org"})["results"]
        page.call("POST", "/desk/select", {"subjectId": found[0]["subjectId"]})
        page.call("GET", "/desk")
        page.call("POST", "/search", {"query": words[i % len(words)]})
        if i % 30 == 0:
            begin = time.monotonic()
            page.call("GET", "/status")
            slowest = max(slowest, (time.monotonic() - begin) * 1000)
    return slowest


def measure(programs: pathlib.Path, fill: pathlib.Path, home: pathlib.Path) -> None:
    hub = enrol(programs, home)
    till = None
    try:
        run(fill, home / "till", PEOPLE)
        starts = []
        for _ in range(STARTS):
            if till:
                till.child.close()
            till = Till(programs, home)
            starts.append(till.started_ms)
        row("terminal start, median", statistics.median(starts), "ms", 200)
        page = till.page()
        page.listen()
        row("status page, slowest", busy(page), "ms", 200)
        row("terminal memory", resident_mb(till.pid), "MB", 64)
        time.sleep(2)
        before, begin = cpu_by_thread(till.pid), time.monotonic()
        time.sleep(IDLE_S)
        after, took = cpu_by_thread(till.pid), time.monotonic() - begin
        spent = {thread: ns - before.get(thread, 0) for thread, ns in after.items()}
        row("terminal idle CPU", sum(spent.values()) / took / 1e9 * 100, "%", 0.1)
        print(f"starts: {[round(ms) for ms in starts]} ms; peak {resident_mb(till.pid, 'VmHWM'):.1f} MB; idle, us a second by "
              f"thread: {[round(ns / took / 1000) for ns in spent.values() if ns]}", file=sys.stderr)
    finally:
        if till:
            till.child.close()
        hub.close()


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="souffleur-bench-") as folder:
        measure(build / "bin", build / "bench/fill/fill-till", pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
