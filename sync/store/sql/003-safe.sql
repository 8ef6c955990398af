-- What goes to every device beside the log, in the order of n: a no that still waits for its place in the chain (an advance
-- copy: `event`), or a card that changed without an event (`event` empty: a no that could not be read).
CREATE TABLE urgent (n INTEGER PRIMARY KEY, subject BLOB NOT NULL, event BLOB NOT NULL);
CREATE INDEX urgent_event ON urgent (event);
CREATE INDEX quarantine_waiting ON quarantine (origin, newer);
-- newer = 2: waits for the no that it names; tried again when that no or the device's record of what it was served comes.
UPDATE quarantine SET newer = 2 WHERE reason LIKE '%never shown%';
