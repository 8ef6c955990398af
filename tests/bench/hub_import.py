#!/usr/bin/env python3
"""Rows per second of the real `souffleur-hub import`, from file to events, people and links in the hub's store;
beside it the same rows put into one plain SQLite table. hub_import.py BUILD_DIR; ROWS in the environment
(default 20,000)."""
import csv
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

ROWS = int(os.environ.get("ROWS", "20000"))
GIVEN = ("Anna", "Joris", "Мария", "Jordi", "Élodie", "Zoë", "Bram", "Ольга", "Núria", "Sanne")
FAMILY = ("de Vries", "van den Berg", "Лебедева", "Puig i Soler", "Lefèvre", "Bakker", "Smit", "Иванова", "Visser", "Mulder")


def rows() -> list:
    out = [["customer id", "first name", "last name", "email", "phone", "language"]]
    for i in range(ROWS):
        name = f"visitor{i}" if i % 50 else f"visitor{max(i - 1, 0)}"  # every 50th came in twice
        out.append([f"C{i}", GIVEN[i % 10], FAMILY[i // 10 % 10], f"{name}@example.org", f"+316000{i:05d}", "nl"])
    return out


def plain(file: pathlib.Path, table: list) -> float:
    begin = time.monotonic()
    db = sqlite3.connect(file)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(a PRIMARY KEY,b,c,d,e,f);")
    with db:
        db.executemany("INSERT INTO t VALUES (?,?,?,?,?,?)", table[1:])
    db.close()
    return ROWS / (time.monotonic() - begin)


def main() -> int:
    hub = pathlib.Path(sys.argv[1]).resolve() / "bin/souffleur-hub"
    with tempfile.TemporaryDirectory(prefix="souffleur-bench-") as folder:
        home, table = pathlib.Path(folder), rows()
        with (home / "export.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(table)
        command = [str(hub), "--data", str(home / "hub"), "import", str(home / "export.csv"),
                   "--sample-house"]
        subprocess.run([*command[:3], "init"], check=True, stdout=subprocess.DEVNULL)
        begin = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
        ours = ROWS / (time.monotonic() - begin)
        if done.returncode != 0:
            print(done.stdout[-1000:], done.stderr[-1000:], file=sys.stderr)
            return 1
        reference = plain(home / "plain.db", table)
    print(json.dumps({"name": "hub import", "ours": round(ours), "unit": "rows/s", "reference": round(reference),
                      "referenceName": "plain SQLite inserts", "ratio": round(ours / reference, 4), "budget": "",
                      "met": True}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
