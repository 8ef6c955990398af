-- What SQLite says in its own way.

-- :random
SELECT random() & 9223372036854775807
-- :erasure-mark
SELECT '1'
