-- query.sql: what people read, each statement bound to the team of whoever reads.

-- A page of reports in one statement: `ids` are 16 bytes each, one after another; `place` says which it is.
-- name: query_reports
-- in: scope_team text, ids blob, count int
-- out: place int, id uuid, number text, received instant, channel text, team text, owner uuid?, state text
-- out: incident uuid?, anonymous bool, tlp int, presumed bool, organisation uuid?, class text, sector text
-- out: raw blob?, unreadable bool, acknowledged instant?, answered instant?, reason uuid?, version int
-- out: body text?, owner_known bool, owner_body text?, organisation_name text?, organisation_team text?
-- out: case_number text?, case_team text?, case_tlp int, case_body text?, reporter uuid?, reporter_name text?
-- many
WITH RECURSIVE page (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM page WHERE place + 1 < :count)
SELECT page.place, r.id, r.number, r.received, r.channel, r.team, r.owner, r.state, r.incident, r.anonymous,
	r.tlp, r.presumed, r.organisation, r.class, r.sector, r.raw, r.unreadable, r.acknowledged, r.answered,
	r.reason, r.version, c.body, CASE WHEN w.id IS NULL THEN 0 ELSE 1 END, wc.body, o.name, o.team,
	k.number, k.team, COALESCE(k.tlp, 0), kc.body, r.reporter, ro.name
FROM page CROSS JOIN report r CROSS JOIN access a LEFT JOIN content c ON c.id = r.id
LEFT JOIN account w ON w.id = r.owner LEFT JOIN content wc ON wc.id = w.id
LEFT JOIN organisation o ON o.id = r.organisation LEFT JOIN organisation ro ON ro.id = r.reporter
LEFT JOIN access ka ON ka.id = r.incident AND ka.team = :scope_team
LEFT JOIN incident k ON k.id = ka.id LEFT JOIN content kc ON kc.id = k.id
WHERE r.id = substr(:ids, 16 * page.place + 1, 16) AND a.id = r.id AND a.team = :scope_team;

-- name: query_teams_of_all
-- in: scope_team text, ids blob, count int
-- out: place int, team text
-- many
WITH RECURSIVE page (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM page WHERE place + 1 < :count)
SELECT page.place, b.team FROM page CROSS JOIN access a CROSS JOIN access b
WHERE a.id = substr(:ids, 16 * page.place + 1, 16) AND a.team = :scope_team AND b.id = a.id
ORDER BY page.place, b.team;

-- name: query_evidence
-- in: scope_team text, report uuid
-- out: number text, team text, incident uuid?, tlp int, raw blob?, body text?
-- one
SELECT r.number, r.team, r.incident, r.tlp, r.raw, c.body
FROM access a JOIN report r ON r.id = a.id LEFT JOIN content c ON c.id = r.id
WHERE a.id = :report AND a.team = :scope_team;

-- name: query_incidents
-- in: scope_team text, ids blob, count int
-- out: place int, id uuid, number text, opened instant, team text, owner uuid?, state text, waiting_on text?
-- out: waiting_until instant?, resolution text?, tlp int, presumed bool, class text, sector text
-- out: severity text?, band int, merged_into uuid?, split_from uuid?, regime text, changed instant, version int, body text?
-- out: owner_known bool, owner_body text?, reports int, parties int
-- many
WITH RECURSIVE page (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM page WHERE place + 1 < :count)
SELECT page.place, i.id, i.number, i.opened, i.team, i.owner, i.state, i.waiting_on, i.waiting_until,
	i.resolution, i.tlp, i.presumed, i.class, i.sector, i.severity, i.band, i.merged_into, i.split_from,
	i.regime, i.changed, i.version, c.body, CASE WHEN w.id IS NULL THEN 0 ELSE 1 END, wc.body,
	(SELECT count(*) FROM report r JOIN access ra ON ra.id = r.id AND ra.team = :scope_team
		WHERE r.incident IN (SELECT i.id UNION ALL SELECT m.id FROM incident m WHERE m.root = i.id)),
	(SELECT count(*) FROM party p JOIN access pa ON pa.id = p.incident AND pa.team = :scope_team
		WHERE p.removed = 0
		AND p.incident IN (SELECT i.id UNION ALL SELECT m.id FROM incident m WHERE m.root = i.id))
