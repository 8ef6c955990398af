-- How often a message was handed over without a word that it was taken: it may have arrived.
ALTER TABLE mails ADD COLUMN maybes INTEGER NOT NULL DEFAULT 0;
