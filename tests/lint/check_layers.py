#!/usr/bin/env python3
"""Checks every #include and every page import against tests/lint/arrows.txt. Runs alone:
`python3 tests/lint/check_layers.py [ROOT]`; exit 0 when the house is in order, else 1 with a line each."""
import pathlib
import re
import sys

# Headers of each library that arrows.txt names; the standard library and POSIX are open to all.
LIBRARIES = {
    "expected": ["tl/expected.hpp"], "qrencode": ["qrencode.h"], "pango": ["pango/", "cairo"],
    "usb": ["libusb"], "poco": ["Poco/"], "toml": ["toml++/", "toml.hpp"], "openssl": ["openssl/"],
    "argon2": ["argon2.h"], "icu": ["unicode/"], "phonenumber": ["phonenumbers/"], "idn": ["idn2.h"],
    "simdjson": ["simdjson"], "json": ["nlohmann/"], "sqlite": ["SQLiteCpp/", "sqlite3.h"],
    "postgres": ["pqxx/", "libpq-fe.h"],
    "csv": ["csv.h"], "orcus": ["orcus/"], "zstd": ["zstd"], "xcb": ["xcb/"], "re2": ["re2/"], "cli": ["CLI/"],
}
FLOORS = ("drivers", "firmware-config", "plugin", "sync", "kiosk")
SUFFIXES = (".h", ".cpp", ".c", ".hpp", ".cc")


def read_arrows(path: pathlib.Path) -> dict:
    rooms = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.match(r"^([a-z/-]+)\s*:([^|]*)\|(.*)$", line)
        if not match:
            sys.exit(f"{path}:{number}: not of the form `room : rooms | libraries`")
        rooms[match[1]] = (match[2].split(), match[3].split())
    for room, (uses, libs) in rooms.items():
        for used in uses:
            if used not in rooms:
                sys.exit(f"{path}: {room} names a room that does not exist: {used}")
        for lib in libs:
            if lib not in LIBRARIES:
                sys.exit(f"{path}: {room} names an unknown library: {lib}")
    return rooms


def find_cycle(rooms: dict) -> list:
    state, stack = {}, []

    def visit(room):
        state[room] = 1
        stack.append(room)
        for used in rooms[room][0]:
            if state.get(used) == 1:
                return stack[stack.index(used):] + [used]
            if used not in state and (cycle := visit(used)):
                return cycle
        stack.pop()
        state[room] = 2
        return None

    for room in rooms:
        if room not in state and (cycle := visit(room)):
            return cycle
    return []


def room_of(path: str, rooms: dict) -> str:
    parts = path.split("/")
    for length in range(len(parts) - 1, 0, -1):
        if "/".join(parts[:length]) in rooms:
            return "/".join(parts[:length])
    return ""


def check_include(room: str, header: str, rooms: dict, root: pathlib.Path) -> str:
    uses, libs = rooms[room]
    if header.split("/")[0] in FLOORS and "/" in header:
        target = room_of(header, rooms)
        if not target:
            return f"includes {header}, which is in no room of arrows.txt"
        if target != room and target not in uses:
            return f"{room} may not use {target}"
        return "" if (root / header).exists() else f"includes {header}, which does not exist"
    if header.startswith("tests/"):
        return "product code may not include tests/"
    for lib, prefixes in LIBRARIES.items():
        if any(header.startswith(p) for p in prefixes):
            return "" if lib in libs else f"{room} may not use the library {lib}"
    return ""


def check_tree(root: pathlib.Path, rooms: dict) -> list:
    errors = []
    for floor in FLOORS:
        for path in sorted((root / floor).rglob("*")):
            if path.suffix not in SUFFIXES or "node_modules" in path.parts or "dist" in path.parts:
                continue
            rel = path.relative_to(root).as_posix()
            room = room_of(rel, rooms)
            if not room:
                errors.append(f"{rel}: not in a room of arrows.txt")
                continue
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
                if match and (why := check_include(room, match[1], rooms, root)):
                    errors.append(f"{rel}:{number}: {why}")
    return errors


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    rooms = read_arrows(root / "tests/lint/arrows.txt")
    errors = check_tree(root, rooms)
    if cycle := find_cycle(rooms):
        errors.append("arrows.txt has a cycle: " + " -> ".join(cycle))
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
