-- Every statement of the room by name, for every database: tests/lint/check_sql.py says what may stand here. What one of
-- them says otherwise stands in sqlite.sql and postgres.sql.

-- :origin-get
SELECT origin, kind, name, place, public_key, fingerprint, status, seq, head, enrolled_at, last_seen, reached
FROM origins WHERE origin = ?
-- :origin-by-fingerprint
SELECT origin, kind, name, place, public_key, fingerprint, status, seq, head, enrolled_at, last_seen, reached
FROM origins WHERE fingerprint = ?
-- :origin-list
SELECT origin, kind, name, place, public_key, fingerprint, status, seq, head, enrolled_at, last_seen, reached
FROM origins ORDER BY name, origin
-- :origin-put
INSERT INTO origins (origin, kind, name, place, public_key, fingerprint, status, seq, head, enrolled_at)
VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
ON CONFLICT (origin) DO UPDATE SET kind = excluded.kind, name = excluded.name, place = excluded.place,
  public_key = excluded.public_key, fingerprint = excluded.fingerprint
-- :origin-status
UPDATE origins SET status = ? WHERE origin = ?
-- :origin-freeze
UPDATE origins SET status = 'frozen' WHERE origin = ? AND status = 'active'
-- :origin-seen
UPDATE origins SET last_seen = ?1 WHERE origin = ?2 AND last_seen + 60000 <= ?1
-- :origin-move
UPDATE origins SET seq = ?1, head = ?2, last_seen = CASE WHEN last_seen < ?3 THEN ?3 ELSE last_seen END,
  reached = CASE WHEN reached < ?4 THEN ?4 ELSE reached END WHERE origin = ?5

-- :shard-get
SELECT pos FROM shards WHERE shard = ?
-- :shard-move
UPDATE shards SET pos = ? WHERE shard = ?
-- :shard-list
SELECT shard, pos FROM shards ORDER BY shard

-- The trees over the log.
-- :tree-get
SELECT leaves, edge FROM trees WHERE shard = ?
-- :tree-put
INSERT INTO trees (shard, leaves, edge) VALUES (?, ?, ?)
ON CONFLICT (shard) DO UPDATE SET leaves = excluded.leaves, edge = excluded.edge
-- :tree-list
SELECT s.shard, s.pos, coalesce(t.leaves, 0), t.edge FROM shards s LEFT JOIN trees t ON t.shard = s.shard ORDER BY s.shard
-- :trees-behind
SELECT s.shard FROM shards s LEFT JOIN trees t ON t.shard = s.shard WHERE s.pos > coalesce(t.leaves, 0) ORDER BY s.shard
-- :tree-node
SELECT head FROM tree_nodes WHERE shard = ? AND level = ? AND idx = ?
-- :tree-node-put
INSERT INTO tree_nodes (shard, level, idx, head) VALUES (?, ?, ?, ?)
ON CONFLICT (shard, level, idx) DO UPDATE SET head = excluded.head
-- :leaf-at
SELECT leaf FROM events WHERE shard = ? AND pos = ?
-- :leaves-new
SELECT s.shard, coalesce(t.leaves, 0), t.edge, e.pos, e.leaf FROM shards s LEFT JOIN trees t ON t.shard = s.shard
JOIN events e ON e.shard = s.shard AND e.pos > coalesce(t.leaves, 0) WHERE s.pos > coalesce(t.leaves, 0) ORDER BY s.shard, e.pos
-- :leaves-after
SELECT pos, leaf FROM events WHERE shard = ? AND pos > ? ORDER BY pos

