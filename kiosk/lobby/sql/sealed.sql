-- What waits for head office, and what it has for less than thirty days: sealed bytes alone. A number is never used twice, so
-- the next one is kept apart from the items. acked_at: when head office had it, by head office's clock; 0 = it has not.
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
    number INTEGER PRIMARY KEY, key INTEGER NOT NULL, sealed BLOB NOT NULL, sig BLOB NOT NULL, fate TEXT NOT NULL DEFAULT '',
    acked_at INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS items_waiting ON items (number) WHERE fate = '';
