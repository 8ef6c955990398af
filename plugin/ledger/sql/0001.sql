-- Schema version 1. Never edited after release: the next change is 0002.sql.
--
-- Sources of truth: events, own_chain, cards, quarantine, suppression, idempotency, operators, audit, meta.
-- Projections (rebuilt from them): people, states, contacts, external_keys, links, names, search.
-- Ids are 16-byte blobs; inside the file subjects, origins and words go by small numbers. Times are UTC ms.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Purposes, channels, controllers, places, notices: each text once. 0 is the empty text.
CREATE TABLE tokens (
    num INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO tokens VALUES (0, '');

CREATE TABLE origins (
    num INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE
) STRICT;

-- The log. seq: position in the origin's chain, 0 = an advance copy. kind: index of consent::Body.
CREATE TABLE events (
    num INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    origin INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    subject INTEGER,
    at INTEGER NOT NULL,
    header BLOB NOT NULL,
    payload BLOB
) STRICT;
CREATE UNIQUE INDEX events_id ON events (id);
CREATE INDEX events_subject ON events (subject) WHERE subject IS NOT NULL;
CREATE INDEX events_position ON events (origin, seq);
CREATE INDEX events_clock ON events (num) WHERE kind = 9;

-- This device's chain and outbox: what is beyond meta 'acknowledged' is still to be sent.
CREATE TABLE own_chain (
    seq INTEGER PRIMARY KEY,
    event INTEGER NOT NULL,
    head BLOB NOT NULL
) STRICT;

-- What the hub said of a subject, verbatim; the larger version wins.
CREATE TABLE cards (
    subject INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- One row a subject. person: the num of the linked subject with the smallest id.
-- flags: 1 restricted, 2 minor, 4 erased, 8 known, 16 an unreadable negative is in quarantine.
CREATE TABLE people (
    num INTEGER PRIMARY KEY,
    subject BLOB NOT NULL UNIQUE,
    person INTEGER NOT NULL,
    display TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    birth_year INTEGER NOT NULL DEFAULT 0,
    orders INTEGER NOT NULL DEFAULT 0,
    customer_since INTEGER NOT NULL DEFAULT 0,
    flags INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX people_linked ON people (person) WHERE person <> num;

-- purpose and channel may be '*' (a negative's wildcard); both 0: an objection stands.
CREATE TABLE states (
    person INTEGER NOT NULL,
    controller INTEGER NOT NULL,
    purpose INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    state INTEGER NOT NULL,
    because BLOB NOT NULL,
    at INTEGER NOT NULL,
    place INTEGER NOT NULL,
    method INTEGER NOT NULL,
    basis INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    deferred_at INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    fallbacks BLOB,
    PRIMARY KEY (person, controller, purpose, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
    subject INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    key BLOB NOT NULL,
    masked TEXT NOT NULL,
    status INTEGER NOT NULL,
    PRIMARY KEY (subject, channel, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_key ON contacts (key);

CREATE TABLE external_keys (
    subject INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (subject, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_keys_key ON external_keys (key);

CREATE TABLE links (
    subject INTEGER NOT NULL,
    other INTEGER NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (subject, other, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_other ON links (other);

-- Folded names for the search; the index keeps no text of its own.
CREATE TABLE names (
    num INTEGER PRIMARY KEY,
    folded TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE search USING fts5 (
    folded, content = 'names', content_rowid = 'num', tokenize = 'ascii', prefix = '1 2 3',
    detail = none, columnsize = 0
);

CREATE TABLE suppression (
    key BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    num INTEGER PRIMARY KEY,
    origin BLOB NOT NULL,
    seq INTEGER NOT NULL,
    subject INTEGER,
    reason TEXT NOT NULL,
    header BLOB NOT NULL,
    payload BLOB,
    hash BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE idempotency (
    key BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);

CREATE TABLE operators (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    pin TEXT NOT NULL,
    failures INTEGER NOT NULL,
    locked_until INTEGER NOT NULL,
    active INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    num INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    about TEXT NOT NULL
) STRICT;
