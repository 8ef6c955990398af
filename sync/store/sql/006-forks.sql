-- What a device said that forked, raw: it is not in the chain and never will be. A no among it suppresses its subject until
-- the same answer has its place in the log (settled), sent anew by the device under another id.
CREATE TABLE forked (
    subject BLOB NOT NULL, origin BLOB NOT NULL, leaf BLOB NOT NULL, seq INTEGER NOT NULL, neg INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0, received_at INTEGER NOT NULL, header BLOB NOT NULL, payload BLOB,
    PRIMARY KEY (subject, origin, leaf));
CREATE INDEX forked_origin ON forked (origin, settled);
