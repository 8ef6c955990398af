-- What waits for head office, and what it has for less than thirty days: sealed bytes alone. A number is never used twice, so
-- the next one is kept apart from the items. acked_at: when head office had it, by head office's clock; 0 = it has not. origin: the kiosk's id
-- under which it was signed; NULL = of an older build, under the one it had then.
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
    number INTEGER PRIMARY KEY, key INTEGER NOT NULL, sealed BLOB NOT NULL, sig BLOB NOT NULL, fate TEXT NOT NULL DEFAULT '',
    acked_at INTEGER NOT NULL DEFAULT 0, origin BLOB);
CREATE INDEX IF NOT EXISTS items_waiting ON items (number) WHERE fate = '';
-- Anonymous questionnaires that wait until their day is over (plugin/doc/adr/0016): by a random id, without a number and without a time,
-- so that no order is kept. They go once head office counted them.
CREATE TABLE IF NOT EXISTS ballots (
    id BLOB PRIMARY KEY, day INTEGER NOT NULL, key INTEGER NOT NULL, sealed BLOB NOT NULL, sig BLOB NOT NULL) WITHOUT ROWID;
