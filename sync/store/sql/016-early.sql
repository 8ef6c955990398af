-- Noes by the code of a slip that came before its act (plugin/doc/adr/0013). hash: as in slips; event: the withdrawal that is made
-- once the act is here; origin: the kiosk that took the code.
CREATE TABLE IF NOT EXISTS early (
    hash BLOB NOT NULL, event BLOB NOT NULL, origin BLOB NOT NULL, at INTEGER NOT NULL, unc INTEGER NOT NULL,
    offset_min INTEGER NOT NULL, received_at INTEGER NOT NULL, PRIMARY KEY (hash, event)) WITHOUT ROWID;
