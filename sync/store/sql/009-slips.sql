-- Whom the code of a slip was given to, by the hash of the code (64 hex digits): the first act that came with it. What older
-- builds took in is read as they read it, in the order in which it came.
CREATE TABLE IF NOT EXISTS slips (hash BLOB PRIMARY KEY, subject BLOB NOT NULL, event BLOB NOT NULL) WITHOUT ROWID;
INSERT INTO slips (hash, subject, event)
    SELECT substr(header, instr(header, X'22736C6970223A22') + 8, 64), subject, id FROM events
    WHERE kind = 'act' AND instr(header, X'22736C6970223A22') > 0 ORDER BY received_at, id ON CONFLICT DO NOTHING;
DROP INDEX IF EXISTS events_slip;
