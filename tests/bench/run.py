#!/usr/bin/env python3
"""Runs the benchmarks that were built, one after another, and draws the table. Used by ./dev bench.

run.py BUILD_DIR [NAME]    NAME: part of a benchmark's file name, or of a row's name in the last run

Each benchmark (BUILD_DIR/bench/bench-*, tests/bench/*.{py,mjs}) prints its rows as JSON, one a line: name, ours, unit,
reference, referenceName, ratio, budget, met. All rows land in build/bench.json; rows of benchmarks that were not run
stay. Exit 1 when a benchmark could not be run or gave no row. A missed budget is shown and is no error of the run:
figures depend on what else the machine does."""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEPT = ROOT / "build/bench.json"
TIMEOUT_S = 3 * 3600
COLUMNS = ("", "ours", "unit", "reference", "ratio", "budget", "met")


def benches(build: pathlib.Path) -> dict:
    out = {}
    for path in sorted((build / "bench").glob("bench-*")):
        if path.is_file() and os.access(path, os.X_OK):
            out[path.name.removeprefix("bench-")] = [str(path)]
    for path in sorted((ROOT / "tests/bench").glob("*.py")):
        if path.name != "run.py" and not path.stem.endswith("_test"):
            out[path.stem] = [sys.executable, str(path), str(build)]
    for path in sorted((ROOT / "tests/bench").glob("*.mjs")):
        out[path.stem] = ["node", str(path)]
    return out


def last_rows() -> list:
    try:
        return json.loads(KEPT.read_text())
    except (OSError, ValueError):
        return []


def chosen(known: dict, rows: list, name: str) -> list:
    """Benchmarks whose file, or one of whose rows in the last run, has the name in it."""
    plain = name.replace("-", "_").lower()
    by_row = {row.get("bench") for row in rows if name.lower() in str(row.get("name", "")).lower()}
    return [bench for bench in known if plain in bench.replace("-", "_").lower() or bench in by_row]


def rows_of(output: str) -> list:
    rows = []
    for line in output.splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            if "name" in row and "ours" in row:
                rows.append(row)
    return rows


def run(bench: str, command: list, build: pathlib.Path) -> tuple:
    """The rows, and what went wrong or nothing."""
    try:
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "SOUFFLEUR_BUILD": str(build)},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace", timeout=TIMEOUT_S, check=False)
        rows = rows_of(done.stdout)
    except subprocess.TimeoutExpired:
        return [], f"{bench}: no end after {TIMEOUT_S} s"
    except ValueError as bad:
        return [], f"{bench}: a row that is no JSON ({bad})"
    for row in rows:
        row["bench"] = bench
    if done.returncode != 0:
        return rows, f"{bench}: exit {done.returncode}\n{done.stderr[-2000:]}"
    return rows, "" if rows else f"{bench}: printed no row\n{done.stderr[-2000:]}"


def number(value) -> str:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return "" if value is None else str(value)
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def cells(row: dict) -> list:
    reference = number(row.get("reference")) if row.get("reference") else ""
    if row.get("referenceName"):
        reference = f"{reference} {row['referenceName']}".strip()
    budgeted = row.get("budget") not in (None, "", "none")
    met = "" if not budgeted else "yes" if row.get("met") else "NO"
    return [str(row["name"]), number(row["ours"]), str(row.get("unit", "")), reference,
            number(row.get("ratio")) if row.get("ratio") else "", number(row.get("budget")) if budgeted else "", met]


def table(rows: list) -> str:
    lines = [list(COLUMNS)] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    right = (1, 4)
    return "\n".join("  ".join(cell.rjust(w) if i in right else cell.ljust(w)
                               for i, (cell, w) in enumerate(zip(line, widths))).rstrip() for line in lines)


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    name = sys.argv[2] if len(sys.argv) > 2 else ""
    known, old = benches(build), last_rows()
    names = chosen(known, old, name) if name else list(known)
    if not names:
        print(f"bench: nothing is called {name}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    rows, wrong = [], []
    for bench in names:
        print(f"bench: {bench}", file=sys.stderr)
        found, trouble = run(bench, known[bench], build)
        rows += found
        if trouble:
            wrong.append(trouble)
    print(table(rows))
    kept = [row for row in old if row.get("bench") in known and row.get("bench") not in names]
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(kept + rows, indent=1, ensure_ascii=False) + "\n")
    missed = [row["name"] for row in rows if not row.get("met", True)]
    if missed:
        print(f"over budget: {', '.join(missed)}")
    for trouble in wrong:
        print(f"bench: {trouble}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
