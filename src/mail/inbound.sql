-- inbound.sql: whether a token or a number is one of ours.

-- name: inbound_token
-- in: token text
-- out: known int
-- one
SELECT 1 FROM party WHERE reply = :token UNION ALL SELECT 1 FROM report WHERE reply = :token LIMIT 1;

-- name: inbound_number
-- in: number text
-- out: known int
-- one
SELECT 1 FROM report WHERE number = :number UNION ALL SELECT 1 FROM incident WHERE number = :number LIMIT 1;

-- A mail of ours that went out.
-- name: inbound_message
-- in: id uuid
-- out: known int
-- one
SELECT 1 FROM message WHERE id = :id AND direction = 'out' AND delivery IN ('sent', 'queued');
