-- 014-copies.sql, for PostgreSQL.
ALTER TABLE mails ADD COLUMN maybes BIGINT NOT NULL DEFAULT 0;
