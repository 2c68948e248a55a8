-- search.sql: keeping the search index.

-- name: search_cursor
-- out: seq int
-- one
SELECT seq FROM journal_cursor WHERE reader = 'search';

-- name: search_size
-- out: size int
-- one
SELECT size FROM journal_head WHERE id = 1;

-- name: search_payload
-- in: seq int
-- out: payload text?
-- one
SELECT payload FROM journal_entry WHERE seq = :seq;

-- name: search_kept
-- in: seq int
-- out: seq int
-- one
SELECT seq FROM journal_entry WHERE seq = :seq AND payload IS NOT NULL;

-- Those of a stretch that were not purged: the same rows as search_entries.
-- name: search_kept_between
-- in: from int, before int
-- out: seq int
-- many
SELECT seq FROM journal_entry WHERE seq >= :from AND seq < :before AND kind IN
	('report.content', 'incident.content', 'message.content', 'access.granted', 'access.withdrawn')
	AND payload IS NOT NULL ORDER BY seq;

-- Things with words in a stretch that had a document before it.
-- name: search_known_between
-- in: from int, before int
-- out: thing uuid
-- many
SELECT thing FROM search_document WHERE thing IN (SELECT subject FROM journal_entry
	WHERE seq >= :from AND seq < :before AND kind IN
	('report.content', 'incident.content', 'message.content', 'access.granted', 'access.withdrawn'));

-- name: search_cursor_set
-- in: seq int
-- run
INSERT INTO journal_cursor (reader, seq) VALUES ('search', :seq)
ON CONFLICT (reader) DO UPDATE SET seq = excluded.seq;

-- What may change the index, of a stretch of the journal.  Payloads are read one by one: they may be long.
-- name: search_entries
-- in: from int, before int, count int
-- out: seq int, kind text, subject uuid
-- many
SELECT seq, kind, subject FROM journal_entry WHERE seq >= :from AND seq < :before AND kind IN
	('report.content', 'incident.content', 'message.content', 'access.granted', 'access.withdrawn')
ORDER BY seq LIMIT :count;

-- name: search_teams_of
-- in: id uuid
-- out: team text, own bool, kind int, number text
-- many
SELECT q.team, a.coordinator, q.kind, q.number FROM queue q JOIN access a ON a.id = q.id AND a.team = q.team
WHERE q.id = :id;

-- name: search_message
-- in: id uuid
-- out: team text, incident uuid?, report uuid?
-- one
SELECT team, incident, report FROM message WHERE id = :id AND automatic = 0;

-- The newest words of a thing.
-- name: search_content
-- in: id uuid
-- out: seq int, kind text, body text
-- one
SELECT seq, kind, body FROM content WHERE id = :id;

-- name: search_number
-- in: id uuid
-- out: number text
-- one
SELECT number FROM report WHERE id = :id UNION ALL SELECT number FROM incident WHERE id = :id;

-- name: search_document_find
-- in: thing uuid, team text
-- out: doc int, kind int, own bool, seq int
-- one
SELECT doc, kind, own, seq FROM search_document WHERE thing = :thing AND team = :team;

-- name: search_documents_of
-- in: thing uuid
-- out: team text
-- many
SELECT team FROM search_document WHERE thing = :thing;

-- name: search_document_last
-- out: doc int
-- one
SELECT coalesce(max(doc), 0) FROM search_document;

-- name: search_document_insert
-- in: doc int, team text, thing uuid, subject uuid, kind int, own bool, seq int
-- run
INSERT INTO search_document (doc, team, thing, subject, kind, own, seq)
VALUES (:doc, :team, :thing, :subject, :kind, :own, :seq);

-- name: search_document_delete
-- in: doc int
-- run
DELETE FROM search_document WHERE doc = :doc;

-- name: search_index_insert
-- in: doc int, words text
-- run
-- @sqlite
INSERT INTO search_index (rowid, words) VALUES (:doc, :words);
-- @pg
INSERT INTO search_index (doc, words) VALUES (:doc, string_to_array(:words, ' '));
-- @all

-- FTS5 without content has to be told what it forgets.
-- name: search_index_delete
-- in: doc int, words text
-- run
-- @sqlite
INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', :doc, :words);
-- @pg
DELETE FROM search_index WHERE doc = :doc AND :words <> '';
-- @all
