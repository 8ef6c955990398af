-- 016-early.sql, for PostgreSQL.
CREATE TABLE early (
    hash BYTEA NOT NULL, event BYTEA NOT NULL, origin BYTEA NOT NULL, at BIGINT NOT NULL, unc BIGINT NOT NULL,
    offset_min BIGINT NOT NULL, received_at BIGINT NOT NULL, PRIMARY KEY (hash, event));
