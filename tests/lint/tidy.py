#!/usr/bin/env python3
"""clang-tidy over our own translation units, two at a time. A file whose text, headers and rules have
passed before is not run again: the verdict is kept under its hash in the cache folder. The path-sensitive
analyzer takes most of the time; it runs with --deep (`./dev lint deep`), and then alone, after the others.
tidy.py [--deep] BUILD_DIR [FILE...]"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "souffleur/tidy"
DEEP = "--deep" in sys.argv
OTHERS = "-bugprone-*,-performance-*,-misc-*,-cert-err*,-cppcoreguidelines-*,-readability-*"
CHECKS = ["--checks=" + (OTHERS if DEEP else "-clang-analyzer-*")]
DROP = re.compile(r"^-Winvalid-pch$|^-fpch|^-fstack|^-ffile-prefix-map")


def tidy_command(entry: dict) -> list:
    words, out, skip = shlex.split(entry["command"]), [], False
    start = next(i for i, w in enumerate(words) if re.search(r"(^|/)(c\+\+|g\+\+|cc|gcc|clang\S*)(-\d+)?$", w))
    for i, word in enumerate(words[start + 1:], start + 1):
        if skip:
            skip = False
            continue
        if word == "-include" or (word == "-Xclang" and "pch" in " ".join(words[i:i + 4])):
            skip = True
            continue
        if word in ("-o", "-MF", "-MT"):
            skip = True
            continue
        if word in ("-c", "-MD") or DROP.match(word) or word == entry["file"]:
            continue
        out.append(word)
    return out


def includes(path: pathlib.Path, seen: set) -> None:
    if path in seen or not path.exists():
        return
    seen.add(path)
    for name in re.findall(r'^\s*#\s*include\s*"([^"]+)"', path.read_text(errors="replace"), re.M):
        includes(ROOT / name, seen)


def fingerprint(path: pathlib.Path, flags: list) -> str:
    seen = set()
    includes(path, seen)
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + "".join(CHECKS).encode())
    digest.update(" ".join(f for f in flags if str(ROOT) not in f).encode())
    for file in sorted(seen):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def run(entry: dict) -> tuple:
    path = pathlib.Path(entry["file"])
    flags = tidy_command(entry)
    mark = CACHE / fingerprint(path, flags)
    if mark.exists():
        return 0, "", True
    done = subprocess.run(["clang-tidy", "--quiet", *CHECKS, str(path), "--", *flags, "-Wno-unknown-warning-option",
                           "-Wno-sign-conversion"],
                          cwd=entry["directory"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    return done.returncode, done.stdout, False


def main() -> int:
    words = [w for w in sys.argv[1:] if w != "--deep"]
    build = pathlib.Path(words[0])
    only = {str((ROOT / f).resolve()) for f in words[1:]}
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        if not file.is_relative_to(ROOT) or build.resolve() in file.resolve().parents:
            continue
        if file.relative_to(ROOT).parts[0] == "tests" or file.suffix == ".c":
            continue
        if not only or str(file) in only:
            entries[str(file)] = entry
    failed = cached = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for code, output, hit in pool.map(run, entries.values()):
            cached += hit
            if code:
                failed += 1
                print(output, flush=True)
    spent = os.times()
    print(f"clang-tidy: {len(entries)} files, {cached} unchanged, {failed} with findings, "
          f"{spent.children_user + spent.children_system:.0f} s of processor time")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
