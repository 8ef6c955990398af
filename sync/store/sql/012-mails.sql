-- Mails that ask for the confirmation of an answer, or tell of one (plugin/doc/adr/0012). Never an address: it is looked up when
-- a mail goes out. due: when to look again, also the end of a sender's claim; outcome: '' while it is to be sent.
CREATE TABLE IF NOT EXISTS mails (
    subject BLOB NOT NULL, act BLOB NOT NULL, contact_key BLOB NOT NULL, kind TEXT NOT NULL, kiosk TEXT NOT NULL,
    found_at INTEGER NOT NULL, due INTEGER NOT NULL, expires INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    tried_at INTEGER NOT NULL DEFAULT 0, message BLOB NOT NULL, outcome TEXT NOT NULL DEFAULT '',
    outcome_at INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (subject, act, contact_key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mails_due ON mails (outcome, due);
CREATE INDEX IF NOT EXISTS mails_key ON mails (contact_key, tried_at);
CREATE INDEX IF NOT EXISTS mails_kiosk ON mails (kiosk, tried_at);
-- What the link in a mail leads to, by the hash of its token: the mails of one message. A message that was sent twice has two.
CREATE TABLE IF NOT EXISTS mail_tokens (
    hash BLOB PRIMARY KEY, subject BLOB NOT NULL, message BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
