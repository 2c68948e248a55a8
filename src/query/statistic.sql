-- statistic.sql: numbers for whoever oversees: of whole cases, only of what was before the scope's moment.

-- name: statistic_sectors
-- in: scope_statistic instant, since instant
-- out: sector text, incidents int
-- many
SELECT sector, count(*) FROM incident WHERE opened >= :since AND opened < :scope_statistic GROUP BY sector
ORDER BY sector;

-- name: statistic_classes
-- in: scope_statistic instant, since instant
-- out: class text, incidents int
-- many
SELECT class, count(*) FROM incident WHERE opened >= :since AND opened < :scope_statistic GROUP BY class
ORDER BY class;

-- name: statistic_bands
-- in: scope_statistic instant, since instant
-- out: band int, incidents int
-- many
SELECT band, count(*) FROM incident WHERE opened >= :since AND opened < :scope_statistic GROUP BY band
ORDER BY band;

-- name: statistic_between
-- in: scope_statistic instant, since instant, before instant
-- out: incidents int
-- one
SELECT count(*) FROM incident WHERE opened >= :since AND opened < :before AND opened < :scope_statistic;

-- name: statistic_duties
-- in: scope_statistic instant, since instant
-- out: sector text, state text, target bool, met bool, clocks int
-- many
SELECT i.sector, k.state, k.target, CASE WHEN k.met IS NULL THEN 0 ELSE 1 END, count(*)
FROM clock k JOIN incident i ON i.id = k.subject
WHERE i.opened >= :since AND i.opened < :scope_statistic AND k.changed < :scope_statistic AND k.due IS NOT
	NULL
GROUP BY i.sector, k.state, k.target, CASE WHEN k.met IS NULL THEN 0 ELSE 1 END
ORDER BY i.sector, k.state, k.target, CASE WHEN k.met IS NULL THEN 0 ELSE 1 END;

-- From the receipt of a report until somebody took it, and until its reporter was answered.
-- name: statistic_taken
-- in: scope_statistic instant, since instant
-- out: reports int
-- one
SELECT count(*) FROM report WHERE received >= :since AND acknowledged < :scope_statistic;

-- name: statistic_taken_at
-- in: scope_statistic instant, since instant, skip int
-- out: took int
-- one
SELECT acknowledged - received FROM report WHERE received >= :since AND acknowledged < :scope_statistic
ORDER BY acknowledged - received LIMIT 1 OFFSET :skip;

-- name: statistic_answered
-- in: scope_statistic instant, since instant
-- out: reports int
-- one
SELECT count(*) FROM report WHERE received >= :since AND answered < :scope_statistic;

-- name: statistic_answered_at
-- in: scope_statistic instant, since instant, skip int
-- out: took int
-- one
SELECT answered - received FROM report WHERE received >= :since AND answered < :scope_statistic
ORDER BY answered - received LIMIT 1 OFFSET :skip;
