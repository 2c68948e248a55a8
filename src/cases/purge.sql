-- purge.sql: what stands against a purge, and what else refers to the bytes.

-- A hold on the thing itself, on the case that it belongs to, or on the case that this was merged into.
-- name: purge_held
-- in: id uuid
-- out: subject uuid
-- one
SELECT h.subject FROM legal_hold h WHERE h.subject = :id
	OR h.subject IN (SELECT r.incident FROM report r WHERE r.id = :id)
	OR h.subject IN (SELECT i.merged_into FROM incident i WHERE i.id = :id)
	OR h.subject IN (SELECT i.merged_into FROM report r JOIN incident i ON i.id = r.incident WHERE
		r.id = :id)
	OR h.subject IN (SELECT p.incident FROM party p WHERE p.id = :id)
	OR h.subject IN (SELECT m.incident FROM message m WHERE m.id = :id)
	OR h.subject IN (SELECT m.report FROM message m WHERE m.id = :id)
LIMIT 1;

-- name: purge_hold
-- in: id uuid
-- out: since instant
-- one
SELECT since FROM legal_hold WHERE subject = :id;

-- name: purge_content
-- in: id uuid
-- out: seq int, kind text, body text
-- one
SELECT seq, kind, body FROM content WHERE id = :id;

-- name: purge_of_entry
-- in: entry int
-- out: id uuid, done instant?
-- one
SELECT id, done FROM purge WHERE seq = :entry ORDER BY asked DESC LIMIT 1;

-- name: purge_find
-- in: id uuid
-- out: entry int, asked_by uuid, done instant?
-- one
SELECT seq, asked_by, done FROM purge WHERE id = :id;

-- Others with the same original bytes whose words are still there.  A scan: purges are rare, an index is
-- not free.
-- name: purge_bytes_shared
-- in: raw blob, id uuid
-- out: id uuid
-- one
SELECT u.id FROM (SELECT r.id FROM report r WHERE r.raw = :raw UNION ALL SELECT m.id FROM message m WHERE
	m.raw = :raw UNION ALL SELECT e.id FROM evidence e WHERE e.hash = :raw) u
WHERE u.id <> :id AND EXISTS (SELECT 1 FROM content c WHERE c.id = u.id) LIMIT 1;

-- name: purge_evidence
-- in: id uuid
-- out: hash blob
-- many
SELECT hash FROM evidence WHERE id = :id;
