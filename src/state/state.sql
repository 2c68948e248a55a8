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
