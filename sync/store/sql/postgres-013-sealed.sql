-- 013-sealed.sql, for PostgreSQL.
CREATE TABLE sealed (
    origin BYTEA NOT NULL, number BIGINT NOT NULL, digest BYTEA NOT NULL, key BIGINT NOT NULL, kept TEXT COLLATE "C" NOT NULL DEFAULT '',
    received_at BIGINT NOT NULL, item BYTEA, PRIMARY KEY (origin, number, digest));
CREATE TABLE intake_keys (
    number BIGINT PRIMARY KEY, certificate TEXT COLLATE "C" NOT NULL, private BYTEA NOT NULL, made_at BIGINT NOT NULL);
CREATE TABLE intake_needs (origin BYTEA PRIMARY KEY, number BIGINT NOT NULL);
