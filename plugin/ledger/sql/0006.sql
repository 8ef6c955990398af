-- Schema version 6. Never edited after release: the next change is 0007.sql.
--
-- Acts by the hash of the code on their slip: the 64 hex digits behind "slip":" in the header. A quotation mark inside a
-- text of the header is escaped, so that nothing else reads like it.
CREATE INDEX events_slip ON events (substr(header, instr(header, X'22736C6970223A22') + 8, 64))
    WHERE kind = 0 AND instr(header, X'22736C6970223A22') > 0;

-- Own acts of a counter that were recorded while nobody was signed in and that nobody has claimed yet; written and
-- removed with what it follows from. Until now the list was a setting, beside the transaction, and ended at 500.
CREATE TABLE unattributed (
    event INTEGER PRIMARY KEY
) STRICT;
INSERT INTO unattributed
SELECT c.event FROM (SELECT event FROM own_chain UNION SELECT event FROM former_chain) c JOIN events e ON e.num = c.event
WHERE e.kind = 0 AND instr(e.header, X'226279223A22') = 0
    AND (instr(e.header, CAST('"m":"spoken"' AS BLOB)) > 0 OR instr(e.header, CAST('"m":"screen"' AS BLOB)) > 0
        OR instr(e.header, CAST('"m":"paper"' AS BLOB)) > 0 OR instr(e.header, CAST('"m":"phone"' AS BLOB)) > 0)
    AND NOT EXISTS (
        SELECT 1 FROM audit a WHERE a.action = 'attribute' AND replace(a.about, '-', '') = lower(hex(e.id))
    );
DELETE FROM meta WHERE name = 'setting:counter.unattributed';
