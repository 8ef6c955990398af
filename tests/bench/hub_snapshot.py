#!/usr/bin/env python3
"""A new till of a house with a million people: the real `souffleur-hub` makes the snapshot when it is asked, the real
`souffleur terminal run` fetches, checks and loads it, opens, and shows the flag of the first customer. Measured from the
start of the till to that flag, twice: for the till that asks first and for the next one, which finds the snapshot made.
Beside it: the bytes of the till's ledger copied to the disk. hub_snapshot.py BUILD_DIR; PEOPLE (default 1,000,000) in the
environment."""
import json
import os
import pathlib
import sys
import tempfile
import time

import terminal

PEOPLE = int(os.environ.get("PEOPLE", "1000000"))
COPY_CHUNK = 1 << 20
BUDGET_S = 60 * PEOPLE / 1_000_000
BUDGET_COPIES = 3


def row(name: str, ours: float, unit: str, reference: float, reference_name: str, budget: str, met: bool) -> None:
    print(json.dumps({"name": name, "ours": round(ours, 2), "unit": unit, "reference": round(reference, 2),
                      "referenceName": reference_name, "ratio": round(ours / reference, 2), "budget": budget, "met": met}),
          flush=True)


def copy_s(source: pathlib.Path, to: pathlib.Path) -> float:
    """Seconds until the same bytes are on the disk a second time."""
    begin = time.monotonic()
    with source.open("rb") as data, to.open("wb") as out:
        while chunk := data.read(COPY_CHUNK):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return time.monotonic() - begin


def add_till(programs: pathlib.Path, hub: pathlib.Path, port: int, home: pathlib.Path, number: int) -> None:
    home.mkdir()
    program, ours, invitation = programs / "souffleur-hub", programs / "souffleur", home / "invitation"
    terminal.run(program, "--data", hub, "invite", "--name", f"Till {number}", "--place", f"till-{number}", "--url",
                 f"https://127.0.0.1:{port}", "--out", invitation)
    fingerprint = terminal.run(ours, "--data", home / "till", "terminal", "enrol", invitation)
    terminal.run(program, "--data", hub, "approve", fingerprint)
    terminal.run(ours, "--data", home / "till", "operator", "add", "--name", "Noor", "--role", "cashier", "--pin-file",
                 terminal.private(home / "pin", terminal.PIN))


def first_flag_s(programs: pathlib.Path, home: pathlib.Path) -> float:
    begin = time.monotonic()
    till = terminal.Till(programs, home)
    try:
        page = till.page()
        found = page.call("POST", "/search", {"query": f"person{PEOPLE // 2}@example.org"})["results"]
        page.call("POST", "/desk/select", {"subjectId": found[0]["subjectId"]})
        if not page.call("GET", "/desk").get("flag"):
            raise RuntimeError("no flag")
        return time.monotonic() - begin
    finally:
        till.child.close()


def measure(programs: pathlib.Path, fill: pathlib.Path, home: pathlib.Path) -> None:
    hub, ports = home / "hub", home / "hub.ports"
    begin = time.monotonic()
    terminal.run(fill, hub, PEOPLE)
    print(f"snapshot: the house of {PEOPLE:,} was made in {time.monotonic() - begin:.0f} s", file=sys.stderr)
    serving = terminal.Child(programs / "souffleur-hub", "--data", hub, "serve", "--sample-house", "--with-parent",
                             "--sync-port", 0, "--console-port", 0, "--ports-file", ports)
    try:
        serving.wait_for("head office", ports.exists)
        port = serving.wait_for("its ports", lambda: json.loads(ports.read_text() or "{}").get("sync"))
        for number, name in ((1, "new till, first to ask"), (2, "new till, snapshot made")):
            till = home / f"till-{number}"
            add_till(programs, hub, port, till, number)
            took = first_flag_s(programs, till)
            ledger = next((till / "till").rglob("ledger.db"))
            copied = copy_s(ledger, home / "copy")
            row(f"{name}, {PEOPLE:,} people", took, "s", copied, f"copying its {ledger.stat().st_size / 1e6:.0f} MB",
                f"{BUDGET_S:g} s; 3x", took <= BUDGET_S and took <= BUDGET_COPIES * copied)
        print(f"snapshot: hub {terminal.resident_mb(serving.process.pid):.0f} MB, at most "
              f"{terminal.resident_mb(serving.process.pid, 'VmHWM'):.0f} MB; snapshot on its disk "
              f"{sum(file.stat().st_size for file in hub.rglob('*') if 'snapshot' in str(file)) / 1e6:.0f} MB", file=sys.stderr)
    finally:
        serving.close()


def main() -> int:
    terminal.DEADLINE_S = 900
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="souffleur-bench-") as folder:
        measure(build / "bin", build / "bench/fill/fill-house", pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
