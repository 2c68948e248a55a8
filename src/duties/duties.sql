-- duties.sql: what is known of a case's clocks before they are planned again.

-- name: duty_clocks_of
-- in: subject uuid
-- out: id uuid, duty text, step text, party uuid?, anchor_at instant?, due instant?, state text, target bool, met instant?, team text
-- many
SELECT id, duty, step, party, anchor_at, due, state, target, met, team FROM clock WHERE subject = :subject
	ORDER BY id;

-- name: duty_anchors_of
-- in: incident uuid
-- out: id uuid, party uuid?, name text, time instant
-- many
SELECT id, party, name, at FROM anchor WHERE incident = :incident AND current = 1 ORDER BY recorded, id;

-- name: duty_flags_of
-- in: incident uuid
-- out: flag text, value text
-- many
SELECT flag, value FROM incident_flag WHERE incident = :incident ORDER BY flag;

-- name: duty_submissions_of
-- in: incident uuid
-- out: party uuid, duty text, step text, time instant
-- many
SELECT party, duty, step, at FROM submission WHERE incident = :incident ORDER BY recorded, id;
