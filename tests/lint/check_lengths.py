#!/usr/bin/env python3
"""A file of over 500 lines is a question to answer: split it, or say why not in a comment `Long because …` among its
first ten lines. Runs alone: `python3 tests/lint/check_lengths.py [ROOT]`; exit 0 when all is well, else 1 with a line
each. What a program wrote (`.gen.`) and texts, tables and locks are not looked at."""
import pathlib
import re
import subprocess
import sys

LINES_MAX = 500
CODE = (".cpp", ".h", ".c", ".ts", ".svelte", ".mjs", ".js", ".css", ".html", ".py", ".sql", ".sh", ".cmake")
ANSWER = re.compile(r"\bLong because \w+")


def check(root: pathlib.Path) -> list:
    done = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=True)
    out = []
    for name in done.stdout.split("\0"):
        path = root / name
        if not name.endswith(CODE) or ".gen." in name or "/corpus/" in name or not path.is_file():
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(lines) > LINES_MAX and not ANSWER.search("\n".join(lines[:10])):
            out.append(f"{name}: {len(lines)} lines, {LINES_MAX} at most (or `Long because …` in its first ten)")
    return out


def main() -> int:
    found = check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
