-- service.sql: how long the node's queues are, for /metrics.

-- name: service_queues
-- out: queued int, held int
-- one
SELECT (SELECT COUNT(*) FROM message WHERE delivery = 'queued') AS queued,
	(SELECT COUNT(*) FROM message WHERE delivery = 'held') AS held;
