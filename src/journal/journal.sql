-- journal.sql: statements of journal/journal.c.

-- name: journal_head_lock
-- out: epoch int, size int, prev blob, frontier blob
-- one
-- @sqlite
SELECT epoch, size, prev, frontier FROM journal_head WHERE id = 1;
-- @pg
SELECT epoch, size, prev, frontier FROM journal_head WHERE id = 1 FOR UPDATE;
-- @all

-- name: journal_head_read
-- out: epoch int, size int, prev blob, frontier blob
-- one
SELECT epoch, size, prev, frontier FROM journal_head WHERE id = 1;

-- name: journal_head_insert
-- in: epoch int, size int, prev blob, frontier blob
-- run
INSERT INTO journal_head (id, epoch, size, prev, frontier) VALUES (1, :epoch, :size, :prev, :frontier);

-- name: journal_head_update
-- in: epoch int, size int, prev blob, frontier blob
-- run
UPDATE journal_head SET epoch = :epoch, size = :size, prev = :prev, frontier = :frontier WHERE id = 1;

-- name: journal_entry_insert
-- in: seq int, kind text, subject uuid, header text, hash blob, salt blob?, payload text?
-- run
INSERT INTO journal_entry (seq, kind, subject, header, hash, salt, payload)
VALUES (:seq, :kind, :subject, :header, :hash, :salt, :payload);

-- name: journal_entry_find
-- in: seq int
-- out: header text, hash blob, salt blob?, payload text?
-- one
SELECT header, hash, salt, payload FROM journal_entry WHERE seq = :seq;

-- name: journal_entry_page
-- in: from int, count int
-- out: seq int, header text, hash blob, salt blob?, payload text?
-- many
SELECT seq, header, hash, salt, payload FROM journal_entry WHERE seq >= :from ORDER BY seq LIMIT :count;

-- All that is kept of each entry, with what the columns say beside the header.
-- name: journal_verify_page
-- in: from int, count int
-- out: seq int, kind text, subject blob, header text, hash blob, salt blob?, payload text?
-- many
SELECT seq, kind, subject, header, hash, salt, payload FROM journal_entry WHERE seq >= :from ORDER BY seq
	LIMIT :count;

-- A proof asks for some hundred of these: without the payload it is a fifth less work.
-- name: journal_hash_find
-- in: seq int
-- out: hash blob
-- one
SELECT hash FROM journal_entry WHERE seq = :seq;

-- name: journal_entry_purge
-- in: seq int
-- run
UPDATE journal_entry SET salt = NULL, payload = NULL WHERE seq = :seq;

-- name: journal_once_find
-- in: key blob
-- out: request blob, seq int
-- one
SELECT request, seq FROM journal_once WHERE key = :key;

-- name: journal_once_insert
-- in: key blob, request blob, seq int
-- run
INSERT INTO journal_once (key, request, seq) VALUES (:key, :request, :seq);

-- name: journal_node_insert
-- in: level int, position int, hash blob
-- run
INSERT INTO journal_node (level, position, hash) VALUES (:level, :position, :hash);

-- name: journal_node_find
-- in: level int, position int
-- out: hash blob
-- one
SELECT hash FROM journal_node WHERE level = :level AND position = :position;

-- name: journal_node_count
-- out: n int
-- one
SELECT count(*) FROM journal_node;

-- name: journal_checkpoint_insert
-- in: size int, at instant, note text
-- run
INSERT INTO journal_checkpoint (size, at, note) VALUES (:size, :at, :note)
ON CONFLICT (size) DO UPDATE SET at = excluded.at, note = excluded.note;

-- name: journal_checkpoint_page
-- in: after int, count int
-- out: size int, at instant, note text
-- many
SELECT size, at, note FROM journal_checkpoint WHERE size > :after ORDER BY size LIMIT :count;

-- name: journal_checkpoint_latest
-- out: size int, at instant, note text
-- one
SELECT size, at, note FROM journal_checkpoint ORDER BY size DESC LIMIT 1;

-- name: journal_blob_insert
-- in: hash blob, size int, bytes blob
-- run
INSERT INTO journal_blob (hash, size, bytes) VALUES (:hash, :size, :bytes) ON CONFLICT (hash) DO NOTHING;

-- name: journal_blob_find
-- in: hash blob
-- out: bytes blob
-- one
SELECT bytes FROM journal_blob WHERE hash = :hash;

-- name: journal_blob_page
-- in: after blob, count int
-- out: hash blob, size int, bytes blob
-- many
SELECT hash, size, bytes FROM journal_blob WHERE hash > :after ORDER BY hash LIMIT :count;

-- name: journal_blob_delete
-- in: hash blob
-- run
DELETE FROM journal_blob WHERE hash = :hash;

-- name: journal_cursor_find
-- in: reader text
-- out: seq int
-- one
SELECT seq FROM journal_cursor WHERE reader = :reader;

-- name: journal_cursor_set
-- in: reader text, seq int
-- run
INSERT INTO journal_cursor (reader, seq) VALUES (:reader, :seq) ON CONFLICT (reader) DO UPDATE SET seq =
	excluded.seq;

-- name: journal_cursor_delete
-- in: reader text
-- run
DELETE FROM journal_cursor WHERE reader = :reader;

-- name: journal_once_page
-- in: after blob, count int
-- out: key blob, request blob, seq int
-- many
SELECT key, request, seq FROM journal_once WHERE key > :after ORDER BY key LIMIT :count;
