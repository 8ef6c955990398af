#!/usr/bin/env python3
"""What one more event costs head office when it holds 10 thousand, 100 thousand, a million and, with GROWTH=10M in the
environment, ten million of them (an hour or so, and about 20 GB of disk for a while). SQLite; with
GROWTH_POSTGRES=1 PostgreSQL too. Prints a table to stderr and rows of the benchmark; build/growth.tsv holds the
figures, build/growth.svg the plot, if gnuplot is there (Debian: gnuplot-nox)."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

MARKS = (10_000, 100_000, 1_000_000)
ROOT = pathlib.Path(__file__).resolve().parents[2]
FIELDS = ("events", "perSecond", "batchMs", "batchP99Ms", "bytes", "rawBytes", "personUs", "searchMs", "searchP99Ms", "pullMs",
          "residentMb")
HEADS = ("events", "events/s", "batch ms", "batch p99", "bytes/event", "of these said", "person us", "search ms", "search p99",
         "page ms", "memory MB")
PLOT = """set terminal svg size 900,640 font 'sans-serif,12'
set output '{svg}'
set logscale x
set format x '%.0s%c'
set xlabel 'events in the store'
set key outside bottom center horizontal
set grid
set multiplot layout 2,2
set yrange [0:*]
set ylabel 'events placed a second'
plot {0}
set ylabel 'bytes of disk an event'
plot {1}
set ylabel 'search p99, ms'
plot {2}
set ylabel 'person, us'
plot {3}
unset multiplot
"""


def marks() -> tuple:
    return MARKS + ((10_000_000,) if os.environ.get("GROWTH", "").upper() == "10M" else ())


def grown(build: pathlib.Path, store: str) -> list:
    done = subprocess.run([build / "bench/fill/fill-growth", store, *map(str, marks())], stdout=subprocess.PIPE, text=True,
                          check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(store: str, lines: list) -> str:
    cells = [HEADS] + [[f"{line[field]:,}" for field in FIELDS] for line in lines]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADS))]
    return f"{store}\n" + "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in cells)


def row(name: str, ours: float, unit: str, reference: float, reference_name: str) -> None:
    print(json.dumps({"name": name, "ours": ours, "unit": unit, "reference": reference, "referenceName": reference_name,
                      "ratio": ours / reference, "budget": "none", "met": True}), flush=True)


def plot(all_lines: dict) -> None:
    tsv, svg = ROOT / "build/growth.tsv", ROOT / "build/growth.svg"
    with tsv.open("w") as out:
        for store, lines in all_lines.items():
            out.write("\t".join(("store", *FIELDS)) + "\n")
            for line in lines:
                out.write("\t".join((store, *(str(line[field]) for field in FIELDS))) + "\n")
            out.write("\n\n")
    if not shutil.which("gnuplot"):
        print("growth: no gnuplot, no plot (Debian: gnuplot-nox)", file=sys.stderr)
        return
    curves = []
    for field in ("perSecond", "bytes", "searchP99Ms", "personUs"):
        column = FIELDS.index(field) + 2
        curves.append(", ".join(f"'{tsv}' index {i} every ::1 using 2:{column} with linespoints title '{store}'"
                                for i, store in enumerate(all_lines)))
    subprocess.run(["gnuplot"], input=PLOT.format(*curves, svg=svg), text=True, check=True)
    print(f"growth: {svg.relative_to(ROOT)}", file=sys.stderr)


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    stores = {"SQLite": "sqlite"}
    if os.environ.get("GROWTH_POSTGRES"):
        stores["PostgreSQL"] = "postgres"
    all_lines = {name: grown(build, store) for name, store in stores.items()}
    for name, lines in all_lines.items():
        print(table(name, lines), file=sys.stderr)
        first, last = lines[0], lines[-1]
        count = f"{last['events'] // 1_000_000}M"
        row(f"{name} at {count} events, push", last["perSecond"], "events/s", first["perSecond"], "with 10k events")
        row(f"{name} at {count} events, person", last["personUs"], "us", first["personUs"], "with 10k events")
        row(f"{name} at {count} events, search p99", last["searchP99Ms"], "ms", first["searchP99Ms"], "with 10k events")
        row(f"{name} at {count} events, disk", last["bytes"], "bytes/event", last["rawBytes"], "header and payload alone")
    plot(all_lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
