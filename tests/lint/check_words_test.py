#!/usr/bin/env python3
"""The word lint finds what it should, and nothing in a tidy tree."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).parent / "check_words.py"
TIDY = {"README.md": "# x\n", "plugin/README.md": "# plugin\n", "plugin/base/README.md": "# base\n",
        "plugin/base/A.h": "// /tmp/souffleur-XXXXXX, ~/.cache and https://example.org/home/page are nobody's home\n"}


class WordLint(unittest.TestCase):
    def lint(self, files: dict) -> tuple:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**TIDY, **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                if text is not None:
                    (root / name).write_text(text)
            subprocess.run(["git", "init", "-q"], cwd=root, check=True)
            subprocess.run(["git", "add", "-A"], cwd=root, check=True)
            done = subprocess.run([sys.executable, LINT, root], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def refused(self, files: dict, said: str):
        code, out = self.lint(files)
        self.assertEqual(1, code, out)
        self.assertIn(said, out)
        self.assertEqual(1, out.count("\n"), out)

    def test_a_tidy_tree_passes(self):
        self.assertEqual((0, ""), self.lint({}))

    def test_a_registry_is_found_with_its_line(self):
        host = "registry." + "npmjs" + ".org"
        self.refused({"plugin/base/B.h": f"// one\n// https://{host}/x\n"}, "plugin/base/B.h:2: a registry")

    def test_a_path_of_one_machine_is_found(self):
        for path in ("/ho" + "me/anna/x", "/wo" + "rk/main", "/tm" + "p/wt/x", '"/Use' + 'rs/anna'):
            self.refused({"plugin/base/notes.md": f"see {path}\n"}, "a path of one machine")

    def test_unfinished_work_is_found_in_code_only(self):
        note = "TO" + "DO"
        self.refused({"plugin/base/C.cpp": f"int x; // {note} later\n"}, "unfinished work")
        self.assertEqual((0, ""), self.lint({"plugin/base/names.csv": f"{note} Bunda\n"}))

    def test_an_open_merge_is_found(self):
        self.refused({"plugin/base/C.cpp": "<" * 7 + " ours\n"}, "a merge left open")

    def test_a_room_without_a_readme_is_found(self):
        self.refused({"plugin/wire/D.h": "int x;\n"}, "plugin/wire: no README.md")

    def test_a_remote_address_in_a_lock_file_is_found(self):
        lock = {"packages": {"node_modules/a": {"resolved": "https://example.org/a.tgz"},
                             "node_modules/b": {"resolved": "plugin/b", "link": True}}}
        self.refused({"package-lock.json": json.dumps(lock)}, "node_modules/a has a remote address")

    def test_binary_files_and_corpora_are_left_alone(self):
        note = "// TO" + "DO\n"
        self.assertEqual((0, ""), self.lint({"plugin/base/corpus/x.cpp": note, "plugin/base/p.cpp": "\0" + note}))


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(bool(bad))
