-- The log. A shard is the subject's first byte modulo 64; pos is gap-free within its shard and is the leaf
-- index and the pull cursor. header and payload are the device's bytes, verbatim.
CREATE TABLE origins (
    origin BLOB PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, place TEXT NOT NULL,
    public_key BLOB NOT NULL, fingerprint TEXT NOT NULL, status TEXT NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0, head BLOB NOT NULL, enrolled_at INTEGER NOT NULL,
    last_seen INTEGER NOT NULL DEFAULT 0, clock_unc INTEGER NOT NULL DEFAULT -1);
CREATE TABLE shards (shard INTEGER PRIMARY KEY, pos INTEGER NOT NULL);
CREATE TABLE events (
    subject BLOB NOT NULL, id BLOB NOT NULL, shard INTEGER NOT NULL, pos INTEGER NOT NULL,
    origin BLOB NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, neg INTEGER NOT NULL,
    at INTEGER NOT NULL, received_at INTEGER NOT NULL, leaf BLOB NOT NULL,
    header BLOB NOT NULL, payload BLOB,
    PRIMARY KEY (subject, id)) WITHOUT ROWID;
CREATE INDEX events_pos ON events (shard, pos);
CREATE INDEX events_origin ON events (origin, seq);
CREATE INDEX events_id ON events (id);
-- What could never be accepted: kept raw, acknowledged, alarmed. A negative suppresses its subject.
-- newer: of a version that this build does not read; a later build tries again.
CREATE TABLE quarantine (
    origin BLOB NOT NULL, seq INTEGER NOT NULL, subject BLOB NOT NULL, neg INTEGER NOT NULL,
    reason TEXT NOT NULL, newer INTEGER NOT NULL, received_at INTEGER NOT NULL, header BLOB NOT NULL, payload BLOB,
    PRIMARY KEY (subject, origin, seq));
-- Projections.
CREATE TABLE subjects (
    subject BLOB PRIMARY KEY, person BLOB NOT NULL, display TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '', restricted INTEGER NOT NULL DEFAULT 0,
    erased_to INTEGER NOT NULL DEFAULT 0, named_at INTEGER NOT NULL DEFAULT 0,
    language_at INTEGER NOT NULL DEFAULT 0, restricted_at INTEGER NOT NULL DEFAULT 0,
    orders INTEGER NOT NULL DEFAULT 0, customer_since INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0);
CREATE INDEX subjects_person ON subjects (person);
-- How far each device was served: what its answers may name as seen.
CREATE TABLE served (origin BLOB PRIMARY KEY, cursor TEXT NOT NULL);
-- Both directions of every link; `ended` by an unlink that may arrive first. `event` is the link's id, and
-- an unlink stands here under its own id too (kind 'unlink'), so that each side finds what was copied to it.
CREATE TABLE links (
    subject BLOB NOT NULL, event BLOB NOT NULL, other BLOB NOT NULL, kind TEXT NOT NULL,
    ended INTEGER NOT NULL, PRIMARY KEY (subject, event, other)) WITHOUT ROWID;
-- Negatives that an unlink copied to a side; the negative itself may arrive later.
CREATE TABLE copied (subject BLOB NOT NULL, event BLOB NOT NULL, PRIMARY KEY (subject, event)) WITHOUT ROWID;
CREATE INDEX copied_event ON copied (event);
CREATE TABLE external_ids (
    subject BLOB NOT NULL, system TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (subject, system, value)) WITHOUT ROWID;
CREATE INDEX external_ids_value ON external_ids (system, value);
CREATE TABLE contacts (
    subject BLOB NOT NULL, channel TEXT NOT NULL, contact_key BLOB NOT NULL, address TEXT NOT NULL,
    status TEXT NOT NULL, changed_at INTEGER NOT NULL,
    PRIMARY KEY (subject, channel, contact_key)) WITHOUT ROWID;
CREATE INDEX contacts_key ON contacts (contact_key);
CREATE TABLE states (
    person BLOB NOT NULL, controller TEXT NOT NULL, purpose TEXT NOT NULL, channel TEXT NOT NULL,
    state TEXT NOT NULL, because BLOB NOT NULL, at INTEGER NOT NULL, place TEXT NOT NULL,
    method TEXT NOT NULL, basis TEXT NOT NULL, valid_until INTEGER NOT NULL, pending INTEGER NOT NULL,
    notice TEXT NOT NULL, deferred_at INTEGER NOT NULL, fallbacks TEXT NOT NULL,
    PRIMARY KEY (person, controller, purpose, channel)) WITHOUT ROWID;
CREATE TABLE search_tokens (
    subject BLOB NOT NULL, token TEXT NOT NULL, PRIMARY KEY (subject, token)) WITHOUT ROWID;
CREATE INDEX search_tokens_token ON search_tokens (token);
CREATE TABLE suppression (contact_key BLOB PRIMARY KEY, since INTEGER NOT NULL, reason TEXT NOT NULL);
