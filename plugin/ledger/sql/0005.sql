-- Schema version 5. Never edited after release: the next change is 0006.sql.

-- The chains of ids that this device had before it enrolled anew. header: the bytes as they were where the answer was sent
-- again under the next id; NULL where those in events are still the same.
CREATE TABLE former_chain (
    origin BLOB NOT NULL,
    seq INTEGER NOT NULL,
    event INTEGER NOT NULL,
    head BLOB NOT NULL,
    header BLOB,
    PRIMARY KEY (origin, seq)
) STRICT, WITHOUT ROWID;
