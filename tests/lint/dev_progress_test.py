#!/usr/bin/env python3
"""./dev says how far a long step is while it lasts, and hands on how it ended."""
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A step that goes on until its reader has heard of it, or for a minute.
STEP = """
source ./dev >/dev/null
tell_every=0.1
step() {
    echo '[3/10] Building something'
    for ((i = 0; i < 600; i++)); do
        [ ! -e "$1" ] || return "$2"
        sleep 0.1
    done
    return 99
}
telling "$1/log" 'building dev' step "$1/heard" "$2" || code=$?
echo "ended ${code:-0}"
"""


class Progress(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, code: int, stderr: int) -> subprocess.Popen:
        # Its own name stands for the folder that it goes to.
        return subprocess.Popen(["bash", "-c", STEP, str(ROOT / "dev"), str(self.folder), str(code)], cwd=ROOT,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True)

    def test_lines_where_nobody_sits_at_a_terminal(self):
        for code in (0, 7):
            (self.folder / "heard").unlink(missing_ok=True)
            with self.start(code, subprocess.PIPE) as step:
                line = step.stderr.readline()
                while "[3/10]" not in line:  # it had not begun yet
                    self.assertRegex(line, r"^dev: building dev \d+ s\n$")
                    line = step.stderr.readline()
                self.assertRegex(line, r"^dev: building dev \[3/10\], \d+ s\n$")
                (self.folder / "heard").touch()
                out, _ = step.communicate(timeout=60)
            self.assertEqual(f"ended {code}\n", out)
            self.assertEqual("[3/10] Building something\n", (self.folder / "log").read_text())

    def test_one_line_on_a_terminal_that_goes_away(self):
        ours, theirs = pty.openpty()
        with self.start(0, theirs) as step:
            os.close(theirs)
            said = b""
            while b"[3/10]" not in said:
                said += os.read(ours, 4096)
            (self.folder / "heard").touch()
            out, _ = step.communicate(timeout=60)
        rest = b""
        try:
            while chunk := os.read(ours, 4096):
                rest += chunk
        except OSError:
            pass  # nobody has the other end any more
        os.close(ours)
        self.assertEqual("ended 0\n", out)
        self.assertNotIn(b"\n", said + rest)
        self.assertTrue((said + rest).endswith(b"\r\x1b[K"), rest)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(bool(bad))
