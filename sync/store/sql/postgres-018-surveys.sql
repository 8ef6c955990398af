-- 018-surveys.sql, for PostgreSQL.
CREATE TABLE survey_counts (
    questionnaire TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, question TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL, day BIGINT NOT NULL, count BIGINT NOT NULL,
    PRIMARY KEY (questionnaire, version, question, answer, day));
CREATE TABLE ballots (id BYTEA PRIMARY KEY, day BIGINT NOT NULL);
CREATE INDEX ballots_day ON ballots (day);
