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
