-- Schema version 3. Never edited after release: the next change is 0004.sql.

-- What was asked for under a key, hashed by the asker: a key that comes back after a restart with another request is found out.
ALTER TABLE idempotency ADD COLUMN request BLOB NOT NULL DEFAULT x'';
