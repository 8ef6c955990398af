-- The tables of sql/0*.sql as they stand after the last of these, for PostgreSQL: what each is for is said there. Texts compare
-- by their bytes, as SQLite's do: both give the same order, and so the same digests. No sequences, triggers, foreign keys,
-- deferrable constraints or generated columns, and the subject in every key that can have it (plugin/doc/adr/0009).
-- One row: which build's tables these are. Whoever writes holds it locked, so that positions are given in the order in which
-- they become visible, on whichever node.
CREATE TABLE souffleur_hub (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL);
INSERT INTO souffleur_hub (one, version) VALUES (1, 0);
CREATE TABLE origins (
    origin BYTEA PRIMARY KEY, kind TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, place TEXT COLLATE "C" NOT NULL,
    public_key BYTEA NOT NULL, fingerprint TEXT COLLATE "C" NOT NULL, status TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL DEFAULT 0, head BYTEA NOT NULL, enrolled_at BIGINT NOT NULL, last_seen BIGINT NOT NULL DEFAULT 0,
    reached BIGINT NOT NULL DEFAULT 0);
CREATE INDEX origins_fingerprint ON origins (fingerprint);
CREATE TABLE shards (shard BIGINT PRIMARY KEY, pos BIGINT NOT NULL);
CREATE TABLE events (
    subject BYTEA NOT NULL, id BYTEA NOT NULL, shard BIGINT NOT NULL, pos BIGINT NOT NULL,
    origin BYTEA NOT NULL, seq BIGINT NOT NULL, kind TEXT COLLATE "C" NOT NULL, neg BIGINT NOT NULL,
    at BIGINT NOT NULL, received_at BIGINT NOT NULL, leaf BYTEA NOT NULL,
    header BYTEA NOT NULL, payload BYTEA, told BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (subject, id));
CREATE INDEX events_pos ON events (shard, pos);
CREATE INDEX events_origin ON events (origin, seq);
CREATE INDEX events_id ON events (id);
CREATE INDEX events_clock ON events (id) WHERE kind = 'clock';
CREATE INDEX events_erase ON events (subject) WHERE kind = 'erase';
CREATE TABLE quarantine (
    origin BYTEA NOT NULL, seq BIGINT NOT NULL, subject BYTEA NOT NULL, neg BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL, newer BIGINT NOT NULL, received_at BIGINT NOT NULL, header BYTEA NOT NULL, payload BYTEA,
    PRIMARY KEY (subject, origin, seq));
CREATE INDEX quarantine_at ON quarantine (origin, seq);
CREATE INDEX quarantine_waiting ON quarantine (origin, newer);
CREATE TABLE forked (
    subject BYTEA NOT NULL, origin BYTEA NOT NULL, leaf BYTEA NOT NULL, seq BIGINT NOT NULL, neg BIGINT NOT NULL,
    settled BIGINT NOT NULL DEFAULT 0, received_at BIGINT NOT NULL, header BYTEA NOT NULL, payload BYTEA,
    PRIMARY KEY (subject, origin, leaf));
CREATE INDEX forked_origin ON forked (origin, settled);
CREATE TABLE forked_held (
    origin BYTEA PRIMARY KEY, events BIGINT NOT NULL, bytes BIGINT NOT NULL, full_at BIGINT NOT NULL DEFAULT 0);
CREATE TABLE subjects (
    subject BYTEA PRIMARY KEY, person BYTEA NOT NULL, display TEXT COLLATE "C" NOT NULL DEFAULT '',
    language TEXT COLLATE "C" NOT NULL DEFAULT '', restricted BIGINT NOT NULL DEFAULT 0, minor BIGINT NOT NULL DEFAULT 0,
    erased_to BIGINT NOT NULL DEFAULT 0, named_at BIGINT NOT NULL DEFAULT 0, language_at BIGINT NOT NULL DEFAULT 0,
    orders BIGINT NOT NULL DEFAULT 0, customer_since BIGINT NOT NULL DEFAULT 0, changed_at BIGINT NOT NULL DEFAULT 0);
CREATE INDEX subjects_person ON subjects (person);
CREATE TABLE served (
    origin BYTEA PRIMARY KEY, cursor TEXT COLLATE "C" NOT NULL, acknowledged TEXT COLLATE "C" NOT NULL DEFAULT '');
