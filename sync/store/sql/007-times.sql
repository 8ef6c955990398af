-- A till's word about time is not trusted (plugin/doc/adr/0004).
-- told: when the event came, its device had acknowledged every erasure of the subject that was on file; 0 = it had not.
ALTER TABLE events ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
-- Up to where the device showed, by asking from there, that it holds what it was served.
ALTER TABLE served ADD COLUMN acknowledged TEXT NOT NULL DEFAULT '';
-- The latest time that the device's chain has surely reached (an event's time less its uncertainty): what comes behind it ran back.
ALTER TABLE origins ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subjects ADD COLUMN minor INTEGER NOT NULL DEFAULT 0;
-- released: head office took the address from the subject; the no of a subject that still holds it binds the address (rule 8).
ALTER TABLE contacts ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
CREATE INDEX events_erase ON events (subject) WHERE kind = 'erase';
