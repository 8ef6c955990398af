#!/usr/bin/env python3
"""The layer lint finds what it should: a forbidden room, a forbidden library, a stray folder, a cycle."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).parent / "check_layers.py"
ARROWS = "plugin/base : | expected\nplugin/consent : plugin/base | expected\nplugin/http : plugin/base | poco\n"


class LayerLint(unittest.TestCase):
    def lint(self, files: dict, arrows: str = ARROWS) -> tuple:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {"tests/lint/arrows.txt": arrows, "plugin/base/A.h": "#include <vector>\n", **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            done = subprocess.run([sys.executable, LINT, root], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def test_an_allowed_arrow_passes(self):
        self.assertEqual((0, ""), self.lint({"plugin/consent/B.h": '#include "plugin/base/A.h"\n'}))

    def test_an_upward_arrow_fails(self):
        code, out = self.lint({"plugin/consent/B.h": '#include "plugin/http/C.h"\n', "plugin/http/C.h": ""})
        self.assertEqual(1, code)
        self.assertIn("plugin/consent/B.h:1: plugin/consent may not use plugin/http", out)

    def test_a_foreign_library_fails(self):
        code, out = self.lint({"plugin/consent/B.h": "#include <Poco/Net/Socket.h>\n"})
        self.assertEqual(1, code)
        self.assertIn("may not use the library poco", out)

    def test_a_folder_outside_the_plan_fails(self):
        self.assertEqual(1, self.lint({"plugin/extra/B.cpp": "int x;\n"})[0])

    def test_a_missing_header_fails(self):
        self.assertIn("does not exist", self.lint({"plugin/consent/B.h": '#include "plugin/base/Gone.h"\n'})[1])

    def test_product_code_never_includes_tests(self):
        self.assertEqual(1, self.lint({"plugin/consent/B.h": '#include "tests/support/X.h"\n'})[0])

    def test_a_cycle_in_the_plan_fails(self):
        code, out = self.lint({}, "plugin/a : plugin/b |\nplugin/b : plugin/a |\nplugin/base : |\n")
        self.assertEqual(1, code)
        self.assertIn("cycle", out)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(bool(bad))
