-- What is kept of kiosks is looked for at every start, and each minute whether there is any.
CREATE INDEX IF NOT EXISTS sealed_kept ON sealed (origin, number, digest) WHERE kept <> '';
