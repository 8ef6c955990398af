#!/usr/bin/env python3
"""The statements that every database of the hub runs (sync/store/sql/statements.sql) may hold nothing that only one of them
understands; what one says in its own way stands in sqlite.sql or postgres.sql, and both of these name the same statements.
Tables of PostgreSQL's (postgres-*.sql) keep to what can be spread over several machines later, and compare texts by bytes.
Runs alone: `python3 tests/lint/check_sql.py [ROOT]`; exit 0 when all is well, else 1 with a line each."""
import pathlib
import re
import sys

FOLDER = "sync/store/sql"

# (what, why), searched without texts in quotes and comments.
SHARED = [
    (r"\b(max|min)\s*\((?=[^()]*(\([^()]*\)[^()]*)*,)", "max and min of several values are SQLite's: use CASE"),
    (r"\bX'", "a literal of bytes is SQLite's: bind it"),
    (r"\b(instr|ifnull|iif|total|group_concat|printf|typeof|zeroblob|julianday|strftime|unixepoch|random|changes)\s*\(",
     "only SQLite has this function"),
    (r"\b(rowid|GLOB|MATCH|PRAGMA|AUTOINCREMENT|WITHOUT\s+ROWID|INDEXED\s+BY)\b|\bINSERT\s+OR\b|\bREPLACE\s+INTO\b",
     "only SQLite understands this"),
    (r"::|\$\d|\bILIKE\b|\bRETURNING\b|\bFOR\s+(UPDATE|SHARE)\b|\bDISTINCT\s+ON\b|\bLATERAL\b|\bANY\s*\(|\bUNNEST\b",
     "not everywhere understood"),
    (r"\b(greatest|least|encode|decode|now|generate_series|nextval|pg_\w+|to_regclass|octet_length)\s*\(",
     "only PostgreSQL has this function"),
    (r"\bLIKE\b", "LIKE minds case in one and not in the other"),
]
TABLES = [
    (r"\b(BIG)?SERIAL\b|\bSEQUENCE\b|\bnextval\b|\bGENERATED\b|\bIDENTITY\b", "no sequences and no generated columns"),
    (r"\bTRIGGER\b|\bRULE\b|\bFUNCTION\b|\bLISTEN\b|\bNOTIFY\b", "nothing happens by itself"),
    (r"\bDEFERRABLE\b|\bREFERENCES\b|\bFOREIGN\s+KEY\b", "no foreign keys, nothing deferred"),
    (r"\bTEXT\b(?!\s+COLLATE\s+\"C\")", "a text without COLLATE \"C\" has another order than SQLite's"),
    (r"\bVARCHAR\b|\bTIMESTAMP\b|\bSMALLINT\b|\bNUMERIC\b|\bBOOLEAN\b", "columns are BYTEA, BIGINT and TEXT"),
]


def bare(sql: str) -> str:
    """Without comments and what stands in quotes (their opening stays, so that X' is seen)."""
    sql = re.sub(r"--[^\n]*", "", sql)
    return re.sub(r"'[^']*'", "''", sql)


def statements(path: pathlib.Path) -> dict:
    found, name = {}, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := re.match(r"-- :(\S+)$", line):
            name = match[1]
            if name in found:
                raise SystemExit(f"{path}:{number}: {name} stands twice")
            found[name] = (number, "")
        elif name:
            found[name] = (found[name][0], found[name][1] + line + "\n")
    return found


def check(root: pathlib.Path) -> list:
    folder, faults = root / FOLDER, []
    shared = statements(folder / "statements.sql")
    for name, (number, text) in shared.items():
        faults += [f"{FOLDER}/statements.sql:{number}: {name}: {why}" for what, why in SHARED
                   if re.search(what, bare(text), re.I)]
        kinds = {"numbered" if mark[1] else "in order" for mark in re.finditer(r"\?(\d*)", bare(text))}
        if len(kinds) > 1:
            faults.append(f"{FOLDER}/statements.sql:{number}: {name}: arguments are all numbered or none is")
    own = {each: statements(folder / each) for each in ("sqlite.sql", "postgres.sql")}
    for each, other in (("sqlite.sql", "postgres.sql"), ("postgres.sql", "sqlite.sql")):
        for name, (number, _) in own[each].items():
            if name not in own[other] and name not in shared:
                faults.append(f"{FOLDER}/{each}:{number}: {name} is missing in {other}")
    for path in sorted(folder.glob("postgres-*.sql")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            faults += [f"{FOLDER}/{path.name}:{number}: {why}" for what, why in TABLES
                       if re.search(what, bare(line).replace("text TEXT", "TEXT"), re.I)]
    return faults


def main() -> int:
    faults = check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
