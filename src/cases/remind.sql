-- remind.sql: what is due for a turn of the ticker, who is to be told, and what nobody takes.

-- name: remind_clocks
-- in: now int, count int
-- out: id uuid, subject uuid, team text, duty text, step text, title text, anchor_at instant?, due instant?
-- out: state text, target bool, source text, reminded int, next_turn instant
-- out: report_number text?, incident_number text?, report_owner uuid?, incident_owner uuid?, regime text?
-- many
SELECT k.id, k.subject, k.team, k.duty, k.step, k.title, k.anchor_at, k.due, k.state, k.target, k.source,
	k.reminded, k.next_turn, r.number, i.number, r.owner, i.owner, i.regime
FROM clock k LEFT JOIN report r ON r.id = k.subject LEFT JOIN incident i ON i.id = k.subject
WHERE k.next_turn <= :now ORDER BY k.next_turn, k.id LIMIT :count;

-- name: remind_requests
-- in: now int, count int
-- out: id uuid, incident uuid, team text, asked instant, due instant?, reminded int, next_turn instant
-- out: number text, owner uuid?
-- many
SELECT q.id, q.incident, q.team, q.asked, q.due, q.reminded, q.next_turn, i.number, i.owner
FROM request q JOIN incident i ON i.id = q.incident
WHERE q.next_turn <= :now ORDER BY q.next_turn, q.id LIMIT :count;

-- name: remind_person
-- in: id uuid
-- out: id uuid, login text, team text, roles int, active bool, body text?
-- one
SELECT a.id, a.login, a.team, a.roles, a.active, c.body FROM account a LEFT JOIN content c ON c.id = a.id
WHERE a.id = :id;

-- name: remind_people
-- in: team text
-- out: id uuid, login text, team text, roles int, active bool, body text?
-- many
SELECT a.id, a.login, a.team, a.roles, a.active, c.body FROM account a LEFT JOIN content c ON c.id = a.id
WHERE a.team = :team AND a.active = 1 ORDER BY a.login;

-- What a later step has told, an earlier one has told too.
-- name: remind_alerted
-- in: team text, step int
-- out: upto instant?
-- one
SELECT max(upto) FROM alerted WHERE team = :team AND step >= :step;

-- Reports that nobody ever touched, by their arrival.
-- name: remind_new
-- in: team text, after int, upto int, count int
-- out: id uuid, number text, since instant
-- many
SELECT q.id, r.number, q.received FROM queue q JOIN report r ON r.id = q.id
WHERE q.team = :team AND q.kind = 1 AND q.state = 'new' AND q.received > :after AND q.received <= :upto
	AND q.owner IS NULL AND r.team = :team AND NOT EXISTS (SELECT 1 FROM untaken u WHERE u.id = q.id)
ORDER BY q.received, q.id LIMIT :count;

-- What lost its owner, by when.
-- name: remind_untaken
-- in: team text, after int, upto int, count int
-- out: id uuid, report_number text?, incident_number text?, since instant
-- many
SELECT u.id, r.number, i.number, u.since
FROM untaken u LEFT JOIN report r ON r.id = u.id LEFT JOIN incident i ON i.id = u.id
WHERE u.team = :team AND u.since > :after AND u.since <= :upto
	AND (r.state = 'new' OR i.state IN ('new', 'open', 'waiting', 'reopened'))
ORDER BY u.since, u.id LIMIT :count;
