-- The tables of 012-mails.sql for PostgreSQL.
CREATE TABLE mails (
    subject BYTEA NOT NULL, act BYTEA NOT NULL, contact_key BYTEA NOT NULL, kind TEXT COLLATE "C" NOT NULL,
    kiosk TEXT COLLATE "C" NOT NULL, found_at BIGINT NOT NULL, due BIGINT NOT NULL, expires BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0, tried_at BIGINT NOT NULL DEFAULT 0, message BYTEA NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL DEFAULT '', outcome_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, act, contact_key));
CREATE INDEX mails_due ON mails (outcome, due);
CREATE INDEX mails_key ON mails (contact_key, tried_at);
CREATE INDEX mails_kiosk ON mails (kiosk, tried_at);
CREATE TABLE mail_tokens (
    hash BYTEA PRIMARY KEY, subject BYTEA NOT NULL, message BYTEA NOT NULL, expires BIGINT NOT NULL);
