-- ticker.sql: clocks that came due.

-- name: ticker_due
-- in: now int, count int
-- out: id uuid, subject uuid, team text, due instant
-- many
SELECT id, subject, team, due FROM clock WHERE next_turn <= :now AND state = 'running' AND due <= :now
	ORDER BY next_turn, id LIMIT :count;

-- name: ticker_still
-- in: id uuid, now int
-- out: subject uuid, team text
-- one
SELECT subject, team FROM clock WHERE id = :id AND state = 'running' AND due <= :now;
