-- search.sql: keeping the search index.

-- name: search_teams_of
-- in: subject uuid
-- out: team text, kind int, number text, received int
-- many
SELECT team, kind, number, received FROM queue WHERE id = :subject;

-- name: search_store
-- in: team text, value text, at int, subject uuid, kind int
-- run
INSERT INTO search_value (team, value, at, subject, kind) VALUES (:team, :value, :at, :subject, :kind)
ON CONFLICT (team, value, at, subject) DO NOTHING;

-- name: search_forget
-- in: subject uuid, team text, value text, at int
-- run
DELETE FROM search_value WHERE team = :team AND value = :value AND at = :at AND subject = :subject;

-- name: search_share
-- in: subject uuid, team text, owner text
-- run
INSERT INTO search_value (team, value, at, subject, kind)
SELECT :team, s.value, s.at, s.subject, s.kind FROM queue q
JOIN search_value s ON s.team = :owner AND s.subject = q.id AND s.value = q.number AND s.at = q.received
WHERE q.id = :subject AND q.team = :owner ON CONFLICT (team, value, at, subject) DO NOTHING;
