-- service.sql: how long the node's queues are, for /metrics.

-- name: service_queues
-- out: queued int, held int
-- one
SELECT (SELECT COUNT(*) FROM message WHERE delivery = 'queued') AS queued,
	(SELECT COUNT(*) FROM message WHERE delivery = 'held') AS held;

-- name: service_overdue
-- in: team text, most int
-- out: late int
-- one
SELECT count(*)
FROM (SELECT 1 FROM clock WHERE team = :team AND state = 'late' AND met IS NULL LIMIT :most) x;
