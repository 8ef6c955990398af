#!/usr/bin/env python3
"""Printers and scanners on a real kernel: `run.py BUILD_DIR [SUITE…]`, or `./dev test vm`.

Boots Debian's kernel under QEMU (no acceleration, no network) with our suites inside. Where the packages cannot be
fetched it says so in a line `SKIPPED: …`. Last line: N passed, N failed, N skipped."""
import fcntl
import importlib.util
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import image  # noqa: E402
import machine  # noqa: E402

SUITES = ("vm-usb", "vm-hid", "vm-serial", "vm-scanner")
LIMIT_S = 900
WHOLE = "7K3-M9Q"  # the last line of each sample slip


def say(text: str) -> None:
    print(text, flush=True)


def skip(why: str) -> int:
    say(f"SKIPPED: {why}")
    say("0 passed, 0 failed, 1 skipped")
    return 0


def counts():
    """tests/run.py reads doctest's closing lines already."""
    spec = importlib.util.spec_from_file_location("suites", ROOT / "tests" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.counts


class Emulator:
    """`souffleur emulator`: the printer at the other end of the serial line."""

    def __init__(self, build: pathlib.Path, folder: pathlib.Path):
        ports = folder / "ports.json"
        self._process = subprocess.Popen(
            [str(build / "bin" / "souffleur"), "emulator", "--profile", "epson-tm-t20iii", "--port", "0", "--page-port", "0",
             "--ports-file", str(ports), "--with-parent"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not ports.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError("souffleur emulator did not start")
            time.sleep(0.02)  # waits for a file another program writes
        told = json.loads(ports.read_text(encoding="utf-8"))
        self.port, self._page = told["printer"], told["page"]

    def _open(self, path: str, **more):
        return urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{self._page}{path}", headers={"X-Emulator": "1"}, **more),
            timeout=30)

    def faults(self, form: str) -> None:
        self._open("/faults", data=form.encode(), method="POST").close()

    def whole_slips(self) -> int:
        with self._open("/receipts.json") as answer:
            return sum(WHOLE in receipt["text"] for receipt in json.load(answer)["receipts"])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)


class Hands:
    """What the guest asks of the world outside: a line `@host WORD …`."""

    def __init__(self, emulator: Emulator, control: machine.Control, cable: machine.Cable):
        self._emulator, self._control, self._cable = emulator, control, cable
        self.checks = []  # (holds, words)

    def __call__(self, words: list) -> None:
        try:
            self._do(words[0], words[1] if len(words) > 1 else "")
        except (RuntimeError, OSError) as why:
            self.checks.append((False, f"{' '.join(words)}: {why}"))

    def _add(self, driver: str, **options) -> None:
        """QEMU lets go of the name and the line of an unplugged device a little later."""
        end = time.monotonic() + 60
        while True:
            try:
                return self._control.say("device_add", driver=driver, bus="xhci.0", **options)
            except RuntimeError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _do(self, word: str, rest: str) -> None:
        if word == "faults":
            self._emulator.faults(rest)
        elif word == "pull-after":
            self._cable.cut_after(int(rest), lambda: self._control.say("device_del", id="serial"))
        elif word == "plug":
            self._cable.join()
            self._add("usb-serial", chardev="paper", id="serial")
        elif word == "whole-slips":
            found = self._emulator.whole_slips()
            self.checks.append((found == int(rest), f"whole slips on the serial printer's paper: {found}, not {rest}"))
        elif word == "type":
            self._control.say("input-send-event", events=machine.typed(json.loads(rest)))
        elif word == "unplug-keys":
            self._control.say("device_del", id="keys")
        elif word == "plug-keys":
            self._add("usb-kbd", id="keys")
        else:
            self.checks.append((False, f"the guest asks for something unknown: {word}"))


def judge(wanted: list, suites: list, over: bool, checks: list, limit: int) -> tuple:
    read = counts()
    passed = failed = skipped = 0
    seen = set()
    for name, code, output in suites:
        if name in wanted:
            seen.add(name)
            good, bad, left, output = read(output, code)
        else:  # nothing is to be said outside of the suites
            good, bad, left = 0, 1 if code != 0 or "failed" in output else 0, 0
        passed, failed, skipped = passed + good, failed + bad, skipped + left
        if bad:
            say(f"--- {name} FAILED\n{output}\n---")
        elif name in wanted:
            say(f"{name}: {good} passed")
    for holds, words in checks:
        passed, failed = passed + holds, failed + (not holds)
        if not holds:
            say(f"--- {words}")
    if not over:
        failed += 1
        say(f"--- the machine did not come to its end within {limit} s; not run: {sorted(set(wanted) - seen)}")
    return passed, failed, skipped


def run(build: pathlib.Path, wanted: list, made: pathlib.Path, log) -> int:
    begin = time.monotonic()
    subprocess.run(["cmake", "--build", str(build), "--target", "souffleur", *wanted], check=True, stdout=log, stderr=log)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="souffleur-vm-"))
    stops = []
    try:
        initramfs = image.build(made, [build / "vm" / name for name in wanted], folder)
        emulator = Emulator(build, folder)
        stops.append(emulator.stop)
        guest = machine.Machine(made / "vmlinuz", initramfs, folder, LIMIT_S)
        stops.append(guest.stop)
        control = guest.connect("qmp", machine.Control)
        stops.append(control.close)
        cable = guest.connect("serial", lambda path: machine.Cable(path, emulator.port))
        stops.append(cable.close)
        hands = Hands(emulator, control, cable)
        suites, over = guest.run(hands)
        passed, failed, skipped = judge(wanted, suites, over, hands.checks, LIMIT_S)
        if failed:
            say("--- the kernel's last words\n" + (folder / "kernel.log").read_text(errors="replace")[-4000:] + "\n---")
    finally:
        for stop in reversed(stops):
            stop()
        shutil.rmtree(folder, ignore_errors=True)
    say(f"vm: {time.monotonic() - begin:.0f} s")
    say(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or passed == 0 else 0


def main() -> int:
    wanted = sys.argv[2:] or list(SUITES)
    if len(sys.argv) < 2 or not set(wanted) <= set(SUITES):
        sys.exit(f"usage: run.py BUILD_DIR [{'|'.join(SUITES)} …]")
    build = pathlib.Path(sys.argv[1]).resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave nothing behind then, either
    image.CACHE.mkdir(parents=True, exist_ok=True)
    if not shutil.which("qemu-system-x86_64"):
        return skip("qemu-system-x86 is not installed; ./dev test vm installs it")
    with open(build / "vm.log", "w", encoding="utf-8") as log, open(image.CACHE / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another clone may be fetching
        try:
            made = image.prepare(log)
        except image.Unavailable as why:
            return skip(str(why))
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)
        return run(build, wanted, made, log)


if __name__ == "__main__":
    sys.exit(main())
