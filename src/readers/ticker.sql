-- ticker.sql: whether any turn has come.

-- name: ticker_due
-- in: now int
-- out: clocks bool, requests bool
-- one
SELECT CASE WHEN EXISTS (SELECT 1 FROM clock WHERE next_turn <= :now) THEN 1 ELSE 0 END,
	CASE WHEN EXISTS (SELECT 1 FROM request WHERE next_turn <= :now) THEN 1 ELSE 0 END;