-- :event-put
INSERT INTO events (subject, id, shard, pos, origin, seq, kind, neg, at, received_at, told, leaf, header, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
-- :event-known
SELECT seq, leaf, shard, pos FROM events WHERE id = ?
-- :event-where
SELECT origin, shard, pos FROM events WHERE id = ?
-- :event-set-place
UPDATE events SET seq = ?, pos = ? WHERE subject = ? AND id = ?
-- :event-set-origin
UPDATE events SET origin = ?, leaf = ?, header = ? WHERE subject = ? AND id = ?
-- :urgent-put
INSERT INTO urgent (n, subject, event) SELECT coalesce(max(n), 0) + 1, ?, ? FROM urgent
-- :urgent-last
SELECT coalesce(max(n), 0) FROM urgent
-- :urgent-of-event
SELECT min(n) FROM urgent WHERE event = ?
-- :urgent-after
SELECT u.n, u.subject, e.origin, e.seq, e.shard, e.pos, e.header FROM urgent u
LEFT JOIN events e ON e.subject = u.subject AND e.id = u.event WHERE u.n > ? ORDER BY u.n LIMIT ?
-- :event-leaf-at
SELECT leaf FROM events WHERE origin = ? AND seq = ?
-- :event-by-slip
SELECT e.id, e.subject FROM slips s JOIN events e ON e.subject = s.subject AND e.id = s.event WHERE s.hash = ?
-- :slip-put
INSERT INTO slips (hash, subject, event) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
-- :events-of
SELECT origin, seq, header, received_at FROM events WHERE subject = ? ORDER BY pos
-- :event-by-id
SELECT origin, seq, header, received_at FROM events WHERE id = ?
-- :clock-events
SELECT origin, seq, header, received_at FROM events WHERE kind = 'clock' ORDER BY id
-- :wording-put
INSERT INTO wordings (id, version, language, sha256) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
-- :wording-text-put
INSERT INTO wording_texts (id, version, language, sha256, label, detail, line, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
-- :wording-text
SELECT label, detail, line, text FROM wording_texts WHERE id = ? AND version = ? AND language = ? AND sha256 = ?
-- :wording-any
SELECT 1 FROM wordings LIMIT 1
-- :wording-use
UPDATE wordings SET used = 1 WHERE id = ? AND version = ? AND language = ? AND sha256 = ?
-- :flag-put
INSERT INTO flagged (event, origin, subject, reason) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
-- :count-flagged
SELECT count(*) FROM flagged
-- :link-put
INSERT INTO links (subject, event, other, kind, ended) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (subject, event, other) DO UPDATE SET ended = excluded.ended WHERE links.ended < excluded.ended
-- :links-of
SELECT other FROM links WHERE subject = ? AND kind = 'link' AND ended = 0 ORDER BY other
-- :unlinks-of
SELECT event FROM links WHERE subject = ? AND kind = 'unlink' ORDER BY event
-- :copied-put
INSERT INTO copied (subject, event) VALUES (?, ?) ON CONFLICT DO NOTHING
-- :copied-to
SELECT subject FROM copied WHERE event = ?
-- :subjects-of-origin
SELECT DISTINCT subject FROM events WHERE origin = ? AND seq >= ? AND seq <= ?
-- :events-after
SELECT pos, origin, seq, subject, header FROM events WHERE shard = ? AND pos > ? AND origin <> ?
ORDER BY pos LIMIT ?
-- :payload-drop
UPDATE events SET payload = NULL WHERE subject = ? AND id = ?
-- :proof-of
SELECT id, origin, seq, shard, pos, kind, header, leaf, received_at FROM events WHERE subject = ? ORDER BY at, id
-- :proof-by-id
SELECT id, origin, seq, shard, pos, kind, header, leaf, received_at FROM events WHERE id = ?
-- :chain
SELECT origin, seq, leaf, header, payload, subject, received_at, told FROM events ORDER BY origin, seq

-- :count-of-origin
SELECT count(*) FROM events WHERE origin = ? AND seq > 0
-- :quarantine-at
SELECT header FROM quarantine WHERE origin = ? AND seq = ?
-- :quarantine-put
INSERT INTO quarantine (origin, seq, subject, neg, reason, newer, received_at, header, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subject, origin, seq) DO NOTHING
-- :quarantine-newer
SELECT origin, seq, subject, neg, header, payload, received_at FROM quarantine WHERE newer > 0 ORDER BY origin, seq
-- :quarantine-waiting
SELECT origin, seq, subject, neg, header, payload, received_at FROM quarantine WHERE origin = ? AND newer = 2
  AND (seq, subject) > (?, ?) ORDER BY seq, subject LIMIT 500
-- :quarantine-forget
UPDATE quarantine SET payload = NULL WHERE subject = ?
-- :quarantine-drop
DELETE FROM quarantine WHERE subject = ? AND origin = ? AND seq = ?
-- :quarantine-of
SELECT header, origin, seq FROM quarantine WHERE subject = ?
-- :quarantine-all
SELECT origin, seq, subject, neg, header FROM quarantine ORDER BY subject, origin, seq
-- :quarantined-negatives
SELECT header FROM (SELECT header, origin, seq FROM quarantine WHERE subject = ?1 AND neg = 1
  UNION ALL SELECT header, origin, seq FROM forked WHERE subject = ?1 AND neg = 1 AND settled = 0) AS kept ORDER BY origin, seq, header
-- :forked-put
INSERT INTO forked (subject, origin, leaf, seq, neg, settled, received_at, header, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subject, origin, leaf) DO NOTHING
-- :forked-known
SELECT 1 FROM forked WHERE subject = ? AND origin = ? AND leaf = ?
-- :forked-held
SELECT events, bytes, full_at FROM forked_held WHERE origin = ?
-- :forked-hold
INSERT INTO forked_held (origin, events, bytes, full_at) VALUES (?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET events = excluded.events, bytes = excluded.bytes, full_at = excluded.full_at
-- :forked-of
SELECT header, origin, leaf, seq FROM forked WHERE subject = ? AND settled = 0
-- :forked-settle
UPDATE forked SET settled = 1 WHERE subject = ? AND origin = ? AND leaf = ?
-- :forked-forget
UPDATE forked SET payload = NULL WHERE subject = ?
-- :forked-all
SELECT subject, origin, leaf, seq, neg, header FROM forked WHERE settled = 0 ORDER BY subject, origin, leaf
-- :kept-of-origin
SELECT (SELECT count(*) FROM quarantine WHERE origin = ?1) + (SELECT count(*) FROM forked WHERE origin = ?1 AND settled = 0)
  + (SELECT count(*) FROM sealed WHERE origin = ?1 AND kept <> '')
-- :served-get
SELECT cursor, acknowledged FROM served WHERE origin = ?
-- :served-put
INSERT INTO served (origin, cursor, acknowledged) VALUES (?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET cursor = excluded.cursor, acknowledged = excluded.acknowledged

-- :subject-touch
INSERT INTO subjects (subject, person, changed_at) VALUES (?, ?, ?)
ON CONFLICT (subject) DO UPDATE SET changed_at =
  CASE WHEN subjects.changed_at < excluded.changed_at THEN excluded.changed_at ELSE subjects.changed_at + 1 END
-- :subject-name
INSERT INTO subjects (subject, person, display, named_at) VALUES (?, ?, ?, ?)
ON CONFLICT (subject) DO UPDATE SET display = excluded.display, named_at = excluded.named_at
WHERE subjects.named_at < excluded.named_at OR (subjects.named_at = excluded.named_at AND subjects.display < excluded.display)
-- :subject-language
INSERT INTO subjects (subject, person, language, language_at) VALUES (?, ?, ?, ?)
ON CONFLICT (subject) DO UPDATE SET language = excluded.language, language_at = excluded.language_at
WHERE subjects.language_at < excluded.language_at
  OR (subjects.language_at = excluded.language_at AND subjects.language < excluded.language)
-- :subject-said
INSERT INTO subjects (subject, person, display, named_at, language, language_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (subject) DO UPDATE SET
  display = CASE WHEN subjects.named_at < excluded.named_at
    OR (subjects.named_at = excluded.named_at AND subjects.display < excluded.display) THEN excluded.display ELSE subjects.display END,
  named_at = CASE WHEN subjects.named_at < excluded.named_at THEN excluded.named_at ELSE subjects.named_at END,
  language = CASE WHEN subjects.language_at < excluded.language_at
    OR (subjects.language_at = excluded.language_at AND subjects.language < excluded.language) THEN excluded.language
    ELSE subjects.language END,
  language_at = CASE WHEN subjects.language_at < excluded.language_at THEN excluded.language_at ELSE subjects.language_at END
-- :subject-facts
UPDATE subjects SET restricted = ?, minor = ? WHERE subject = ?
-- :subject-erased
UPDATE subjects SET erased_to = ?1 WHERE subject = ?2 AND erased_to < ?1
-- :subject-unnamed
UPDATE subjects SET display = '', named_at = 0, language = '', language_at = 0 WHERE subject = ?
-- :erasures-of
SELECT origin, seq, header, received_at, shard, pos FROM events WHERE subject = ? AND kind = 'erase'
-- :events-told
SELECT origin, seq, header, received_at, told, payload FROM events WHERE subject = ? ORDER BY id
-- :subject-orders
UPDATE subjects SET orders = ?, customer_since = ? WHERE subject = ?
-- :subject-person
UPDATE subjects SET person = ? WHERE subject = ?
-- :subject-get
SELECT subject, person, display, language, restricted, erased_to, orders, customer_since, changed_at, named_at, minor
FROM subjects WHERE subject = ?
-- :subjects-of-person
SELECT subject, person, display, language, restricted, erased_to, orders, customer_since, changed_at, named_at, minor
FROM subjects WHERE person = ? ORDER BY subject
-- :orders-of
SELECT count(*), min(at) FROM events WHERE subject = ? AND kind = 'order'

-- :external-put
INSERT INTO external_ids (subject, system, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
-- :externals-of
SELECT system, value FROM external_ids WHERE subject = ? ORDER BY system, value
-- :external-find
SELECT subject FROM external_ids WHERE system = ? AND value = ? ORDER BY subject
-- :externals-drop
DELETE FROM external_ids WHERE subject = ?

-- :contact-put
INSERT INTO contacts (subject, channel, contact_key, address, status, changed_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (subject, channel, contact_key) DO UPDATE SET address = excluded.address, changed_at = excluded.changed_at
WHERE excluded.address <> '' AND (contacts.address = '' OR excluded.changed_at > contacts.changed_at
  OR (excluded.changed_at = contacts.changed_at AND excluded.address > contacts.address))
-- :contact-status
UPDATE contacts SET status = ?, released = ? WHERE subject = ? AND channel = ? AND contact_key = ?
-- :contacts-of
SELECT channel, contact_key, address, status FROM contacts WHERE subject = ? ORDER BY channel, contact_key
-- :contacts-drop
DELETE FROM contacts WHERE subject = ?
-- :contact-find
SELECT subject FROM contacts WHERE contact_key = ? ORDER BY subject
-- :contact-holders
SELECT DISTINCT subject FROM contacts WHERE contact_key = ? AND released = 0 ORDER BY subject
-- :permitting-persons
SELECT DISTINCT person FROM states WHERE state IN ('given', 'soft-opt-in', 'legacy') ORDER BY person

-- :states-drop
DELETE FROM states WHERE person = ?
-- :state-put
INSERT INTO states (person, controller, purpose, channel, state, because, at, place, method, basis,
  valid_until, pending, notice, deferred_at, fallbacks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
-- :states-of
SELECT controller, purpose, channel, state, because, at, place, method, basis, valid_until, pending, notice,
  deferred_at, fallbacks
FROM states WHERE person = ? ORDER BY controller, purpose, channel

-- :token-put
INSERT INTO search_tokens (subject, token) VALUES (?, ?) ON CONFLICT DO NOTHING
-- :tokens-drop
DELETE FROM search_tokens WHERE subject = ?

-- :people-all
SELECT DISTINCT person FROM subjects WHERE person > ? AND (erased_to = 0 OR display <> '') ORDER BY person LIMIT ?
-- :people-in-state
SELECT DISTINCT person FROM states WHERE state = ? AND person > ? ORDER BY person LIMIT ?
-- :people-by-token
SELECT DISTINCT s.person FROM search_tokens t JOIN subjects s ON s.subject = t.subject
WHERE t.token >= ? AND t.token < ? AND s.person > ? ORDER BY s.person LIMIT ?
-- :people-by-number
WITH RECURSIVE known(system) AS (SELECT min(system) FROM external_ids
  UNION ALL SELECT (SELECT min(system) FROM external_ids WHERE system > known.system) FROM known WHERE known.system IS NOT NULL)
SELECT DISTINCT s.person FROM known JOIN external_ids e ON e.system = known.system AND e.value = ?
JOIN subjects s ON s.subject = e.subject WHERE s.person > ? ORDER BY s.person LIMIT ?
-- :tokens-all
WITH RECURSIVE each(token) AS (SELECT min(token) FROM search_tokens
  UNION ALL SELECT (SELECT min(token) FROM search_tokens WHERE token > each.token) FROM each WHERE each.token IS NOT NULL)
SELECT token FROM each WHERE token IS NOT NULL
-- :people-by-contact
SELECT DISTINCT s.person FROM contacts c JOIN subjects s ON s.subject = c.subject
WHERE c.contact_key = ? AND s.person > ? ORDER BY s.person LIMIT ?
-- :has-token
SELECT 1 FROM search_tokens t JOIN subjects s ON s.subject = t.subject
WHERE s.person = ? AND t.token >= ? AND t.token < ? LIMIT 1
-- :has-state
SELECT 1 FROM states WHERE person = ? AND state = ? LIMIT 1

-- :suppress
INSERT INTO suppression (contact_key, since, reason) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
-- :suppressed
SELECT 1 FROM suppression WHERE contact_key = ?

-- :count-events
SELECT count(*) FROM events
-- :count-subjects
SELECT count(*), count(DISTINCT person) FROM subjects WHERE (erased_to = 0 OR display <> '')
-- :count-quarantine
SELECT (SELECT count(*) FROM quarantine) + (SELECT count(*) FROM forked WHERE settled = 0)
  + (SELECT count(*) FROM sealed WHERE kept <> '')
-- :count-permitted
SELECT count(DISTINCT person) FROM states WHERE state IN ('given', 'soft-opt-in', 'legacy')
  AND (valid_until > ? OR fallbacks <> '') AND person NOT IN (SELECT person FROM states WHERE state = 'objected')
  AND person NOT IN (SELECT person FROM subjects WHERE restricted = 1 OR (erased_to > 0 AND display = ''))
-- :count-dated
SELECT count(DISTINCT person) FROM states WHERE state IN ('given', 'soft-opt-in')
  AND (valid_until > ? OR fallbacks <> '') AND person NOT IN (SELECT person FROM states WHERE state = 'objected')
  AND person NOT IN (SELECT person FROM subjects WHERE restricted = 1 OR (erased_to > 0 AND display = ''))
-- :count-states
SELECT state, count(*) FROM states GROUP BY state ORDER BY state
-- :payload-newest
SELECT max(CASE WHEN at < received_at THEN at ELSE received_at END) FROM events WHERE subject = ? AND payload IS NOT NULL AND length(payload) > 0
-- :all-persons
SELECT DISTINCT person FROM subjects
-- :all-subjects
SELECT subject, person, display, language, restricted, minor, erased_to, orders, customer_since FROM subjects ORDER BY subject
-- :all-states
SELECT person, controller, purpose, channel, state, because, at, place, method, basis, valid_until, pending, notice,
  deferred_at, fallbacks
FROM states ORDER BY person, controller, purpose, channel
-- :all-contacts
SELECT subject, channel, contact_key, address, status, released FROM contacts ORDER BY subject, channel, contact_key

-- :names-taken
SELECT name FROM origins UNION SELECT name FROM invitations WHERE used_at = 0 AND expires_at > ?
-- :invite
INSERT INTO invitations (code_hash, name, place, kind, expires_at) VALUES (?, ?, ?, ?, ?)
-- :invite-get
SELECT name, place, kind FROM invitations WHERE code_hash = ? AND used_at = 0 AND expires_at > ?
-- :invite-use
UPDATE invitations SET used_at = ? WHERE code_hash = ?
-- :staff-put
INSERT INTO staff (name, role, password, failures, locked_until, created_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password,
  failures = excluded.failures, locked_until = excluded.locked_until
-- :staff-get
SELECT name, role, password, failures, locked_until FROM staff WHERE name = ?
-- :audit-put
INSERT INTO audit (n, at, who, action, about, reason) SELECT coalesce(max(n), 0) + 1, ?, ?, ?, ?, ? FROM audit
-- :audit-list
SELECT at, who, action, about, reason, n FROM audit WHERE action <> ? ORDER BY n DESC LIMIT ?
-- :audit-count
SELECT count(*) FROM audit WHERE action = ? AND n >= ?
-- :setting-put
INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value
-- :setting-get
SELECT value FROM settings WHERE name = ?
-- :settings-of-four
SELECT name, value FROM settings WHERE name IN (?, ?, ?, ?)
-- :subjects-after
SELECT subject FROM subjects WHERE subject > ? ORDER BY subject LIMIT ?

-- Mails that ask for a confirmation (sync/store/Mails.cpp).
-- :mail-events
SELECT pos, origin, seq, header, received_at, payload, kind FROM events WHERE shard = ? AND pos > ? ORDER BY pos LIMIT ?
-- :mail-put
INSERT INTO mails (subject, act, contact_key, kind, kiosk, found_at, due, expires, message)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
-- :mails-due
SELECT subject, act, contact_key, kind, kiosk, found_at, due, expires, attempts, tried_at, message, outcome, outcome_at, maybes FROM mails
WHERE outcome = '' AND due <= ? ORDER BY due, subject, act LIMIT 100
-- :mails-of
SELECT subject, act, contact_key, kind, kiosk, found_at, due, expires, attempts, tried_at, message, outcome, outcome_at, maybes FROM mails
WHERE subject = ? ORDER BY found_at, act, contact_key
-- :mails-tried
SELECT coalesce(max(tried_at), 0) FROM mails WHERE contact_key = ? AND tried_at > ? AND message <> ? AND kind <> ?
-- :mails-tried-of
SELECT coalesce(max(tried_at), 0) FROM mails WHERE subject = ? AND tried_at > ? AND message <> ?
-- :mails-stopped
SELECT 1 FROM mails WHERE contact_key = ? AND outcome = 'not-me' AND outcome_at > ? LIMIT 1
-- :mails-kiosk
SELECT count(DISTINCT message), coalesce(min(tried_at), 0) FROM mails WHERE kiosk = ? AND tried_at > ? AND message <> ?
-- :mail-postpone
UPDATE mails SET due = ? WHERE subject = ? AND act = ? AND contact_key = ?
-- :mail-claim
UPDATE mails SET due = ?, attempts = attempts + 1, tried_at = ?, message = ? WHERE subject = ? AND act = ? AND contact_key = ?
-- :mail-end
UPDATE mails SET outcome = ?, outcome_at = ? WHERE subject = ? AND act = ? AND contact_key = ?
-- :mail-message-end
UPDATE mails SET outcome = ?, outcome_at = ? WHERE subject = ? AND message = ? AND outcome = ?
-- :mail-message-again
UPDATE mails SET due = ? WHERE subject = ? AND message = ? AND outcome = ''
-- :mail-message-maybe
UPDATE mails SET due = ?, maybes = maybes + 1 WHERE subject = ? AND message = ? AND outcome = ''
-- :mail-message-answered
UPDATE mails SET outcome = ?, outcome_at = ? WHERE subject = ? AND message = ? AND outcome <> ? AND outcome <> ?
-- :mail-token-put
INSERT INTO mail_tokens (hash, subject, message, expires) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
-- :mail-token
SELECT subject, message FROM mail_tokens WHERE hash = ? AND expires > ?
-- :mail-tokens-old
DELETE FROM mail_tokens WHERE expires <= ?
-- :mails-old
DELETE FROM mails WHERE outcome <> '' AND outcome_at < ?
-- :mails-counted
SELECT outcome, count(*) FROM mails WHERE found_at > ? GROUP BY outcome ORDER BY outcome

-- What kiosks sent.
-- :sealed-known
SELECT number, kept FROM sealed WHERE origin = ? AND number = ? AND digest = ?
-- :sealed-number
SELECT number FROM sealed WHERE origin = ? AND number = ? AND digest <> ?
-- :sealed-put
INSERT INTO sealed (origin, number, digest, key, kept, received_at, item) VALUES (?, ?, ?, ?, ?, ?, ?)
-- :sealed-drop
DELETE FROM sealed WHERE origin = ? AND number = ? AND digest = ?
-- :sealed-count
SELECT count(*) FROM sealed WHERE origin = ? AND number >= ? AND number <= ?
-- :sealed-kept
SELECT origin, number, digest, key, kept, item FROM sealed
WHERE kept <> '' AND (origin > ? OR (origin = ? AND (number > ? OR (number = ? AND digest > ?)))) ORDER BY origin, number, digest LIMIT ?
-- :sealed-kept-why
SELECT origin, kept, count(*), min(key) FROM sealed WHERE kept <> '' GROUP BY origin, kept ORDER BY origin, kept
-- :sealed-kept-count
SELECT count(*) FROM sealed WHERE origin = ? AND kept <> ''
-- :sealed-kept-bytes
SELECT coalesce(sum(length(item)), 0) FROM sealed WHERE origin = ? AND kept <> ''
-- :act-by-slip
SELECT e.header FROM slips s JOIN events e ON e.subject = s.subject AND e.id = s.event WHERE s.hash = ?
-- :early-put
INSERT INTO early (hash, event, origin, at, unc, offset_min, received_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
-- :early-count
SELECT count(*) FROM early WHERE origin = ?
-- :early-any
SELECT 1 FROM early LIMIT 1
-- :early-ready
SELECT w.event, w.origin, w.at, w.unc, w.offset_min, w.received_at, e.header FROM early w JOIN slips s ON s.hash = w.hash
JOIN events e ON e.subject = s.subject AND e.id = s.event WHERE w.hash = ? ORDER BY w.received_at, w.event
-- :early-drop
DELETE FROM early WHERE hash = ? AND event = ?
-- :intake-keys
SELECT number, certificate, private, made_at FROM intake_keys ORDER BY number
-- :intake-key-put
INSERT INTO intake_keys (number, certificate, private, made_at) VALUES (?, ?, ?, ?) ON CONFLICT (number) DO NOTHING
-- :intake-key-drop
DELETE FROM intake_keys WHERE number < ?
-- :intake-needs-put
INSERT INTO intake_needs (origin, number) VALUES (?, ?) ON CONFLICT (origin) DO UPDATE SET number = excluded.number
-- :intake-needs
SELECT origin, number FROM intake_needs ORDER BY origin

-- Anonymous questionnaires.
-- :ballot-known
SELECT day FROM ballots WHERE id = ?
-- :ballot-put
INSERT INTO ballots (id, day) VALUES (?, ?)
-- :ballots-forget
DELETE FROM ballots WHERE day < ?
-- :survey-count
SELECT count FROM survey_counts WHERE questionnaire = ? AND version = ? AND question = ? AND answer = ? AND day = ?
-- :survey-add
INSERT INTO survey_counts (questionnaire, version, question, answer, day, count) VALUES (?, ?, ?, ?, ?, 1)
ON CONFLICT (questionnaire, version, question, answer, day) DO UPDATE SET count = survey_counts.count + 1
-- :survey-counts
SELECT question, answer, sum(count) FROM survey_counts WHERE questionnaire = ? AND version = ? GROUP BY question, answer
ORDER BY question, answer
-- :survey-days
SELECT coalesce(min(day), 0), coalesce(max(day), 0) FROM survey_counts WHERE questionnaire = ? AND version = ?