FROM page CROSS JOIN incident i CROSS JOIN access a LEFT JOIN content c ON c.id = i.id
LEFT JOIN account w ON w.id = i.owner LEFT JOIN content wc ON wc.id = w.id
WHERE i.id = substr(:ids, 16 * page.place + 1, 16) AND a.id = i.id AND a.team = :scope_team;

-- name: query_case
-- in: scope_team text, id uuid
-- out: number text, team text, tlp int, body text?
-- one
SELECT i.number, i.team, i.tlp, c.body FROM access a JOIN incident i ON i.id = a.id LEFT JOIN content c ON
	c.id = i.id
WHERE a.id = :id AND a.team = :scope_team;

-- name: query_teams_of
-- in: scope_team text, id uuid
-- out: team text
-- many
SELECT b.team FROM access a JOIN access b ON b.id = a.id WHERE a.id = :id AND a.team = :scope_team ORDER
	BY b.team;

-- name: query_campaign
-- in: scope_team text, id uuid
-- out: id uuid
-- many
SELECT c.id FROM incident c JOIN access a ON a.id = c.id AND a.team = :scope_team
WHERE c.campaign = (SELECT k.campaign FROM incident k WHERE k.id = :id) AND c.id <> :id
	AND (c.root IS NULL OR c.root <> :id) ORDER BY c.id;

-- name: query_merged
-- in: scope_team text, id uuid
-- out: id uuid, number text, body text?
-- many
SELECT i.id, i.number, c.body FROM incident i JOIN access a ON a.id = i.id AND a.team = :scope_team
LEFT JOIN content c ON c.id = i.id WHERE i.root = :id ORDER BY i.id;

-- name: query_split_off
-- in: scope_team text, id uuid
-- out: id uuid
-- many
SELECT i.id FROM incident i JOIN access a ON a.id = i.id AND a.team = :scope_team
WHERE i.split_from = :id ORDER BY i.id;

-- name: query_flags
-- in: scope_team text, incident uuid
-- out: flag text, value text, said text, actor uuid, recorded instant
-- many
SELECT f.flag, f.value, f.said, f.actor, f.recorded
FROM incident_flag f JOIN access a ON a.id = f.incident AND a.team = :scope_team
WHERE f.incident = :incident ORDER BY f.flag;

-- name: query_submissions
-- in: scope_team text, incident uuid
-- out: id uuid, party uuid, duty text, step text, time instant, said text, recorded instant, actor uuid, regime text, body text?
-- many
SELECT u.id, u.party, u.duty, u.step, u.at, u.said, u.recorded, u.actor, i.regime, c.body
FROM submission u JOIN access a ON a.id = u.incident AND a.team = :scope_team
JOIN incident i ON i.id = u.incident LEFT JOIN content c ON c.id = u.id
WHERE u.incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
ORDER BY u.at, u.id;

-- name: query_parties
-- in: scope_team text, incident uuid
-- out: id uuid, role text, organisation uuid?, team text?, report uuid?, body text?
-- many
SELECT p.id, p.role, p.organisation, p.team, p.report, c.body
FROM party p JOIN access a ON a.id = p.incident AND a.team = :scope_team LEFT JOIN content c ON c.id = p.id
WHERE p.incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
	AND p.removed = 0 ORDER BY p.id;

-- name: query_party_named
-- in: scope_team text, id uuid
-- out: role text, coordinator text, body text?
-- one
SELECT p.role, i.team, c.body FROM party p JOIN access a ON a.id = p.incident AND a.team = :scope_team
JOIN incident i ON i.id = p.incident LEFT JOIN content c ON c.id = p.id WHERE p.id = :id;

