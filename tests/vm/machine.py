"""The virtual machine while it runs: QEMU without a network, a line each way, and hands that pull plugs and press keys."""
import ctypes
import json
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

# Lines that start with this are for us; everything else is what the suites print.
MARK = "@@ "
ASK = "@host "
PIECE = 4096


# QEMU's names of keys on a keyboard of the United States; letters and digits are called as they are.
KEYS = {"\n": "ret", "\t": "tab", " ": "spc", "-": "minus"}
# Of QEMU's USB keyboard; more at once would be lost.
EVENTS_MAX = 16


def typed(text: str) -> list:
    """The keys that type a text, each down and up: all in one request, so that nothing comes between them."""
    strokes = []
    for c in text:
        key = KEYS.get(c, c.lower())
        shift = [("shift", True)] if c.isupper() else []
        strokes += [*shift, (key, True), (key, False), *((name, False) for name, _ in shift)]
    if len(strokes) > EVENTS_MAX:
        raise RuntimeError(f"the keyboard holds {EVENTS_MAX} events, {text!r} takes {len(strokes)}")
    return [{"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}} for key, down in strokes]


class Control:
    """QEMU's machine protocol (QMP) over a Unix socket."""

    def __init__(self, path: pathlib.Path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._lock = threading.Lock()
        json.loads(self._lines.readline())  # its greeting
        self.say("qmp_capabilities")

    def say(self, command: str, **arguments) -> None:
        with self._lock:
            self._socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
            while True:
                answer = json.loads(self._lines.readline())
                if "error" in answer:
                    raise RuntimeError(f"QEMU refuses {command}: {answer['error'].get('desc')}")
                if "return" in answer:
                    return

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


class Cable:
    """Between the machine's serial port and the virtual printer's socket, where it can be cut after so many bytes. What
    the machine sends is always read: QEMU stands still while it is not."""

    def __init__(self, machine: pathlib.Path, printer: int):
        self._machine = socket.socket(socket.AF_UNIX)
        self._machine.connect(str(machine))
        self._port = printer
        self._lock = threading.Lock()
        self._printer = None
        self._left = None  # bytes until it is cut
        self._on_cut = None
        self.join()
        self._thread = threading.Thread(target=self._outward, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Puts both ends together again."""
        line = socket.create_connection(("127.0.0.1", self._port), 30)
        line.settimeout(None)
        with self._lock:
            self._left = self._on_cut = None
            self._printer = line
        threading.Thread(target=self._inward, args=(line,), daemon=True).start()

    def cut_after(self, count: int, then) -> None:
        with self._lock:
            self._left, self._on_cut = count, then

    def _outward(self) -> None:
        while data := self._read(self._machine):
            with self._lock:
                line, then = self._printer, None
                if self._left is not None:
                    data = data[:self._left]
                    self._left -= len(data)
                    if self._left == 0:
                        then, self._on_cut, self._printer = self._on_cut, None, None
            if line and data:
                line.sendall(data)
            if then:
                line.shutdown(socket.SHUT_RDWR)
                threading.Thread(target=then, daemon=True).start()

    def _inward(self, line: socket.socket) -> None:
        while data := self._read(line):
            self._machine.sendall(data)
        line.close()

    @staticmethod
    def _read(line: socket.socket) -> bytes:
        try:
            return line.recv(PIECE)
        except OSError:
            return b""

    def close(self) -> None:
        with self._lock:
            line, self._printer = self._printer, None
        for end in (line, self._machine):
            if end:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self._thread.join(10)
        self._machine.close()


def command(kernel: pathlib.Path, initramfs: pathlib.Path, folder: pathlib.Path) -> list:
    return ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-M", "q35,i8042=off", "-accel", "tcg", "-icount", "shift=1",
            "-cpu", "qemu64,+rdrand,+ssse3,+sse4.1,+sse4.2,+popcnt", "-m", "768", "-display", "none",
            "-net", "none", "-no-reboot", "-kernel", str(kernel), "-initrd", str(initramfs),
            "-append", "console=ttyS0 rdinit=/init mitigations=off panic=-1 loglevel=4",
            "-serial", f"file:{folder / 'kernel.log'}",
            "-chardev", "stdio,id=lines,signal=off", "-serial", "chardev:lines",
            "-qmp", f"unix:{folder / 'qmp'},server=on,wait=off",
            "-device", "qemu-xhci,id=xhci",
            "-chardev", f"socket,id=paper,path={folder / 'serial'},server=on,wait=off",
            "-device", "usb-serial,chardev=paper,id=serial,bus=xhci.0",
            "-device", "usb-kbd,id=keys,bus=xhci.0"]


def end_with_parent() -> None:
    """In the child: the kernel ends it when we end in whatever way (PR_SET_PDEATHSIG of prctl(2))."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Machine:
    """Runs until the guest is through, the time is over, or QEMU ends. `ask(words)` is called with what the guest asks."""

    def __init__(self, kernel, initramfs, folder: pathlib.Path, limit: int):
        self._folder = folder
        self._qemu = subprocess.Popen(command(kernel, initramfs, folder), stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=end_with_parent)
        self._timer = threading.Timer(limit, self._qemu.kill)
        self._timer.start()
        self.limit = limit

    def connect(self, name: str, make):
        """Waits for one of QEMU's sockets."""
        end = time.monotonic() + 60
        while True:
            try:
                return make(self._folder / name)
            except (FileNotFoundError, ConnectionRefusedError):
                if self._qemu.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("QEMU did not start: " + self._qemu.stdout.read().decode(errors="replace"))
                time.sleep(0.02)  # waits for a socket of another program

    def run(self, ask) -> tuple:
        """(suites with their output, whether the guest came to its end)"""
        suites, name, lines, over = [], "boot", [], False
        for raw in self._qemu.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            if line.startswith(ASK):
                ask(line[len(ASK):].split(" ", 1))
                self._answer()
            elif begun := re.match(MARK + r"suite (\S+)$", line):
                suites.append((name, 0, "\n".join(lines)))
                name, lines = begun[1], []
            elif ended := re.match(MARK + r"end (\S+) (\d+)$", line):
                suites.append((name, int(ended[2]), "\n".join(lines)))
                name, lines = "between", []
            elif line == MARK + "over":
                over = True
            else:
                lines.append(line)
        suites.append((name, 0 if over else 124, "\n".join(lines)))
        return suites, over

    def _answer(self) -> None:
        try:
            self._qemu.stdin.write(b"ok\n")
            self._qemu.stdin.flush()
        except BrokenPipeError:
            pass  # it ended; the end of its output says so

    def stop(self) -> None:
        self._timer.cancel()
        self._qemu.kill()
        self._qemu.wait()
        for end in (self._qemu.stdin, self._qemu.stdout):
            try:
                end.close()
            except BrokenPipeError:
                pass
