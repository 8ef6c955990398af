-- How much of a device that forked is kept (sync/store/Forks.h): all it ever sent, settled or not. full_at: when there was no
-- room for more, 0 = there is.
CREATE TABLE IF NOT EXISTS forked_held (
    origin BLOB PRIMARY KEY, events INTEGER NOT NULL, bytes INTEGER NOT NULL, full_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
INSERT INTO forked_held (origin, events, bytes)
    SELECT origin, count(*), sum(length(header) + coalesce(length(payload), 0)) FROM forked GROUP BY origin ON CONFLICT DO NOTHING;
-- What the wordings said, so that the receipt of an old act can show what was asked (plugin/doc/adr/0001).
CREATE TABLE IF NOT EXISTS wording_texts (
    id TEXT NOT NULL, version INTEGER NOT NULL, language TEXT NOT NULL, sha256 TEXT NOT NULL, label TEXT NOT NULL,
    detail TEXT NOT NULL, line TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (id, version, language, sha256));
-- Why staff changed what is said of a person: a word of a closed list, never a text.
ALTER TABLE audit ADD COLUMN reason TEXT NOT NULL DEFAULT '';