-- name: query_facts
-- in: scope_team text, incident uuid
-- out: party uuid, fact text, value text, at instant?, said text, actor uuid
-- out: actor_known bool, actor_body text?
-- many
SELECT f.party, f.fact, f.value, f.at, f.said, f.actor, CASE WHEN w.id IS NULL THEN 0 ELSE 1 END, wc.body
FROM party p JOIN access a ON a.id = p.incident AND a.team = :scope_team JOIN party_fact f ON f.party = p.id
LEFT JOIN account w ON w.id = f.actor LEFT JOIN content wc ON wc.id = w.id
WHERE p.incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
ORDER BY f.party, f.fact;

-- name: query_anchors
-- in: scope_team text, incident uuid
-- out: party uuid?, name text, at instant, said text, actor uuid, recorded instant
-- out: actor_known bool, actor_body text?
-- many
SELECT n.party, n.name, n.at, n.said, n.actor, n.recorded, CASE WHEN w.id IS NULL THEN 0 ELSE 1 END, wc.body
FROM anchor n JOIN access a ON a.id = n.incident AND a.team = :scope_team
LEFT JOIN account w ON w.id = n.actor LEFT JOIN content wc ON wc.id = w.id
WHERE n.incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
	AND n.current = 1 ORDER BY n.recorded, n.id;

-- Who said the time that a clock counts from.
-- name: query_anchor_said
-- in: scope_team text, incident uuid, party uuid?, name text, time instant
-- out: said text
-- one
SELECT n.said FROM anchor n JOIN access a ON a.id = n.incident AND a.team = :scope_team
WHERE n.incident = :incident AND (n.party = :party OR n.party IS NULL) AND n.name = :name AND n.at = :time
	AND n.current = 1 ORDER BY n.recorded DESC LIMIT 1;

-- name: query_clock_past
-- in: scope_team text, clock uuid
-- out: due instant, until instant, why text, actor uuid
-- many
SELECT p.due, p.until, p.why, p.actor FROM clock_past p JOIN clock k ON k.id = p.clock
JOIN access a ON a.id = k.subject AND a.team = :scope_team WHERE p.clock = :clock ORDER BY p.seq;

-- name: query_clocks
-- in: scope_team text, ids blob, count int
-- out: place int, id uuid, subject uuid, duty text, step text, party uuid?, title text, who text, anchor text
-- out: anchor_at instant?, due instant?, state text, target bool, source text, met instant?, why text
-- out: reminded int, reminded_at instant?
-- out: reason_body text?, party_body text?, case_kind int, case_number text, case_tlp int, case_team text, case_body text?
-- many
WITH RECURSIVE page (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM page WHERE place + 1 < :count)
SELECT page.place, k.id, k.subject, k.duty, k.step, k.party, k.title, k.who, k.anchor, k.anchor_at, k.due,
	k.state, k.target, k.source, k.met, k.why,
	k.reminded, k.reminded_at, rc.body, pc.body, q.kind, q.number, q.tlp, b.team, qc.body
FROM page CROSS JOIN clock k CROSS JOIN queue q CROSS JOIN access b LEFT JOIN content pc ON pc.id = k.party
LEFT JOIN content qc ON qc.id = k.subject LEFT JOIN content rc ON rc.id = k.reason
WHERE k.id = substr(:ids, 16 * page.place + 1, 16) AND q.id = k.subject AND q.team = :scope_team
	AND b.id = k.subject AND b.coordinator = 1;

-- name: query_clocks_of
-- in: scope_team text, subject uuid
-- out: id uuid
-- many
SELECT k.id FROM clock k JOIN access a ON a.id = k.subject AND a.team = :scope_team
LEFT JOIN party p ON p.id = k.party
WHERE k.subject IN (SELECT :subject UNION ALL SELECT m.id FROM incident m WHERE m.root = :subject)
	AND (k.state <> 'not_applicable' OR p.id IS NULL OR (p.removed = 0 AND p.incident = k.subject))
ORDER BY CASE WHEN k.due IS NULL THEN 1 ELSE 0 END, k.due, k.id;

