#!/usr/bin/env python3
"""check_sql.py finds what only one database understands, and lets the rest pass."""
import pathlib
import sys
import tempfile
import unittest

import check_sql

SHARED = "-- :one\nSELECT max(n), coalesce(a, b) FROM t WHERE a = ? AND b = 'random(x)' -- RETURNING\n"
OWN = "-- :random\nSELECT 1\n"
TABLES = 'CREATE TABLE t (a BYTEA NOT NULL, text TEXT COLLATE "C" NOT NULL, n BIGINT);\n'


class CheckSqlTest(unittest.TestCase):
    def faults(self, shared="", sqlite="", postgres="", tables=""):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name) / check_sql.FOLDER
            folder.mkdir(parents=True)
            (folder / "statements.sql").write_text(SHARED + shared)
            (folder / "sqlite.sql").write_text(OWN + sqlite)
            (folder / "postgres.sql").write_text(OWN + postgres)
            (folder / "postgres-001-hub.sql").write_text(TABLES + tables)
            return check_sql.check(pathlib.Path(name))

    def test_the_tree_is_in_order(self):
        self.assertEqual(check_sql.check(pathlib.Path(__file__).resolve().parents[2]), [])

    def test_what_both_understand_passes(self):
        self.assertEqual(self.faults(), [])

    def test_what_one_alone_understands_is_found(self):
        for text in ("SELECT max(a, b) FROM t", "SELECT max(coalesce(a, 1), b)", "UPDATE t SET a = X''",
                     "INSERT OR IGNORE INTO t VALUES (1)", "SELECT a::text FROM t", "SELECT rowid FROM t",
                     "DELETE FROM t RETURNING a", "SELECT greatest(a, b)", "SELECT a FROM t WHERE a LIKE 'x'",
                     "SELECT a FROM t FOR UPDATE", "SELECT a FROM t WHERE a = ? AND b = ?2"):
            self.assertEqual(len(self.faults(shared=f"-- :two\n{text}\n")), 1, text)

    def test_what_one_says_alone_the_other_must_say_too(self):
        self.assertEqual(len(self.faults(postgres="-- :own\nSELECT 2\n")), 1)
        self.assertEqual(self.faults(postgres="-- :one\nSELECT 2\n"), [])

    def test_tables_stay_fit_for_more_machines(self):
        for line in ("CREATE TABLE u (n BIGSERIAL);", "CREATE TABLE u (a TEXT);", "CREATE TABLE u (a BYTEA REFERENCES t);",
                     "CREATE TRIGGER x;", "CREATE TABLE u (at TIMESTAMP);"):
            self.assertEqual(len(self.faults(tables=line + "\n")), 1, line)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(bool(bad))
