-- Schema version 4. Never edited after release: the next change is 0005.sql.
--
-- The search keeps beginnings of four and five letters as well: a beginning that is not kept has to be gathered from
-- every word that starts so, which takes longer than a cashier's patience where a million people are on file.
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (
    folded, content = 'names', content_rowid = 'num', tokenize = 'ascii', prefix = '1 2 3 4 5',
    detail = none, columnsize = 0
);
INSERT INTO search (search) VALUES ('rebuild');