-- The first of each that is not met: what is late leads.
-- name: query_next_clocks
-- in: scope_team text, ids blob, count int
-- out: place int, id uuid
-- many
WITH RECURSIVE page (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM page WHERE place + 1 < :count),
	next (place, id) AS (SELECT page.place, (SELECT k.id
		FROM clock k JOIN access a ON a.id = k.subject AND a.team = :scope_team
		WHERE k.subject IN (SELECT substr(:ids, 16 * page.place + 1, 16) UNION ALL
			SELECT m.id FROM incident m WHERE m.root = substr(:ids, 16 * page.place + 1, 16))
			AND k.due IS NOT NULL
			AND k.met IS NULL AND k.state IN ('running', 'late')
		ORDER BY k.due, k.id LIMIT 1) FROM page)
SELECT place, id FROM next WHERE id IS NOT NULL ORDER BY place;

-- name: query_clock_board
-- in: scope_team text, state text, after_due int, after_id blob, count int
-- out: id uuid
-- many
SELECT id FROM clock WHERE team = :scope_team AND state = :state AND due IS NOT NULL
	AND (due, id) > (:after_due, :after_id)
ORDER BY due, id LIMIT :count;

-- Parts of the pages of clocks: of one state by due time; without a due time; late ones, open and settled.
-- name: query_clock_dated
-- in: scope_team text, state text, after_due int, after_id blob, count int
-- out: id uuid, due instant
-- many
SELECT id, due FROM clock WHERE team = :scope_team AND state = :state AND due IS NOT NULL
	AND (due, id) > (:after_due, :after_id)
ORDER BY due, id LIMIT :count;

-- name: query_clock_undated
-- in: scope_team text, state text, after_id blob, count int
-- out: id uuid
-- many
SELECT id FROM clock WHERE team = :scope_team AND state = :state AND due IS NULL AND id > :after_id
ORDER BY id LIMIT :count;

-- name: query_clock_overdue
-- in: scope_team text, after_due int, after_id blob, count int
-- out: id uuid, due instant
-- many
-- @sqlite
SELECT id, due FROM clock INDEXED BY clock_overdue
-- @pg
SELECT id, due FROM clock
-- @all
WHERE team = :scope_team AND state = 'late' AND met IS NULL AND due IS NOT NULL
	AND (due, id) > (:after_due, :after_id)
ORDER BY due, id LIMIT :count;

-- name: query_clock_met_late
-- in: scope_team text, after_due int, after_id blob, count int
-- out: id uuid, due instant
-- many
SELECT id, due FROM clock WHERE team = :scope_team AND state = 'late' AND met IS NOT NULL AND due IS NOT NULL
	AND (due, id) > (:after_due, :after_id)
ORDER BY due, id LIMIT :count;

-- name: query_requests
-- in: scope_team text, incident uuid
-- out: id uuid, party uuid, asked instant, due instant?, state text, met instant?
-- many
SELECT q.id, q.party, q.asked, q.due, q.state, q.met FROM request q JOIN access a ON a.id = q.incident AND
	a.team = :scope_team
WHERE q.incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
ORDER BY q.asked, q.id;

-- name: query_deliveries
-- in: scope_team text, incident uuid
-- out: id uuid, party uuid?, at instant, tlp int, request uuid?, delivery text, acknowledged instant?
-- out: with_reporter bool, body text?, detail text?
-- many
SELECT m.id, m.party, m.at, m.tlp, m.request, m.delivery, m.acknowledged,
	CASE WHEN m.report IS NOT NULL OR p.role = 'reporter' THEN 1 ELSE 0 END, c.body, dc.body
FROM message m JOIN access a ON a.id = m.incident AND a.team = :scope_team LEFT JOIN content c ON c.id = m.id
LEFT JOIN party p ON p.id = m.party LEFT JOIN content dc ON dc.id = m.detail
WHERE m.incident IN (SELECT :incident UNION ALL SELECT n.id FROM incident n WHERE n.root = :incident)
	AND m.direction = 'out' ORDER BY m.at, m.id;

-- name: query_answers
-- in: scope_team text, report uuid
-- out: id uuid, direction text, at instant, actor uuid, tlp int, delivery text, raw blob?, body text?
-- many
SELECT m.id, m.direction, m.at, m.actor, m.tlp, m.delivery, m.raw, c.body
FROM message m JOIN access a ON a.id = m.report AND a.team = :scope_team LEFT JOIN content c ON c.id = m.id
WHERE m.report = :report ORDER BY m.at, m.id;

