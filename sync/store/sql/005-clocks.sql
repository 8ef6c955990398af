-- The judgements of clocks are few and asked for at every push and every question: found without reading the log.
CREATE INDEX events_clock ON events (id) WHERE kind = 'clock';
