-- The house: who works at head office, what was looked at, invitations, settings.
CREATE TABLE staff (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL);
CREATE TABLE audit (
    n INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, about TEXT NOT NULL);
CREATE TABLE invitations (
    code_hash BLOB PRIMARY KEY, name TEXT NOT NULL, place TEXT NOT NULL, kind TEXT NOT NULL,
    expires_at INTEGER NOT NULL, used_at INTEGER NOT NULL DEFAULT 0);
CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL);
