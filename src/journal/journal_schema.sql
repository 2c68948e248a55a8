-- journal_schema.sql: the append-only record and its Merkle tree.  Not projections: nothing here is derived
-- but journal_node, which only saves work.

CREATE TABLE journal_entry (
	seq     INTEGER NOT NULL PRIMARY KEY,
	kind    TEXT NOT NULL,
	subject BLOB NOT NULL,
	-- canonical JSON; hash = SHA-256(0x00 || header), RFC 6962 section 2.1
	header  TEXT NOT NULL,
	hash    BLOB NOT NULL,
	salt    BLOB,                   -- NULL with payload once purged
	payload TEXT
) STRICT;

-- What was asked once: the key of a command, and a keyed hash of the request that came with it.
CREATE TABLE journal_once (
	key     BLOB NOT NULL PRIMARY KEY,
	request BLOB NOT NULL,
	seq     INTEGER NOT NULL        -- its first entry
) STRICT, WITHOUT ROWID;

CREATE TABLE journal_head (
	id       INTEGER NOT NULL PRIMARY KEY,
	epoch    INTEGER NOT NULL,
	size     INTEGER NOT NULL,      -- entries so far; the next seq
	prev     BLOB NOT NULL,         -- hash of the newest entry
	frontier BLOB NOT NULL          -- merkle.h
) STRICT;

-- Roots of full subtrees of 2^level leaves, levels 8, 16, 24 ..., so that a proof reads a few hundred hashes.
CREATE TABLE journal_node (
	level    INTEGER NOT NULL,
	position INTEGER NOT NULL,
	hash     BLOB NOT NULL,
	PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal_checkpoint (
	size INTEGER NOT NULL PRIMARY KEY,
	at   INTEGER NOT NULL,
	note TEXT NOT NULL              -- C2SP signed note
) STRICT;

CREATE TABLE journal_blob (
	hash  BLOB NOT NULL PRIMARY KEY, -- SHA-256 of the bytes
	size  INTEGER NOT NULL,
	bytes BLOB NOT NULL
) STRICT;

CREATE TABLE journal_cursor (
	reader TEXT NOT NULL PRIMARY KEY,
	seq    INTEGER NOT NULL         -- the next entry it will read
) STRICT, WITHOUT ROWID;
