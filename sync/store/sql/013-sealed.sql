-- What kiosks sent, each once (plugin/doc/adr/0013). digest: SHA-256 of the sealed bytes. kept: why it could not be placed; item:
-- then the bytes as they came, else NULL.
CREATE TABLE IF NOT EXISTS sealed (
    origin BLOB NOT NULL, number INTEGER NOT NULL, digest BLOB NOT NULL, key INTEGER NOT NULL, kept TEXT NOT NULL DEFAULT '',
    received_at INTEGER NOT NULL, item BLOB, PRIMARY KEY (origin, number, digest)) WITHOUT ROWID;
-- The keys that sign-ups are sealed for; private: encrypted with a secret of head office's folder.
CREATE TABLE IF NOT EXISTS intake_keys (
    number INTEGER PRIMARY KEY, certificate TEXT NOT NULL, private BLOB NOT NULL, made_at INTEGER NOT NULL);
-- The oldest of them that a kiosk may still need.
CREATE TABLE IF NOT EXISTS intake_needs (origin BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
