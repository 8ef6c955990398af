#!/usr/bin/env python3
"""Runs test executables and page tests and sums them up. Used by ./dev test.

run.py BUILD_DIR [--jobs N] [--only PATTERN] [--all]

Quiet when all is well: one line a suite, the output of what failed, and last `N passed, N failed` with
`, N skipped` where a suite could not run here (it says why in a line that starts with `SKIPPED:`)."""
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
    """Reads doctest's, node's and our own closing lines; no such line and exit 0 is a suite that ran
    nothing, which is a failure."""
    skipped = len(re.findall(r"^SKIPPED:", output, re.M))
    passed = failed = 0
    found = False
    for match in re.finditer(r"test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed", output):
        passed, failed, found = passed + int(match[1]), failed + int(match[2]), True
    node = {m[1]: int(m[2]) for m in re.finditer(r"^(?:#|ℹ) (pass|fail|skipped|cancelled) (\d+)$", output, re.M)}
    if node:
        passed, failed, found = passed + node.get("pass", 0), failed + node.get("fail", 0) + node.get("cancelled", 0), True
        skipped += node.get("skipped", 0)
    vitest = re.search(r"^\s*Tests\s+(?:(\d+) failed[ |]+)?(?:(\d+) passed)?", re.sub(r"\x1b\[[0-9;]*m", "", output), re.M)
    if vitest and (vitest[1] or vitest[2]):
        passed, failed, found = passed + int(vitest[2] or 0), failed + int(vitest[1] or 0), True
    for match in re.finditer(r"^(\d+) passed, (\d+) failed", output, re.M):
        passed, failed, found = passed + int(match[1]), failed + int(match[2]), True
    if code != 0 and failed == 0:
        failed = 1
    if not found and code == 0 and not skipped:
        failed = 1
        output += "\nthis suite ran no test\n"
    return passed, failed, skipped, output


def run(job: tuple) -> Outcome:
    name, command, env = job
    begin = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False)
        code, output = done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as hung:
        code, output = 124, (hung.stdout or b"").decode(errors="replace") + f"\nno end after {TIMEOUT_S} s\n"
    return Outcome(name, *counts(output, code), time.monotonic() - begin)


def jobs(build: pathlib.Path, everything: bool) -> tuple:
    env = {"SOUFFLEUR_BUILD": str(build), "SOUFFLEUR_ALL": "1" if everything else ""}
    parallel, alone = [], []
    for path in sorted((build / "tests").glob("*-*")):
        if os.access(path, os.X_OK) and path.is_file():
            parallel.append((path.name, [str(path)], env))
    for path in sorted(ROOT.glob("tests/lint/*_test.py")):
        parallel.append((f"lint-{path.stem}", ["python3", str(path)], env))
    for package in ("plugin/ui-kit", "plugin/panel", "sync/console"):
        if (ROOT / package / "vitest.config.ts").exists():
            parallel.append((f"pages-{package}", ["npm", "test", "--silent", "-w", package], env))
    for path in sorted(ROOT.glob("tests/e2e/*.test.mjs")):
        alone.append((f"e2e-{path.name}", ["node", "--test", "--test-reporter=tap", str(path)], env))
    return parallel, alone


def main() -> int:
    args = argparse.ArgumentParser()
    args.add_argument("build", type=pathlib.Path)
    args.add_argument("--jobs", type=int, default=os.cpu_count())
    args.add_argument("--only", default="")
    args.add_argument("--all", action="store_true")
    args = args.parse_args()
    groups = [[j for j in g if re.search(args.only, j[0])] for g in jobs(args.build.resolve(), args.all)]
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
