-- own.sql: what a constituent reads: what was sent to its organisation, asked of it, owed or made by it.
-- Each statement begins with the organisation's parties and reports, so that a page costs what the
-- organisation has.  A party is the organisation's if it is of it, or stands for a report that it made
-- signed in.

-- part: own_parties
SELECT p.id FROM party p WHERE p.organisation = :scope_organisation
UNION ALL SELECT p.id FROM party p JOIN report o ON o.id = p.report WHERE o.reporter = :scope_organisation

-- What is written to and fro, but for what a program sent and what nobody vouches for.
-- part: own_written
(m.party IN ({own_parties})
	OR m.report IN (SELECT o.id FROM report o WHERE o.reporter = :scope_organisation))
AND m.automatic = 0 AND m.delivery <> 'unverified'

-- What lists are in the order of: what is open before what is done, and the next due first.
-- part: request_place
(CASE WHEN q.state = 'open' THEN 0 ELSE 4000000000000000000 END + coalesce(q.due, 3900000000000000000))
-- part: duty_place
(CASE WHEN k.met IS NULL AND k.state IN ('running', 'late') THEN 0 ELSE 4000000000000000000 END
	+ coalesce(k.due, 3900000000000000000))

-- name: own_messages
-- in: scope_organisation uuid, before_at int, before_id blob, count int
-- out: id uuid, direction text, at instant, team text, tlp int, delivery text, acknowledged instant?
-- out: incident uuid?, report uuid?, request uuid?, number text?, actor uuid, body text?
-- many
SELECT m.id, m.direction, m.at, m.team, m.tlp, m.delivery, m.acknowledged, m.incident, m.report, m.request,
	coalesce(i.number, r.number), m.actor, c.body
FROM message m LEFT JOIN content c ON c.id = m.id LEFT JOIN incident i ON i.id = m.incident
LEFT JOIN report r ON r.id = m.report
WHERE {own_written} AND (m.at, m.id) < (:before_at, :before_id)
ORDER BY m.at DESC, m.id DESC LIMIT :count;

-- name: own_message
-- in: scope_organisation uuid, id uuid
-- out: direction text, at instant, team text, tlp int, delivery text, acknowledged instant?
-- out: incident uuid?, report uuid?, request uuid?, party uuid?, number text?, actor uuid, body text?
-- one
SELECT m.direction, m.at, m.team, m.tlp, m.delivery, m.acknowledged, m.incident, m.report, m.request, m.party,
	coalesce(i.number, r.number), m.actor, c.body
FROM message m LEFT JOIN content c ON c.id = m.id LEFT JOIN incident i ON i.id = m.incident
LEFT JOIN report r ON r.id = m.report
WHERE m.id = :id AND {own_written};

-- What was written to and fro with the same party, or about the same report.
-- name: own_thread
-- in: scope_organisation uuid, party uuid?, report uuid?
-- out: id uuid, direction text, at instant, team text, tlp int, delivery text, acknowledged instant?
-- out: incident uuid?, report uuid?, request uuid?, number text?, actor uuid, body text?
-- many
SELECT m.id, m.direction, m.at, m.team, m.tlp, m.delivery, m.acknowledged, m.incident, m.report, m.request,
	coalesce(i.number, r.number), m.actor, c.body
FROM message m LEFT JOIN content c ON c.id = m.id LEFT JOIN incident i ON i.id = m.incident
LEFT JOIN report r ON r.id = m.report
WHERE m.automatic = 0 AND m.delivery <> 'unverified'
	AND ((m.party = :party AND m.party IN ({own_parties}))
		OR ((m.report = :report OR m.party IN (SELECT p.id FROM party p WHERE p.report = :report))
			AND EXISTS (SELECT 1 FROM report o WHERE o.id = :report
				AND o.reporter = :scope_organisation)))
ORDER BY m.at, m.id;

-- name: own_unread
-- in: scope_organisation uuid, most int
-- out: count int
-- one
SELECT count(*) FROM (SELECT 1 FROM message m
	WHERE {own_written} AND m.direction = 'out' AND m.delivery <> 'read' LIMIT :most) few;

-- name: own_requests
-- in: scope_organisation uuid, after_place int, after_id blob, count int
-- out: id uuid, incident uuid, asked instant, due instant?, state text, met instant?, team text, number text
-- out: tlp int, message uuid?, delivery text?, body text?, place int
-- many
SELECT q.id, q.incident, q.asked, q.due, q.state, q.met, q.team, i.number, coalesce(m.tlp, i.tlp), m.id,
	m.delivery, c.body, {request_place}
