-- Schema version 8. Never edited after release: the next change is 0009.sql.
--
-- Whole payloads of own captures under a key that only head office gives (plugin/doc/adr/0010): nonce, AES-256-GCM, tag; about
-- the event's id. In events stands what may stay readable: 32 zero bytes in place of a salt, and no address.
CREATE TABLE IF NOT EXISTS sealed (
    event INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
