#!/usr/bin/env python3
"""The length lint finds long files and takes an answer."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_lengths  # noqa: E402

LONG = "int x;\n" * 501


class Lengths(unittest.TestCase):
    def lint(self, files: dict) -> list:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            subprocess.run(["git", "init", "-q"], cwd=root, check=True)
            subprocess.run(["git", "add", "-A"], cwd=root, check=True)
            return check_lengths.check(root)

    def test_500_lines_pass(self):
        self.assertEqual([], self.lint({"a.cpp": "int x;\n" * 500}))

    def test_501_lines_do_not(self):
        found = self.lint({"plugin/a.cpp": LONG})
        self.assertEqual(1, len(found))
        self.assertIn("plugin/a.cpp: 501 lines", found[0])

    def test_an_answer_in_the_first_ten_lines_is_taken(self):
        self.assertEqual([], self.lint({"a.cpp": "// Long because it is one table.\n" + LONG}))
        self.assertEqual(1, len(self.lint({"a.cpp": LONG + "// Long because it is one table.\n"})))

    def test_what_a_program_wrote_and_plain_texts_are_left_alone(self):
        self.assertEqual([], self.lint({"schema.gen.ts": LONG, "names.csv": LONG, "fuzz/corpus/a/b.c": LONG}))


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(bool(bad))