FROM request q JOIN incident i ON i.id = q.incident
LEFT JOIN message m ON m.party = q.party AND m.request = q.id AND m.direction = 'out'
LEFT JOIN content c ON c.id = m.id
WHERE q.party IN ({own_parties}) AND ({request_place}, q.id) > (:after_place, :after_id)
ORDER BY {request_place}, q.id LIMIT :count;

-- The number of a case is told only when it was told in a message.
-- name: own_duties
-- in: scope_organisation uuid, after_place int, after_id blob, count int
-- out: id uuid, subject uuid, duty text, step text, title text, anchor text, anchor_at instant?, due instant?
-- out: state text, target bool, source text, met instant?, team text, tlp int, number text?, place int
-- many
SELECT k.id, k.subject, k.duty, k.step, k.title, k.anchor, k.anchor_at, k.due, k.state, k.target, k.source,
	k.met, k.team, i.tlp,
	CASE WHEN EXISTS (SELECT 1 FROM message m WHERE m.party = p.id AND m.direction = 'out')
		THEN i.number END, {duty_place}
FROM party p JOIN clock k ON k.party = p.id JOIN incident i ON i.id = p.incident
WHERE p.organisation = :scope_organisation AND k.who = 'party' AND p.removed = 0
	AND ({duty_place}, k.id) > (:after_place, :after_id)
ORDER BY {duty_place}, k.id LIMIT :count;

-- name: own_duty
-- in: scope_organisation uuid, id uuid
-- out: id uuid, subject uuid, duty text, step text, title text, anchor text, anchor_at instant?, due instant?
-- out: state text, target bool, source text, met instant?, team text, tlp int, number text?, place int
-- one
SELECT k.id, k.subject, k.duty, k.step, k.title, k.anchor, k.anchor_at, k.due, k.state, k.target, k.source,
	k.met, k.team, i.tlp,
	CASE WHEN EXISTS (SELECT 1 FROM message m WHERE m.party = p.id AND m.direction = 'out')
		THEN i.number END, {duty_place}
FROM party p JOIN clock k ON k.party = p.id JOIN incident i ON i.id = p.incident
WHERE k.id = :id AND p.organisation = :scope_organisation AND k.who = 'party' AND p.removed = 0;

-- name: own_submissions
-- in: scope_organisation uuid, before_at int, before_id blob, count int
-- out: id uuid, incident uuid, duty text, step text, at instant, recorded instant, own bool, team text, tlp int
-- out: number text?, title text?, body text?
-- many
SELECT s.id, s.incident, s.duty, s.step, s.at, s.recorded,
	CASE WHEN EXISTS (SELECT 1 FROM account a WHERE a.id = s.actor AND a.organisation =
		:scope_organisation)
		THEN 1 ELSE 0 END, i.team, i.tlp,
	CASE WHEN EXISTS (SELECT 1 FROM message m WHERE m.party = p.id AND m.direction = 'out')
		THEN i.number END,
	(SELECT min(k.title) FROM clock k WHERE k.party = p.id AND k.duty = s.duty AND k.step = s.step),
		c.body
FROM party p JOIN submission s ON s.party = p.id JOIN incident i ON i.id = p.incident
LEFT JOIN content c ON c.id = s.id
WHERE p.organisation = :scope_organisation AND (s.at, s.id) < (:before_at, :before_id)
ORDER BY s.at DESC, s.id DESC LIMIT :count;

-- name: own_reports
-- in: scope_organisation uuid, before_at int, before_id blob, count int
-- out: id uuid, number text, received instant, state text, tlp int, team text, body text?
-- many
SELECT r.id, r.number, r.received, r.state, r.tlp, r.team, c.body
FROM report r LEFT JOIN content c ON c.id = r.id
WHERE r.reporter = :scope_organisation AND (r.received, r.id) < (:before_at, :before_id)
ORDER BY r.received DESC, r.id DESC LIMIT :count;

-- name: own_report
-- in: scope_organisation uuid, id uuid
-- out: number text, received instant, state text, tlp int, team text, body text?
-- one
SELECT r.number, r.received, r.state, r.tlp, r.team, c.body FROM report r LEFT JOIN content c ON c.id = r.id
WHERE r.id = :id AND r.reporter = :scope_organisation;

-- A colleague's name; of the teams' people none is told.
-- name: own_colleague
-- in: scope_organisation uuid, id uuid
-- out: login text, body text?
-- one
SELECT a.login, c.body FROM account a LEFT JOIN content c ON c.id = a.id
WHERE a.id = :id AND a.organisation = :scope_organisation;
