-- Every statement that the ledger runs, by name.

-- name: begin
BEGIN
-- name: begin-immediate
BEGIN IMMEDIATE
-- name: commit
COMMIT
-- name: meta-get
SELECT value FROM meta WHERE name = ?1
-- name: meta-put
INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
-- name: tokens-all
SELECT num, text FROM tokens ORDER BY num
-- name: token-add
INSERT INTO tokens (num, text) VALUES (?1, ?2)
-- name: origin-get
SELECT num FROM origins WHERE id = ?1
-- name: origin-by-num
SELECT id FROM origins WHERE num = ?1
-- name: origin-add
INSERT INTO origins (id) VALUES (?1)

-- name: event-add
INSERT INTO events (id, origin, seq, kind, subject, at, header, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
-- name: event-by-id
SELECT num, seq, header, payload, origin, kind FROM events WHERE id = ?1
-- name: slip-add
INSERT OR IGNORE INTO slips (hash, event) VALUES (?1, ?2)
-- name: slip-get
SELECT e.subject, e.id FROM slips s JOIN events e ON e.num = s.event WHERE s.hash = ?1 AND e.subject IS NOT NULL
-- name: unattributed-add
INSERT INTO unattributed (event) VALUES (?1)
-- name: unattributed-has
SELECT 1 FROM unattributed WHERE event = (SELECT num FROM events WHERE id = ?1)
-- name: unattributed-drop
DELETE FROM unattributed WHERE event = (SELECT num FROM events WHERE id = ?1)
-- name: unattributed-first
SELECT e.id, e.subject FROM unattributed u JOIN events e ON e.num = u.event ORDER BY u.event LIMIT ?1
-- name: unattributed-count
SELECT COUNT(*) FROM unattributed
-- name: event-place
UPDATE events SET seq = ?2 WHERE num = ?1
-- name: event-drop-payload
UPDATE events SET payload = NULL WHERE num = ?1
-- name: events-of-subject
SELECT num, seq, header, payload FROM events WHERE subject = ?1 ORDER BY num
-- name: events-of-clock
SELECT num, seq, header, payload FROM events WHERE kind = 9 ORDER BY num
-- name: subjects-of-origin-range
SELECT DISTINCT subject FROM events WHERE origin = ?1 AND (seq = 0 OR seq BETWEEN ?2 AND ?3) AND subject IS NOT NULL
-- name: subjects-worded
SELECT DISTINCT p.num, p.subject FROM events e JOIN people p ON p.num = e.subject WHERE e.kind IN (4, 5, 6, 8)
-- name: events-after
SELECT e.num, e.seq, e.header, e.payload, o.id FROM events e JOIN origins o ON o.num = e.origin WHERE e.num > ?1 ORDER BY e.num LIMIT ?2

-- name: chain-add
INSERT INTO own_chain (seq, event, head) VALUES (?1, ?2, ?3)
-- name: chain-last
SELECT seq, head FROM own_chain ORDER BY seq DESC LIMIT 1
-- name: chain-at
SELECT head, event FROM own_chain WHERE seq = ?1
-- name: chain-after
SELECT c.seq, c.head, e.header, e.payload, p.subject, e.at, e.num, e.id FROM own_chain c JOIN events e ON e.num = c.event LEFT JOIN people p ON p.num = e.subject WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2
-- name: chain-open
SELECT c.seq, e.num, e.id, e.payload, p.subject, p.num FROM own_chain c JOIN events e ON e.num = c.event LEFT JOIN people p ON p.num = e.subject WHERE c.seq > ?1 AND e.payload IS NOT NULL ORDER BY c.seq LIMIT ?2
-- name: event-part
UPDATE events SET payload = ?2 WHERE num = ?1
-- name: sealed-add
INSERT INTO sealed (event, body) VALUES (?1, ?2)
-- name: sealed-get
SELECT body FROM sealed WHERE event = ?1
-- name: sealed-drop
DELETE FROM sealed WHERE event = ?1
-- name: chain-events
SELECT c.seq, c.head, e.id, e.header, e.payload FROM own_chain c LEFT JOIN events e ON e.num = c.event WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2
-- name: chain-former
INSERT INTO former_chain (origin, seq, event, head) SELECT ?1, seq, event, head FROM own_chain
-- name: former-page
SELECT f.seq, f.event, e.header, p.subject, p.num FROM former_chain f JOIN events e ON e.num = f.event LEFT JOIN people p ON p.num = e.subject WHERE f.origin = ?1 AND f.seq > ?2 ORDER BY f.seq LIMIT ?3
-- name: former-keep
UPDATE former_chain SET header = ?3 WHERE origin = ?1 AND seq = ?2
-- name: former-events
SELECT f.origin, f.seq, f.head, COALESCE(f.header, e.header) FROM former_chain f LEFT JOIN events e ON e.num = f.event ORDER BY f.origin, f.seq
-- name: former-now
SELECT o.id, MIN(e.seq), MAX(e.seq) FROM former_chain f JOIN events e ON e.num = f.event JOIN origins o ON o.num = e.origin WHERE f.origin = ?1 AND f.seq BETWEEN ?2 AND ?3 GROUP BY e.origin
-- name: former-subjects
SELECT DISTINCT e.subject FROM former_chain f JOIN events e ON e.num = f.event WHERE f.origin = ?1 AND f.seq BETWEEN ?2 AND ?3 AND e.subject IS NOT NULL
-- name: event-adopt
UPDATE events SET origin = ?2, seq = ?3, header = ?4 WHERE num = ?1

-- name: card-get
SELECT version, body FROM cards WHERE subject = ?1
-- name: card-put
INSERT INTO cards (subject, version, body) VALUES (?1, ?2, ?3) ON CONFLICT (subject) DO UPDATE SET version = excluded.version, body = excluded.body

-- name: subject-get
SELECT num, person, flags FROM people WHERE subject = ?1
-- name: subject-add
INSERT INTO people (num, subject, person, flags) VALUES (?1, ?2, ?1, ?3)
-- name: subject-held
SELECT person, flags FROM people WHERE num = ?1
-- name: subject-last
SELECT COALESCE(MAX(num), 0) FROM people
-- name: subject-flag
UPDATE people SET flags = flags | ?2 WHERE num = ?1
-- name: person-row
SELECT num, subject, person, display, language, birth_year, orders, customer_since, flags FROM people WHERE subject = ?1
-- name: person-by-num
SELECT num, subject, person, display, language, birth_year, orders, customer_since, flags FROM people WHERE num = ?1
-- name: person-members
SELECT num, subject, person, display, language, birth_year, orders, customer_since, flags FROM people WHERE person = ?1 AND person <> num
-- name: person-update
UPDATE people SET display = ?2, language = ?3, birth_year = ?4, orders = ?5, customer_since = ?6, flags = ?7 WHERE num = ?1
-- name: person-assign
UPDATE people SET person = ?2 WHERE num = ?1
-- name: people-after
SELECT num, subject, person FROM people WHERE subject > ?1 ORDER BY subject LIMIT ?2
-- name: people-reset
UPDATE people SET person = num, display = '', language = '', birth_year = 0, orders = 0, customer_since = 0, flags = flags & 16

-- name: states-of
SELECT controller, purpose, channel, state, because, at, place, method, basis, valid_until, pending, deferred_at, notice, fallbacks FROM states WHERE person = ?1
-- name: state-put
INSERT INTO states (person, controller, purpose, channel, state, because, at, place, method, basis, valid_until, pending, deferred_at, notice, fallbacks) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (person, controller, purpose, channel) DO UPDATE SET state = excluded.state, because = excluded.because, at = excluded.at, place = excluded.place, method = excluded.method, basis = excluded.basis, valid_until = excluded.valid_until, pending = excluded.pending, deferred_at = excluded.deferred_at, notice = excluded.notice, fallbacks = excluded.fallbacks
-- name: state-drop
DELETE FROM states WHERE person = ?1 AND controller = ?2 AND purpose = ?3 AND channel = ?4
-- name: states-drop
DELETE FROM states WHERE person = ?1

-- name: contacts-of
SELECT channel, key, masked, status FROM contacts WHERE subject = ?1
-- name: contact-put
INSERT INTO contacts (subject, channel, key, masked, status) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (subject, channel, key) DO UPDATE SET masked = excluded.masked, status = excluded.status
-- name: contacts-drop
DELETE FROM contacts WHERE subject = ?1
-- name: contacts-by-key
SELECT DISTINCT subject FROM contacts WHERE key = ?1 ORDER BY subject DESC LIMIT ?2
-- name: external-of
SELECT key FROM external_keys WHERE subject = ?1
-- name: external-put
INSERT INTO external_keys (subject, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING
-- name: external-drop
DELETE FROM external_keys WHERE subject = ?1
-- name: external-by-key
SELECT p.num, p.subject FROM external_keys e JOIN people p ON p.num = e.subject WHERE e.key = ?1 ORDER BY p.num DESC LIMIT ?2

-- name: link-add
INSERT INTO links (subject, other, event) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING
-- name: links-of
SELECT event, subject, other FROM links WHERE subject = ?1 UNION ALL SELECT event, subject, other FROM links WHERE other = ?1
-- name: event-by-num
SELECT num, seq, header, payload FROM events WHERE num = ?1

-- name: name-get
SELECT folded FROM names WHERE num = ?1
-- name: name-put
INSERT INTO names (num, folded) VALUES (?1, ?2) ON CONFLICT (num) DO UPDATE SET folded = excluded.folded
-- name: name-drop
DELETE FROM names WHERE num = ?1
-- name: search-add
INSERT INTO search (rowid, folded) VALUES (?1, ?2)
-- name: search-drop
INSERT INTO search (search, rowid, folded) VALUES ('delete', ?1, ?2)
-- name: search-match
SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2
-- name: search-optimize
INSERT INTO search (search) VALUES ('optimize')
-- name: search-rebuild
INSERT INTO search (search) VALUES ('rebuild')

-- name: suppression-add
INSERT INTO suppression (key, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING
-- name: suppression-get
SELECT 1 FROM suppression WHERE key = ?1
-- name: quarantine-add
INSERT INTO quarantine (origin, seq, subject, reason, header, payload, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (hash) DO NOTHING

-- name: quarantine-list
SELECT q.num, q.origin, q.seq, q.header, q.payload, p.subject, q.subject FROM quarantine q LEFT JOIN people p ON p.num = q.subject ORDER BY q.num
-- name: quarantine-drop
DELETE FROM quarantine WHERE num = ?1
-- name: subject-unflag
UPDATE people SET flags = flags & ~?2 WHERE num = ?1 AND NOT EXISTS (SELECT 1 FROM quarantine WHERE subject = ?1)

-- name: idempotency-get
SELECT first_seq, count, request FROM idempotency WHERE key = ?1
-- name: idempotency-add
INSERT INTO idempotency (key, at, first_seq, count, request) VALUES (?1, ?2, ?3, ?4, ?5)
-- name: idempotency-trim
DELETE FROM idempotency WHERE at < ?1

-- name: operator-put
INSERT INTO operators (id, name, role, pin, failures, locked_until, active, badge) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, pin = excluded.pin, failures = excluded.failures, locked_until = excluded.locked_until, active = excluded.active, badge = excluded.badge
-- name: operator-get
SELECT id, name, role, pin, failures, locked_until, active, badge FROM operators WHERE id = ?1
-- name: operator-named
SELECT id, name, role, pin, failures, locked_until, active, badge FROM operators WHERE name = ?1 AND active = 1
-- name: operator-of-badge
SELECT id, name, role, pin, failures, locked_until, active, badge FROM operators WHERE badge = ?1
-- name: operators-active
SELECT id, name, role, pin, failures, locked_until, active, badge FROM operators WHERE active = 1 ORDER BY name
-- name: operators-unlock
UPDATE operators SET failures = 0, locked_until = 0 WHERE failures > 0
-- name: door-get
SELECT failures, locked_until FROM doors WHERE door = ?1
-- name: door-put
INSERT INTO doors (door, failures, locked_until, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (door) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until, at = excluded.at
-- name: doors-trim
DELETE FROM doors WHERE door NOT IN ('badge', 'badge-scanned') AND door NOT IN (SELECT door FROM doors WHERE door NOT IN ('badge', 'badge-scanned') ORDER BY at DESC LIMIT ?1)
-- name: doors-unlock
DELETE FROM doors
-- name: operator-failures
UPDATE operators SET failures = ?2, locked_until = ?3 WHERE id = ?1
-- name: audit-add
INSERT INTO audit (at, who, action, about) VALUES (?1, ?2, ?3, ?4)

-- name: count-events
SELECT COALESCE(MAX(num), 0) FROM events
-- name: count-subjects
SELECT COALESCE(MAX(num), 0) FROM people
-- name: count-linked
SELECT COUNT(*) FROM people WHERE person <> num
-- name: count-quarantine
SELECT COUNT(*) FROM quarantine

-- name: search-vocabulary
SELECT term, doc FROM temp.words
-- name: oldest-pending
SELECT e.at FROM own_chain c JOIN events e ON e.num = c.event WHERE c.seq > ?1 ORDER BY c.seq LIMIT 1
-- name: schema-of
SELECT sql FROM sqlite_schema WHERE name = ?1
