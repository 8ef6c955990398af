#!/usr/bin/env python3
"""tests/run.py reads every runner's closing lines, and takes none for a failure."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import run  # noqa: E402


class Counts(unittest.TestCase):
    def counts(self, output: str, code: int = 0) -> tuple:
        return run.counts(output, code)[:3]

    def test_doctest(self):
        self.assertEqual((23, 0, 2), self.counts("[doctest] test cases:  23 |  23 passed | 0 failed | 2 skipped\n"))
        self.assertEqual((20, 3, 0), self.counts("[doctest] test cases: 23 | 20 passed | 3 failed | 0 skipped\n", 1))

    def test_node(self):
        self.assertEqual((7, 3, 1), self.counts("# pass 7\n# fail 2\n# cancelled 1\n# skipped 1\n", 1))

    def test_vitest(self):
        self.assertEqual((3, 0, 0), self.counts("      Tests  3 passed (3)\n"))
        self.assertEqual((3, 1, 2), self.counts("      Tests  1 failed | 3 passed | 2 skipped (6)\n", 1))
        self.assertEqual((0, 2, 0), self.counts("\x1b[2m      Tests \x1b[22m \x1b[31m2 failed\x1b[39m (2)\n", 1))

    def test_our_own(self):
        self.assertEqual((4, 0, 0), self.counts("4 passed, 0 failed\n"))
        self.assertEqual((0, 0, 1), self.counts("SKIPPED: no package index\n0 passed, 0 failed, 1 skipped\n"))

    def test_a_crash_and_a_suite_without_tests_are_failures(self):
        self.assertEqual((0, 1, 0), self.counts("Segmentation fault\n", -11))
        self.assertEqual((23, 1, 0), self.counts("test cases: 23 | 23 passed | 0 failed | 0 skipped\nleak\n", 23))
        self.assertEqual((0, 1, 0), self.counts("", 0))
        self.assertEqual((0, 1, 0), self.counts("test cases: 0 | 0 passed | 0 failed | 0 skipped\n"))


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(bool(bad))
