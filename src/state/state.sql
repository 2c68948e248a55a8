-- state.sql: the two statements that every entry may need besides its own.

-- name: state_content_store
-- in: id uuid, kind text, seq int, body text
-- run
INSERT INTO content (id, kind, seq, body) VALUES (:id, :kind, :seq, :body)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, seq = excluded.seq, body = excluded.body;

-- name: state_timeline_store
-- in: subject uuid, seq int, at instant, kind text, actor uuid, team text, annex bool, ref uuid
-- run
INSERT INTO timeline (subject, seq, at, kind, actor, team, annex, ref)
VALUES (:subject, :seq, :at, :kind, :actor, :team, :annex, :ref) ON CONFLICT (subject, seq) DO NOTHING;

-- The content entry was purged: in a rebuild it still takes the place of what was there before it.
-- name: state_content_forget
-- in: id uuid
-- run
DELETE FROM content WHERE id = :id;

-- The indexes that *_schema.sql makes by name; those of primary keys and UNIQUE are the tables' own.
-- name: state_index_page
-- out: name text, definition text
-- many
-- @sqlite
SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name;
-- @pg
SELECT i.indexname::text, i.indexdef FROM pg_indexes i WHERE i.schemaname = current_schema() AND NOT EXISTS (
	SELECT 1 FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
	WHERE c.conname = i.indexname AND n.nspname = i.schemaname) ORDER BY 1;
-- @all