CREATE TABLE links (
    subject BYTEA NOT NULL, event BYTEA NOT NULL, other BYTEA NOT NULL, kind TEXT COLLATE "C" NOT NULL,
    ended BIGINT NOT NULL, PRIMARY KEY (subject, event, other));
CREATE TABLE copied (subject BYTEA NOT NULL, event BYTEA NOT NULL, PRIMARY KEY (subject, event));
CREATE INDEX copied_event ON copied (event);
CREATE TABLE external_ids (
    subject BYTEA NOT NULL, system TEXT COLLATE "C" NOT NULL, value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (subject, system, value));
CREATE INDEX external_ids_value ON external_ids (system, value);
CREATE TABLE contacts (
    subject BYTEA NOT NULL, channel TEXT COLLATE "C" NOT NULL, contact_key BYTEA NOT NULL, address TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL, changed_at BIGINT NOT NULL, released BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, channel, contact_key));
CREATE INDEX contacts_key ON contacts (contact_key);
CREATE TABLE states (
    person BYTEA NOT NULL, controller TEXT COLLATE "C" NOT NULL, purpose TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL, because BYTEA NOT NULL, at BIGINT NOT NULL,
    place TEXT COLLATE "C" NOT NULL, method TEXT COLLATE "C" NOT NULL, basis TEXT COLLATE "C" NOT NULL,
    valid_until BIGINT NOT NULL, pending BIGINT NOT NULL, notice TEXT COLLATE "C" NOT NULL, deferred_at BIGINT NOT NULL,
    fallbacks TEXT COLLATE "C" NOT NULL, PRIMARY KEY (person, controller, purpose, channel));
CREATE TABLE search_tokens (subject BYTEA NOT NULL, token TEXT COLLATE "C" NOT NULL, PRIMARY KEY (subject, token));
CREATE INDEX search_tokens_token ON search_tokens (token);
CREATE TABLE suppression (contact_key BYTEA PRIMARY KEY, since BIGINT NOT NULL, reason TEXT COLLATE "C" NOT NULL);
CREATE TABLE staff (
    name TEXT COLLATE "C" PRIMARY KEY, role TEXT COLLATE "C" NOT NULL, password TEXT COLLATE "C" NOT NULL,
    failures BIGINT NOT NULL DEFAULT 0, locked_until BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL);
CREATE TABLE audit (
    n BIGINT PRIMARY KEY, at BIGINT NOT NULL, who TEXT COLLATE "C" NOT NULL, action TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL, reason TEXT COLLATE "C" NOT NULL DEFAULT '');
CREATE TABLE invitations (
    code_hash BYTEA PRIMARY KEY, name TEXT COLLATE "C" NOT NULL, place TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL, used_at BIGINT NOT NULL DEFAULT 0);
CREATE TABLE settings (name TEXT COLLATE "C" PRIMARY KEY, value BYTEA NOT NULL);
CREATE TABLE urgent (n BIGINT PRIMARY KEY, subject BYTEA NOT NULL, event BYTEA NOT NULL);
CREATE INDEX urgent_event ON urgent (event);
CREATE TABLE wordings (
    id TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, language TEXT COLLATE "C" NOT NULL, sha256 TEXT COLLATE "C" NOT NULL,
    used BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (id, version, language, sha256));
CREATE TABLE wording_texts (
    id TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, language TEXT COLLATE "C" NOT NULL, sha256 TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL, detail TEXT COLLATE "C" NOT NULL, line TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL, PRIMARY KEY (id, version, language, sha256));
CREATE TABLE flagged (
    event BYTEA PRIMARY KEY, origin BYTEA NOT NULL, subject BYTEA NOT NULL, reason TEXT COLLATE "C" NOT NULL);
CREATE TABLE slips (hash BYTEA PRIMARY KEY, subject BYTEA NOT NULL, event BYTEA NOT NULL);
CREATE TABLE trees (shard BIGINT PRIMARY KEY, leaves BIGINT NOT NULL, edge BYTEA NOT NULL);
CREATE TABLE tree_nodes (
    shard BIGINT NOT NULL, level BIGINT NOT NULL, idx BIGINT NOT NULL, head BYTEA NOT NULL,
    PRIMARY KEY (shard, level, idx));
INSERT INTO shards (shard, pos) SELECT n, 0 FROM generate_series(0, 63) AS each(n);
