#!/usr/bin/env python3
"""Keeps out of the tree what belongs to one machine or to one afternoon: registries' host names, paths of
somebody's home, notes of unfinished work, remote addresses in lock files, folders that nobody explained.
Runs alone: `python3 tests/lint/check_words.py [ROOT]`; exit 0 when all is well, else 1 with a line each."""
import json
import pathlib
import re
import subprocess
import sys

FLOORS = ("drivers", "firmware-config", "plugin", "sync", "kiosk")
# One letter of each word stands in brackets, so that this file passes its own rules.
EVERYWHERE = {
    "a registry's host name": re.compile(
        r"npm[j]s\.(org|com)|\bpyp[i]\.org|pythonhoste[d]\.org|crate[s]\.io|(deb|security|ftp)\.debia[n]\.org"
        r"|proxy\.golan[g]\.org|repo[1]?\.maven|rubygem[s]\.org|/artifactor[y]/|verdacci[o]"),
    "a path of one machine": re.compile(
        r"(?<![\w.$}/-])/(work|home|root|Users)/[\w.-]|(?<![\w.])/tm[p]/w[t]?/|file:///(home|work|root)"),
}
PRODUCT = {
    "a note of unfinished work": re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b"),
    "a merge left open": re.compile(r"^(<{7}|>{7}|={7})( |$)", re.M),
}
CODE = (".cpp", ".h", ".c", ".ts", ".svelte", ".mjs", ".js", ".css", ".html", ".py", ".sql", ".sh", ".cmake",
        ".toml", ".yaml", ".txt")
MAX_BYTES = 4 << 20


def tracked(root: pathlib.Path) -> list:
    done = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=True)
    return [f for f in done.stdout.split("\0") if f and (root / f).is_file()]


def found_in(name: str, text: str) -> list:
    rules = dict(EVERYWHERE)
    if name.endswith(CODE) or "/" not in name:
        rules |= PRODUCT
    out = []
    for what, rule in rules.items():
        for match in rule.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            out.append(f"{name}:{line}: {what}: {match[0].strip()}")
    return out


def remote_addresses(name: str, text: str) -> list:
    """A lock file names packages and their sums; the address they come from is each machine's own affair."""
    out = []
    for package, entry in json.loads(text).get("packages", {}).items():
        if "://" in str(entry.get("resolved", "")):
            out.append(f"{name}: {package} has a remote address; see .npmrc")
    return out


def unexplained(files: list) -> list:
    """The floors, the rooms and the kinds of tests: each says in a README what it is."""
    have, folders = set(files), set()
    for file in files:
        parts = file.split("/")
        if len(parts) > 1 and parts[0] in (*FLOORS, "tests"):
            folders.add(parts[0])
            if len(parts) > 2:
                folders.add("/".join(parts[:2]))
    return [f"{folder}: no README.md that says what it is" for folder in sorted(folders)
            if f"{folder}/README.md" not in have]


def check(root: pathlib.Path) -> list:
    files, out = tracked(root), []
    for name in files:
        path = root / name
        if "/corpus/" in name or path.is_symlink() or path.stat().st_size > MAX_BYTES:
            continue
        data = path.read_bytes()
        if b"\0" in data[:8000]:
            continue
        text = data.decode("utf-8", errors="replace")
        out += found_in(name, text)
        if path.name == "package-lock.json":
            out += remote_addresses(name, text)
    return out + unexplained(files)


def main() -> int:
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found = check(root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
