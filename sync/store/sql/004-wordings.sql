-- Every wording of every pack that this hub had in force, with the house's own particulars as they then stood; used: an act names it.
CREATE TABLE wordings (
    id TEXT NOT NULL, version INTEGER NOT NULL, language TEXT NOT NULL, sha256 TEXT NOT NULL,
    used INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (id, version, language, sha256));
-- Placed, believed, and to be looked at: an answer to a question that the house never asked.
CREATE TABLE flagged (event BLOB PRIMARY KEY, origin BLOB NOT NULL, subject BLOB NOT NULL, reason TEXT NOT NULL);
