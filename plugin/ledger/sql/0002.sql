-- Schema version 2. Never edited after release: the next change is 0003.sql.

-- The keyed hash of a badge's code, '' = none. Nobody shares a badge.
ALTER TABLE operators ADD COLUMN badge TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX operators_badge ON operators (badge) WHERE badge <> '';

-- Failed sign-ins that no operator's row can count: 'badge', and ids that name nobody (a bounded number of them).
CREATE TABLE doors (
    door TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    locked_until INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
