-- journal_routes.sql: looking into the journal for auditors, and the entry that a receipt is of.

-- name: journal_headers_before
-- in: before int, count int
-- out: seq int, header text, hash blob
-- many
SELECT seq, header, hash FROM journal_entry WHERE seq < :before ORDER BY seq DESC LIMIT :count;

-- A receipt names its case; the first entry of that is meant.  An auditor may ask for any.
-- name: journal_entry_of_case
-- in: id uuid, team text, any bool
-- out: seq int
-- one
SELECT t.seq FROM timeline t WHERE t.subject = :id
	AND (:any = 1 OR EXISTS (SELECT 1 FROM access a WHERE a.id = t.subject AND a.team = :team))
ORDER BY t.seq LIMIT 1;

-- Only ever run on a copy that is deleted afterwards.
-- name: journal_entry_alter
-- in: seq int, header text, payload text?
-- run
UPDATE journal_entry SET header = :header, payload = :payload WHERE seq = :seq;
