-- The RFC 9162 tree of each shard (DESIGN 6). Leaf i of a shard is events.leaf at pos i + 1, and no leaf ever changes once it
-- has a place. edge: the heads of the perfect subtrees that the leaves fall into, largest first, 32 bytes each; the shard's
-- head follows from it alone. What older builds placed is taken in when the store is opened.
CREATE TABLE IF NOT EXISTS trees (shard INTEGER PRIMARY KEY, leaves INTEGER NOT NULL, edge BLOB NOT NULL);
-- Heads of perfect subtrees of 16, 256, 4096 … leaves (level 4, 8, 12 …), for proofs; the levels between follow from these.
CREATE TABLE IF NOT EXISTS tree_nodes (
    shard INTEGER NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, head BLOB NOT NULL,
    PRIMARY KEY (shard, level, idx)) WITHOUT ROWID;
