-- 015-kept.sql, for PostgreSQL.
CREATE INDEX sealed_kept ON sealed (origin, number, digest) WHERE kept <> '';
