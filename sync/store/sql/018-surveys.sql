-- What anonymous questionnaires came to (plugin/doc/adr/0016): how many gave an answer on a day, where the kiosk stands. No device,
-- no person, no time of the day, and no two answers of one ballot together. question '': how many took part.
CREATE TABLE IF NOT EXISTS survey_counts (
    questionnaire TEXT NOT NULL, version INTEGER NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, day INTEGER NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (questionnaire, version, question, answer, day)) WITHOUT ROWID;
-- The random ids of those that were counted, so that none is twice; forgotten with the days that are too old to be taken.
CREATE TABLE IF NOT EXISTS ballots (id BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ballots_day ON ballots (day);