-- name: query_reports_of
-- in: scope_team text, incident uuid
-- out: id uuid
-- many
SELECT r.id FROM report r JOIN access a ON a.id = r.id AND a.team = :scope_team
WHERE r.incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
ORDER BY r.received, r.id;

-- A team that was let in sees the shared core: nothing private (annex, or to and from whoever reported),
-- nothing RED (tlp 5).  Its own lines it sees whatever they are.
-- name: query_timeline_count
-- in: scope_team text, subject uuid
-- out: lines int
-- one
SELECT count(*)
FROM timeline t JOIN queue q ON q.id = t.subject AND q.team = :scope_team
LEFT JOIN message m ON m.id = t.ref LEFT JOIN party p ON p.id = m.party
WHERE t.subject = :subject AND (t.team = :scope_team OR (t.annex = 0 AND q.tlp < 5 AND COALESCE(m.tlp, 0) < 5
	AND m.report IS NULL AND COALESCE(p.role, '') <> 'reporter' AND (t.ref = t.subject OR t.kind NOT IN
	('incident.merged', 'incident.unmerged', 'incident.split', 'incident.withdrawn')
	OR EXISTS (SELECT 1 FROM access o WHERE o.id = t.ref AND o.team = :scope_team))));

-- Lines by their place among those that the team sees: seq would tell it how much happens elsewhere.
-- name: query_timeline
-- in: scope_team text, subject uuid, skip int, count int
-- out: at instant, kind text, actor uuid, team text, annex bool, ref uuid, tlp int, message_tlp int, payload text?, body text?, raw blob?
-- out: actor_known bool, actor_body text?
-- many
SELECT t.at, t.kind, t.actor, t.team, t.annex, t.ref, q.tlp, COALESCE(m.tlp, 0), j.payload, c.body, m.raw,
	CASE WHEN w.id IS NULL THEN 0 ELSE 1 END, wc.body
FROM timeline t JOIN queue q ON q.id = t.subject AND q.team = :scope_team JOIN journal_entry j ON j.seq =
	t.seq
LEFT JOIN content c ON c.id = t.ref LEFT JOIN message m ON m.id = t.ref LEFT JOIN party p ON p.id = m.party
LEFT JOIN account w ON w.id = t.actor LEFT JOIN content wc ON wc.id = w.id
WHERE t.subject = :subject AND (t.team = :scope_team OR (t.annex = 0 AND q.tlp < 5 AND COALESCE(m.tlp, 0) < 5
	AND m.report IS NULL AND COALESCE(p.role, '') <> 'reporter' AND (t.ref = t.subject OR t.kind NOT IN
	('incident.merged', 'incident.unmerged', 'incident.split', 'incident.withdrawn')
	OR EXISTS (SELECT 1 FROM access o WHERE o.id = t.ref AND o.team = :scope_team))))
ORDER BY t.seq LIMIT :count OFFSET :skip;

-- The first entry of a case is that of its receipt.
-- name: query_receipt
-- in: scope_team text, id uuid
-- out: hash blob
-- one
SELECT e.hash FROM timeline t JOIN journal_entry e ON e.seq = t.seq
WHERE t.subject = :id AND EXISTS (SELECT 1 FROM access a WHERE a.id = t.subject AND a.team = :scope_team)
ORDER BY t.seq LIMIT 1;

-- name: query_report_number
-- in: scope_team text, id uuid
-- out: number text
-- one
SELECT q.number FROM queue q WHERE q.id = :id AND q.team = :scope_team;

-- name: query_message_now
-- in: scope_team text, id uuid
-- out: delivery text, acknowledged instant?, request uuid?, party uuid?, asked instant?, due instant?, met instant?, state text?
-- out: detail text?
-- one
SELECT m.delivery, m.acknowledged, m.request, q.party, q.asked, q.due, q.met, q.state, dc.body
FROM message m LEFT JOIN request q ON q.id = m.request LEFT JOIN content dc ON dc.id = m.detail
WHERE m.id = :id AND (m.team = :scope_team
	OR EXISTS (SELECT 1 FROM access a WHERE a.id = m.incident AND a.team = :scope_team));

