#!/usr/bin/env python3
"""Runs test executables and page tests and sums them up. Used by ./dev test.

run.py BUILD_DIR [--jobs N] [--only PATTERN] [--all] [--timeout S]

Quiet when all is well: one line a suite, the output of what failed, and last `N passed, N failed` with
`, N skipped` for suites that could not run here (they say why in a line that starts with `SKIPPED:`) and for cases
that doctest, node or vitest left out."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TIMEOUT_S = 600


class Outcome:
    def __init__(self, name, passed, failed, skipped, output, seconds):
        self.name, self.passed, self.failed, self.skipped = name, passed, failed, skipped
        self.output, self.seconds = output, seconds


def counts(output: str, code: int) -> tuple:
    """Reads doctest's, node's, vitest's and our own closing lines; exit 0 after no test at all is a failure."""
    skipped = len(re.findall(r"^SKIPPED:", output, re.M))
    passed = failed = 0
    for match in re.finditer(r"test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed(?:\s*\|\s*(\d+) skipped)?",
                             output):
        passed, failed, skipped = passed + int(match[1]), failed + int(match[2]), skipped + int(match[3] or 0)
    node = {m[1]: int(m[2]) for m in re.finditer(r"^(?:#|ℹ) (pass|fail|skipped|cancelled) (\d+)$", output, re.M)}
    if node:
        passed, failed = passed + node.get("pass", 0), failed + node.get("fail", 0) + node.get("cancelled", 0)
        skipped += node.get("skipped", 0)
    vitest = re.search(r"^\s*Tests\s+(\d+ [a-z]+(?: \| \d+ [a-z]+)*)", re.sub(r"\x1b\[[0-9;]*m", "", output), re.M)
    if vitest:
        said = {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", vitest[1])}
        passed, failed = passed + said.get("passed", 0), failed + said.get("failed", 0)
        skipped += said.get("skipped", 0) + said.get("todo", 0)
    for match in re.finditer(r"^(\d+) passed, (\d+) failed", output, re.M):
        passed, failed = passed + int(match[1]), failed + int(match[2])
    if code != 0 and failed == 0:
        failed = 1
    if code == 0 and passed + failed + skipped == 0:
        failed = 1
        output += "\nthis suite ran no test\n"
    return passed, failed, skipped, output


def run(job: tuple) -> Outcome:
    name, command, env, timeout = job
    begin = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
        code, output = done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as hung:
        code, output = 124, (hung.stdout or b"").decode(errors="replace") + f"\nno end after {timeout} s\n"
    return Outcome(name, *counts(output, code), time.monotonic() - begin)


def jobs(build: pathlib.Path, everything: bool, timeout: int) -> tuple:
    env = {"SOUFFLEUR_BUILD": str(build), "SOUFFLEUR_ALL": "1" if everything else ""}
    parallel, alone = [], []
    for path in sorted((build / "tests").glob("*-*")):
        if os.access(path, os.X_OK) and path.is_file():
            long = everything and path.name.startswith("sim-")  # ten times as many runs
            parallel.append((path.name, [str(path)], env, max(timeout, 1800) if long else timeout))
    for path in sorted(ROOT.glob("tests/lint/*_test.py")):
        parallel.append((f"lint-{path.stem}", ["python3", str(path)], env, timeout))
    for package in ("plugin/ui-kit", "plugin/panel", "plugin/screen", "sync/console", "sync/preferences", "kiosk/ui"):
        if (ROOT / package / "vitest.config.ts").exists():
            parallel.append((f"pages-{package}", ["npm", "test", "--silent", "-w", package], env, timeout))
    for path in sorted(ROOT.glob("tests/e2e/*.test.mjs")):
        alone.append((f"e2e-{path.name}", ["node", "--test", "--test-reporter=tap", str(path)], env, timeout))
    return parallel, alone


def main() -> int:
    args = argparse.ArgumentParser()
    args.add_argument("build", type=pathlib.Path)
    args.add_argument("--jobs", type=int, default=os.cpu_count())
    args.add_argument("--only", default="")
    args.add_argument("--all", action="store_true")
    args.add_argument("--timeout", type=int, default=TIMEOUT_S, help="seconds a suite may take")
    args = args.parse_args()
    groups = [[j for j in g if re.search(args.only, j[0])] for g in jobs(args.build.resolve(), args.all, args.timeout)]
    passed = failed = skipped = 0
    for group, width in zip(groups, (args.jobs, 1)):
        with concurrent.futures.ThreadPoolExecutor(max(width, 1)) as pool:
            for outcome in pool.map(run, group):
                passed, failed, skipped = passed + outcome.passed, failed + outcome.failed, skipped + outcome.skipped
                for line in re.findall(r"^SKIPPED:.*$", outcome.output, re.M):
                    print(f"{outcome.name}: {line}")
                if outcome.failed:
                    print(f"--- {outcome.name} FAILED\n{outcome.output}\n---", flush=True)
                else:
                    print(f"{outcome.name}: {outcome.passed} passed, {outcome.seconds:.1f} s", flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
