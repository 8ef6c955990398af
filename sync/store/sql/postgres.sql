-- What PostgreSQL says in its own way.

-- :random
SELECT CAST(floor(random() * 9007199254740991) AS BIGINT)
-- :erasure-mark
SELECT CAST(pg_current_xact_id() AS TEXT)
-- :leaves-new
SELECT s.shard, coalesce(t.leaves, 0), t.edge, e.pos, e.leaf FROM shards s LEFT JOIN trees t ON t.shard = s.shard
CROSS JOIN LATERAL (SELECT pos, leaf FROM events WHERE shard = s.shard AND pos > coalesce(t.leaves, 0) ORDER BY pos
  LIMIT 9007199254740991) AS e WHERE s.pos > coalesce(t.leaves, 0) ORDER BY s.shard, e.pos