-- name: query_person
-- in: scope_team text, id uuid
-- out: body text?
-- one
SELECT c.body FROM account p LEFT JOIN content c ON c.id = p.id WHERE p.id = :id AND :scope_team <> '';

-- name: query_people
-- in: scope_team text
-- out: id uuid, roles int, body text?
-- many
SELECT p.id, p.roles, c.body FROM account p LEFT JOIN content c ON c.id = p.id
WHERE p.team = :scope_team AND p.active = 1 ORDER BY p.login;

-- name: query_organisation_name
-- in: scope_team text, id uuid
-- out: name text, team text
-- one
SELECT name, team FROM organisation WHERE id = :id AND :scope_team <> '';

-- name: query_contacts
-- in: scope_team text, organisation uuid
-- out: id uuid, position int, purpose text, body text?
-- many
SELECT k.id, k.position, k.purpose, c.body FROM contact k LEFT JOIN content c ON c.id = k.id
WHERE k.organisation = :organisation AND k.removed = 0 AND :scope_team <> '' ORDER BY k.position, k.id;

-- The index comes first, newest document first; what a team may no longer see, or RED of others, falls out.
-- :words is made by state/search.h of the same team.
-- name: query_search
-- in: scope_team text, words text, before int, count int
-- out: doc int, thing uuid, subject uuid, kind int
-- many
-- @sqlite
SELECT d.doc, d.thing, d.subject, d.kind FROM search_index x CROSS JOIN search_document d CROSS JOIN access a
	CROSS JOIN queue q
WHERE x.search_index MATCH :words AND x.rowid < :before AND d.doc = x.rowid AND d.team = :scope_team
	AND a.id = d.subject AND a.team = :scope_team AND q.id = d.subject AND q.team = :scope_team
	AND (a.coordinator = 1 OR q.tlp < 5)
ORDER BY x.rowid DESC LIMIT :count;
-- @pg
SELECT d.doc, d.thing, d.subject, d.kind FROM search_index x JOIN search_document d ON d.doc = x.doc
JOIN access a ON a.id = d.subject AND a.team = :scope_team
JOIN queue q ON q.id = d.subject AND q.team = :scope_team
WHERE x.words @> string_to_array(:words, ' ') AND x.doc < :before AND d.team = :scope_team
	AND (a.coordinator = 1 OR q.tlp < 5)
ORDER BY x.doc DESC LIMIT :count;
-- @all

-- name: query_search_messages
-- in: scope_team text, ids blob, count int
-- out: place int, incident uuid?, at instant, tlp int, body text?
-- many
WITH RECURSIVE page (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM page WHERE place + 1 < :count)
SELECT page.place, m.incident, m.at, m.tlp, c.body
FROM page CROSS JOIN message m LEFT JOIN content c ON c.id = m.id
WHERE m.id = substr(:ids, 16 * page.place + 1, 16) AND m.team = :scope_team;

-- A number somebody was told a moment ago is found before the index has it.
-- name: query_numbered
-- in: scope_team text, number text
-- out: doc int, thing uuid, subject uuid, kind int
-- many
SELECT 0, q.id, q.id, q.kind FROM queue q JOIN access a ON a.id = q.id AND a.team = :scope_team
WHERE q.team = :scope_team AND (a.coordinator = 1 OR q.tlp < 5)
	AND q.id IN (SELECT id FROM report WHERE number = :number UNION ALL
		SELECT id FROM incident WHERE number = :number);

-- Where a page of a search ended: cursors name a thing, since a document's number counts other teams' too.
-- name: query_search_place
-- in: scope_team text, thing uuid
-- out: doc int
-- one
SELECT doc FROM search_document WHERE thing = :thing AND team = :scope_team;

-- name: query_content
-- in: scope_team text, id uuid
-- out: body text
-- one
SELECT body FROM content WHERE id = :id AND :scope_team <> '';

-- name: query_outbox
-- in: scope_team text, before int, count int
-- out: id uuid, incident uuid?, report uuid?, party uuid?, at instant, tlp int, delivery text, body text?
-- many
SELECT m.id, m.incident, m.report, m.party, m.at, m.tlp, m.delivery, c.body FROM message m LEFT JOIN
	content c ON c.id = m.id
