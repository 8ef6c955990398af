-- Acts by the hash of the code on their slip: the 64 hex digits behind "slip":" in the header. A quotation mark inside a
-- text of the header is escaped, so that nothing else reads like it.
CREATE INDEX IF NOT EXISTS events_slip ON events (substr(header, instr(header, X'22736C6970223A22') + 8, 64))
    WHERE kind = 'act' AND instr(header, X'22736C6970223A22') > 0;
