-- Schema version 7. Never edited after release: the next change is 0008.sql.
--
-- Whom the code of a slip was given to, by the hash of the code (64 hex digits): the first act that came with it. What older
-- builds took in is read as they read it, in the order in which it came.
CREATE TABLE IF NOT EXISTS slips (
    hash BLOB NOT NULL PRIMARY KEY,
    event INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO slips
SELECT substr(header, instr(header, X'22736C6970223A22') + 8, 64), num FROM events
WHERE kind = 0 AND instr(header, X'22736C6970223A22') > 0 ORDER BY num;
DROP INDEX IF EXISTS events_slip;