WHERE m.team = :scope_team AND m.direction = 'out' AND m.at < :before ORDER BY m.at DESC, m.id LIMIT :count;

-- name: query_claim
-- in: scope_team text, claim blob
-- out: id uuid, number text, received instant, state text, tlp int, team text, body text?
-- one
SELECT r.id, r.number, r.received, r.state, r.tlp, r.team, c.body FROM report r LEFT JOIN content c ON
	c.id = r.id
WHERE r.claim = :claim AND :scope_team = 'reporter';

-- name: query_claim_messages
-- in: scope_team text, report uuid
-- out: id uuid, direction text, at instant, tlp int, body text?
-- many
SELECT m.id, m.direction, m.at, m.tlp, c.body FROM message m LEFT JOIN content c ON c.id = m.id
WHERE m.id IN (SELECT x.id FROM message x WHERE x.report = :report
		UNION SELECT x.id FROM party p JOIN message x ON x.party = p.id WHERE p.report = :report)
	AND m.automatic = 0 AND m.delivery <> 'unverified'
	AND :scope_team = 'reporter' ORDER BY m.at, m.id;

-- name: query_overdue_target
-- in: scope_team text
-- out: id uuid, due instant
-- one
-- @sqlite
SELECT id, due FROM clock INDEXED BY clock_overdue
-- @pg
SELECT id, due FROM clock
-- @all
WHERE team = :scope_team AND state = 'late' AND target = 1 AND met IS NULL AND due IS NOT NULL
ORDER BY due, id LIMIT 1;

-- Running clocks with a due time before a moment; the greatest integer: all that have one.
-- name: query_running_tally
-- in: scope_team text, before int, most int
-- out: count int
-- one
SELECT count(*) FROM (SELECT 1 FROM clock WHERE team = :scope_team AND state = 'running'
	AND due IS NOT NULL AND due < :before LIMIT :most) few;

