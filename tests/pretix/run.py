#!/usr/bin/env python3
"""The follower against a real pretix on loopback: `run.py BUILD_DIR`, or `./dev test pretix`.

Installs a pinned pretix into the cache folder (once; some minutes and 600 MB), prepares its database (once), starts a
copy of it, makes a house with events, customers and orders through its API, and watches what the till makes of them.
Where the package index cannot be reached it says so in a line `SKIPPED: …`. Last line: N passed, N failed, N skipped."""
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import scenario  # noqa: E402

VERSION = "2026.8.0"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "souffleur" / f"pretix-{VERSION}"
START_S = 180
INSTALL_S = 1800
# A prepared database is good as long as what prepared it is the same.
STAMP = "1\n" + (HERE / "prepare.py").read_text(encoding="utf-8")


def say(text: str) -> None:
    print(text, flush=True)


def skip(why: str) -> int:
    say(f"SKIPPED: {why}")
    say("0 passed, 0 failed, 1 skipped")
    return 0


def python_of(venv: pathlib.Path) -> pathlib.Path:
    return venv / "bin" / "python"


def installed() -> bool:
    return (CACHE / "installed").exists() and python_of(CACHE / "venv").exists()


def install(log) -> str:
    """Makes the environment; what went wrong, or nothing."""
    if installed():
        return ""
    say(f"pretix: installing {VERSION} into the cache (once, some minutes)")
    system = "/usr/bin/python3" if pathlib.Path("/usr/bin/python3").exists() else sys.executable
    pip = [str(python_of(CACHE / "venv")), "-m", "pip", "--disable-pip-version-check"]
    try:
        if not python_of(CACHE / "venv").exists():
            subprocess.run([system, "-m", "venv", str(CACHE / "venv")], check=True, stdout=log, stderr=log,
                           timeout=INSTALL_S)
        reached = subprocess.run([*pip, "download", "--no-deps", "-q", "--retries", "1", "-d",
                                  str(CACHE / "wheel"), f"pretix=={VERSION}"], check=False, stdout=log, stderr=log,
                                 timeout=INSTALL_S)
        if reached.returncode != 0:
            return f"pretix {VERSION} is not in the cache and the package index cannot be reached"
        subprocess.run([*pip, "install", "-q", "--find-links", str(CACHE / "wheel"), f"pretix=={VERSION}"], check=True,
                       stdout=log, stderr=log, timeout=INSTALL_S)
    except (subprocess.SubprocessError, OSError):
        return f"pretix {VERSION} could not be installed, see {log.name}"
    (CACHE / "installed").write_text(VERSION, encoding="ascii")
    return ""


def prepare(log) -> None:
    """Tables, organizer and tokens: made once, copied for each run."""
    stamp = CACHE / "base" / "stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == STAMP:
        return
    say("pretix: preparing its database (once, some minutes)")
    shutil.rmtree(CACHE / "base", ignore_errors=True)
    (CACHE / "base").mkdir()
    subprocess.run([str(python_of(CACHE / "venv")), str(HERE / "prepare.py"), str(CACHE / "base")], check=True,
                   stdout=log, stderr=log, timeout=INSTALL_S)
    stamp.write_text(STAMP, encoding="utf-8")


def start(folder: pathlib.Path, log) -> tuple:
    server = subprocess.Popen([str(python_of(CACHE / "venv")), str(HERE / "serve.py"), str(folder)], stdout=log, stderr=log,
                              stdin=subprocess.DEVNULL)
    end = time.monotonic() + START_S
    while not (folder / "port").exists():
        if server.poll() is not None or time.monotonic() > end:
            stop(server)
            raise RuntimeError(f"pretix did not start, see {log.name}")
        time.sleep(0.1)  # waits for a file another program writes
    return server, f"http://127.0.0.1:{int((folder / 'port').read_text(encoding='ascii'))}"


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(build: pathlib.Path, log) -> int:
    subprocess.run(["cmake", "--build", str(build), "--target", "pretix-harness"], check=True, stdout=log, stderr=log)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="souffleur-pretix-"))
    try:
        shutil.copytree(CACHE / "base" / "data", folder / "data")
        for name in ("token", "till-token"):
            shutil.copy(CACHE / "base" / name, folder / name)
            (folder / name).chmod(0o600)
        server, url = start(folder, log)
        try:
            passed, failed = scenario.run(url, folder, build / "tests" / "support" / "pretix-harness")
        finally:
            stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit("usage: run.py BUILD_DIR")
    build = pathlib.Path(sys.argv[1]).resolve()
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(build / "pretix.log", "w", encoding="utf-8") as log, open(CACHE / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another clone may be installing
        problem = install(log)
        if problem:
            return skip(problem)
        try:
            prepare(log)
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)
        return run(build, log)


if __name__ == "__main__":
    sys.exit(main())
