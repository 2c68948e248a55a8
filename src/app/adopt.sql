-- adopt.sql: the laws that a node adopted, and what a newer one must not take away.

-- name: adopt_versions
-- out: id text, version text, hash blob, adopted instant
-- many
SELECT id, version, hash, adopted FROM regime_adopted ORDER BY seq;

-- By the cases themselves: an operator asks this by hand, and an index would cost each case.
-- name: adopt_open_cases
-- in: regime text
-- out: open int
-- one
SELECT count(*) FROM incident WHERE regime = :regime AND merged_into IS NULL AND state <> 'closed';

-- name: adopt_team_used
-- in: team text
-- out: accounts int, organisations int, cases int
-- one
SELECT (SELECT count(*) FROM account WHERE team = :team),
	(SELECT count(*) FROM organisation WHERE team = :team AND removed = 0),
	(SELECT count(*) FROM (SELECT 1 FROM queue WHERE team = :team LIMIT 1) x);