-- name: query_overdue_tally
-- in: scope_team text, most int
-- out: count int
-- one
-- @sqlite
SELECT count(*) FROM (SELECT 1 FROM clock INDEXED BY clock_overdue
-- @pg
SELECT count(*) FROM (SELECT 1 FROM clock
-- @all
	WHERE team = :scope_team AND state = 'late' AND met IS NULL AND due IS NOT NULL LIMIT :most) few;

-- name: query_incidents_of
-- in: scope_team text, organisation uuid, count int
-- out: id uuid, changed int
-- many
SELECT DISTINCT i.id, i.changed FROM party p JOIN access a ON a.id = p.incident AND a.team = :scope_team
JOIN incident i ON i.id = p.incident WHERE p.organisation = :organisation AND p.removed = 0
ORDER BY i.changed DESC, i.id LIMIT :count;

-- name: query_outbox_page
-- in: scope_team text, state text, before_at int, before_id blob, count int
-- out: id uuid, incident uuid?, report uuid?, party uuid?, at instant, tlp int, delivery text, body text?
-- out: detail text?
-- many
SELECT m.id, m.incident, m.report, m.party, m.at, m.tlp, m.delivery, c.body, dc.body FROM message m
LEFT JOIN content c ON c.id = m.id LEFT JOIN content dc ON dc.id = m.detail
WHERE m.team = :scope_team AND m.direction = 'out' AND (:state = '' OR m.delivery = :state)
	AND (m.at, m.id) < (:before_at, :before_id) ORDER BY m.at DESC, m.id DESC LIMIT :count;

-- A mail that went out, for who may see it: its own team, and who is let into its case, as in the timeline.
-- name: query_mail
-- in: scope_team text, id uuid
-- out: incident uuid?
-- one
SELECT m.incident FROM message m LEFT JOIN queue q ON q.id = m.incident AND q.team = :scope_team
LEFT JOIN party p ON p.id = m.party
WHERE m.id = :id AND m.direction = 'out' AND (m.team = :scope_team OR (q.id IS NOT NULL AND q.tlp < 5
	AND m.tlp < 5 AND m.report IS NULL AND COALESCE(p.role, '') <> 'reporter'));

-- name: query_outbox_tally
-- in: scope_team text, state text, most int
-- out: count int
-- one
SELECT count(*) FROM (SELECT 1 FROM message m WHERE m.team = :scope_team AND m.direction = 'out'
	AND (:state = '' OR m.delivery = :state) LIMIT :most) few;

-- When something of this team's last moved; what others do shows nowhere, not even as a wake-up.
-- name: query_moved
-- in: scope_team text
-- out: reports int, incidents int
-- one
SELECT coalesce((SELECT max(changed) FROM queue WHERE team = :scope_team AND kind = 1), 0),
	coalesce((SELECT max(changed) FROM queue WHERE team = :scope_team AND kind = 2), 0);

-- Bytes that are kept; by their hash, which whoever asks was shown.
-- name: query_kept
-- in: scope_team text, hash blob
-- out: size int
-- one
SELECT size FROM journal_blob WHERE hash = :hash AND :scope_team <> '';

-- name: query_message_original
-- in: scope_team text, id uuid
-- out: incident uuid?, report uuid?, team text, tlp int, case_tlp int, number text, raw blob?, body text?
-- one
SELECT m.incident, m.report, m.team, m.tlp, q.tlp, q.number, m.raw, c.body
FROM message m JOIN queue q ON q.id = COALESCE(m.incident, m.report) AND q.team = :scope_team
LEFT JOIN content c ON c.id = m.id WHERE m.id = :id AND m.direction = 'in';

-- name: query_hold
-- in: scope_team text, subject uuid
-- out: since instant, actor uuid, body text?
-- one
SELECT h.since, h.actor, c.body FROM legal_hold h JOIN access a ON a.id = h.subject AND a.team = :scope_team
LEFT JOIN content c ON c.id = h.reason WHERE h.subject = :subject;

-- Purges of the words of a report or an incident, and of what was written in it.
-- name: query_purges_of
-- in: scope_team text, subject uuid
-- out: id uuid, kind text, target uuid
-- out: asked_by uuid, asked instant, done_by uuid?, done instant?, body text?
-- many
SELECT p.id, p.kind, p.target, p.asked_by, p.asked, p.done_by, p.done, c.body
FROM purge p LEFT JOIN content c ON c.id = p.reason
WHERE p.team = :scope_team AND (p.target = :subject
	OR p.target IN (SELECT m.id FROM message m WHERE m.incident = :subject OR m.report = :subject)
	OR p.incident = :subject OR p.report = :subject) ORDER BY p.asked, p.id;

-- Newest first; state "asked" or "done", empty for both.  An auditor's scope is every team's.
-- name: query_purges
-- in: scope_team text, any bool, state text, before blob, count int
-- out: id uuid, kind text, seq int, target uuid, incident uuid?, report uuid?, team text
-- out: asked_by uuid, asked instant, done_by uuid?, done instant?, body text?
-- many
SELECT p.id, p.kind, p.seq, p.target, p.incident, p.report, p.team, p.asked_by, p.asked, p.done_by, p.done,
	c.body
FROM purge p LEFT JOIN content c ON c.id = p.reason
WHERE (p.team = :scope_team OR :any = 1) AND p.id < :before
	AND (:state = '' OR (:state = 'done' AND p.done IS NOT NULL) OR (:state = 'asked' AND p.done IS NULL))
ORDER BY p.id DESC LIMIT :count;

-- Reports that nobody has taken, of those that are the team's to take.
-- name: query_untaken
-- in: scope_team text, most int
-- out: count int, oldest instant?
-- one
SELECT count(*), min(x.received) FROM (SELECT q.received FROM queue q JOIN access a ON a.id = q.id AND
	a.team = :scope_team AND a.coordinator = 1
WHERE q.team = :scope_team AND q.kind = 1 AND q.state = 'new' AND q.owner IS NULL
ORDER BY q.received LIMIT :most) x;

-- When the team was last alerted of what nobody takes.
-- name: query_alerted
-- in: scope_team text
-- out: at instant?
-- one
SELECT max(at) FROM alerted WHERE team = :scope_team;
