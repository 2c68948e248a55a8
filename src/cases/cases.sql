-- cases.sql: what decide functions read before they decide.

-- name: case_report_find
-- in: id uuid, team text
-- out: number text, received instant, team text, owner uuid?, state text, incident uuid?, anonymous bool, reply text?, tlp int, presumed bool, organisation uuid?, class text, sector text, acknowledged instant?, answered instant?, version int
-- one
SELECT r.number, r.received, r.team, r.owner, r.state, r.incident, r.anonymous, r.reply, r.tlp, r.presumed,
	r.organisation, r.class, r.sector, r.acknowledged, r.answered, r.version
FROM report r WHERE r.id = :id AND EXISTS (SELECT 1 FROM access a WHERE a.id = r.id AND a.team = :team);

-- name: case_incident_find
-- in: id uuid, team text
-- out: number text, opened instant, team text, owner uuid?, state text, tlp int, presumed bool, class text, sector text, severity text?, band int, merged_into uuid?, root uuid?, split_from uuid?, resolution text?, regime text, version int
-- one
SELECT i.number, i.opened, i.team, i.owner, i.state, i.tlp, i.presumed, i.class, i.sector, i.severity, i.band,
	i.merged_into, i.root, i.split_from, i.resolution, i.regime, i.version
FROM incident i WHERE i.id = :id AND EXISTS (SELECT 1 FROM access a WHERE a.id = i.id AND a.team = :team);

-- name: case_number_taken
-- in: number text
-- out: taken int
-- one
SELECT 1 FROM report WHERE number = :number UNION ALL SELECT 1 FROM incident WHERE number = :number LIMIT 1;

-- name: case_content_find
-- in: id uuid
-- out: body text
-- one
SELECT body FROM content WHERE id = :id;

-- name: case_account_find
-- in: id uuid
-- out: team text, roles int, active bool
-- one
SELECT team, roles, active FROM account WHERE id = :id;

-- name: case_reports_of
-- in: incident uuid
-- out: id uuid, number text, received instant, state text, organisation uuid?, answered instant?
-- many
SELECT id, number, received, state, organisation, answered FROM report
WHERE incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
ORDER BY received, id;

-- name: case_reports_in
-- in: incident uuid
-- out: id uuid, received instant, organisation uuid?
-- many
SELECT id, received, organisation FROM report WHERE incident = :incident ORDER BY received, id;

-- name: case_split_reports
-- in: incident uuid
-- out: report uuid
-- many
SELECT report FROM split_report WHERE incident = :incident;

-- Something was said about a party, or to it, or asked of it: it stays where that happened.
-- name: case_party_touched
-- in: party uuid
-- out: touched int
-- one
SELECT 1 FROM party_fact WHERE party = :party UNION ALL SELECT 1 FROM anchor WHERE party = :party
UNION ALL SELECT 1 FROM submission WHERE party = :party UNION ALL SELECT 1 FROM request WHERE party = :party
UNION ALL SELECT 1 FROM message WHERE party = :party LIMIT 1;

-- Why a party cannot be taken out.  A message that failed told it nothing.
-- name: case_party_bond
-- in: party uuid
-- out: bond int
-- one
SELECT 0 FROM request WHERE party = :party AND state = 'open'
UNION SELECT 1 FROM message WHERE party = :party AND delivery <> 'failed'
UNION SELECT 2 FROM submission WHERE party = :party ORDER BY 1 LIMIT 1;

-- name: case_parties_ever
-- in: incident uuid
-- out: id uuid, role text, organisation uuid?, team text?, report uuid?, brought uuid?, removed bool
-- out: struck bool
-- many
SELECT id, role, organisation, team, report, brought, removed, struck FROM party WHERE incident = :incident
ORDER BY id;

-- What was done in an incident, other than opening it: then it cannot be taken back any more.
-- name: case_incident_used
-- in: incident uuid
-- out: used int
-- one
SELECT 1 FROM message WHERE incident = :incident UNION ALL SELECT 1 FROM request WHERE incident = :incident
UNION ALL SELECT 1 FROM submission WHERE incident = :incident
UNION ALL SELECT 1 FROM anchor WHERE incident = :incident
UNION ALL SELECT 1 FROM incident WHERE merged_into = :incident
UNION ALL SELECT 1 FROM incident WHERE id = :incident AND campaign IS NOT NULL
UNION ALL SELECT 1 FROM incident WHERE split_from = :incident AND COALESCE(resolution, '') <> 'withdrawn'
	LIMIT 1;

-- name: case_incidents_merged_into
-- in: incident uuid
-- out: id uuid
-- many
SELECT id FROM incident WHERE merged_into = :incident ORDER BY id;

-- name: case_parties_of
-- in: incident uuid
-- out: id uuid, role text, organisation uuid?, team text?, reply text, report uuid?
-- many
SELECT id, role, organisation, team, reply, report FROM party
WHERE incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
	AND removed = 0 ORDER BY id;

-- Whom an incident hits, with what is merged into it (own), and the other incidents of its campaign.
-- name: case_hit
-- in: incident uuid
-- out: party uuid, incident uuid, own bool, class text, sector text, province text, cii text, affected text?
-- many
WITH member (id) AS (SELECT COALESCE(c.root, c.id) FROM incident c WHERE c.campaign IN
	(SELECT k.campaign FROM incident k
	WHERE k.campaign IS NOT NULL AND (k.id = :incident OR k.root = :incident))),
own (id) AS (SELECT i.id FROM incident i WHERE i.id = :incident OR i.root = :incident),
family (id) AS (SELECT id FROM own UNION SELECT id FROM member
	UNION SELECT m.id FROM incident m JOIN member ON m.root = member.id)
SELECT p.id, p.incident, CASE WHEN p.incident IN (SELECT id FROM own) THEN 1 ELSE 0 END, o.class, o.sector,
	o.province, o.cii, f.value
FROM family JOIN party p ON p.incident = family.id JOIN organisation o ON o.id = p.organisation
LEFT JOIN party_fact f ON f.party = p.id AND f.fact = 'affected'
WHERE p.role = 'affected' AND p.removed = 0 ORDER BY p.id;

-- The other incidents of its campaign, each where it is worked on.
-- name: case_campaign
-- in: incident uuid
-- out: id uuid
-- many
SELECT DISTINCT COALESCE(c.root, c.id) FROM incident c WHERE c.campaign IN
	(SELECT k.campaign FROM incident k
	WHERE k.campaign IS NOT NULL AND (k.id = :incident OR k.root = :incident))
	AND COALESCE(c.root, c.id) <> :incident ORDER BY 1;

-- It, and what is merged into it.
-- name: case_family
-- in: incident uuid
-- out: id uuid
-- many
SELECT id FROM incident WHERE id = :incident OR root = :incident ORDER BY id;

-- name: case_campaign_of
-- in: incident uuid
-- out: campaign uuid?
-- one
SELECT campaign FROM incident WHERE id = :incident;

-- name: case_party_find
-- in: id uuid, incident uuid
-- out: incident uuid, role text, organisation uuid?, team text?, reply text, report uuid?, removed bool
-- one
SELECT incident, role, organisation, team, reply, report, removed FROM party
WHERE id = :id
	AND incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident);

-- name: case_party_by_reply
-- in: reply text
-- out: id uuid, incident uuid, team text
-- one
SELECT p.id, COALESCE(i.root, i.id), i.team FROM party p JOIN incident i ON i.id = p.incident
WHERE p.reply = :reply AND p.removed = 0;

-- name: case_report_by_reply
-- in: reply text
-- out: id uuid, incident uuid?, team text
-- one
SELECT r.id, COALESCE(i.root, r.incident), r.team FROM report r LEFT JOIN incident i ON i.id = r.incident
WHERE r.reply = :reply;

-- name: case_report_by_claim
-- in: claim blob
-- out: id uuid, number text, team text, incident uuid?, received instant, state text, tlp int, presumed bool
-- one
SELECT id, number, team, incident, received, state, tlp, presumed FROM report WHERE claim = :claim;

-- name: case_by_number
-- in: number text
-- out: id uuid, incident bool, team text
-- one
SELECT id, 0, team FROM report WHERE number = :number UNION ALL SELECT COALESCE(root, id), 1, team FROM
	incident
WHERE number = :number;

-- name: case_clocks_of
-- in: subject uuid
-- out: id uuid, subject uuid, duty text, step text, party uuid?, title text, anchor text, anchor_at instant?, due instant?, state text, target bool, met instant?
-- many
SELECT id, subject, duty, step, party, title, anchor, anchor_at, due, state, target, met FROM clock
WHERE subject IN (SELECT :subject UNION ALL SELECT m.id FROM incident m WHERE m.root = :subject)
ORDER BY id;

-- name: case_requests_of
-- in: incident uuid
-- out: id uuid, party uuid, due instant?, state text
-- many
SELECT id, party, due, state FROM request
WHERE incident IN (SELECT :incident UNION ALL SELECT m.id FROM incident m WHERE m.root = :incident)
ORDER BY id;

-- name: case_request_find
-- in: id uuid, team text
-- out: incident uuid, party uuid, team text, state text
-- one
SELECT incident, party, team, state FROM request WHERE id = :id AND team = :team;

-- name: case_open_request_of_party
-- in: party uuid
-- out: id uuid, incident uuid
-- many
SELECT id, incident FROM request WHERE party = :party AND state = 'open' ORDER BY asked;

-- name: case_anchors_of
-- in: incident uuid
-- out: id uuid, party uuid?, name text, time instant, said text
-- many
SELECT id, party, name, at, said FROM anchor WHERE incident = :incident AND current = 1 ORDER BY recorded, id;

-- name: case_submissions_of
-- in: incident uuid
-- out: party uuid, duty text, step text, time instant
-- many
SELECT party, duty, step, at FROM submission WHERE incident = :incident ORDER BY recorded, id;

-- name: case_organisation_find
-- in: id uuid
-- out: name text, class text, sector text, province text, cii text, team text, removed bool
-- one
SELECT name, class, sector, province, cii, team, removed FROM organisation WHERE id = :id;

-- name: case_organisation_named
-- in: name text
-- out: id uuid
-- one
SELECT id FROM organisation WHERE name = :name AND removed = 0 ORDER BY id LIMIT 1;

-- name: case_message_find
-- in: id uuid
-- out: incident uuid?, report uuid?, party uuid?, team text, delivery text, tlp int, direction text, actor uuid
-- one
SELECT incident, report, party, team, delivery, tlp, direction, actor FROM message WHERE id = :id;

-- What was sent to an organisation, or came from it: as a party, or as who reported, signed in.
-- name: case_message_own
-- in: id uuid, organisation uuid
-- out: incident uuid?, report uuid?, party uuid?, team text, delivery text, tlp int, direction text
-- out: acknowledged instant?, removed bool
-- one
SELECT m.incident, m.report, m.party, m.team, m.delivery, m.tlp, m.direction, m.acknowledged,
	coalesce(p.removed, 0)
FROM message m LEFT JOIN party p ON p.id = m.party LEFT JOIN report r ON r.id = coalesce(p.report, m.report)
WHERE m.id = :id AND (p.organisation = :organisation OR r.reporter = :organisation) AND m.automatic = 0;

-- Who could sign in to read what only waits.
-- name: case_readers_of
-- in: organisation uuid
-- out: readers int
-- one
SELECT count(*) FROM account WHERE organisation = :organisation AND active = 1;

-- A duty that an organisation owes.
-- name: case_clock_own
-- in: id uuid, organisation uuid
-- out: subject uuid, party uuid, step text, removed bool
-- one
SELECT k.subject, k.party, k.step, p.removed FROM clock k JOIN party p ON p.id = k.party
WHERE k.id = :id AND k.who = 'party' AND p.organisation = :organisation;

-- name: case_incident_of_party
-- in: id uuid
-- out: number text, opened instant, team text, owner uuid?, state text, tlp int, presumed bool, class text
-- out: sector text, severity text?, band int, merged_into uuid?, root uuid?, split_from uuid?, resolution text?
-- out: regime text, version int
-- one
SELECT i.number, i.opened, i.team, i.owner, i.state, i.tlp, i.presumed, i.class, i.sector, i.severity, i.band,
	i.merged_into, i.root, i.split_from, i.resolution, i.regime, i.version
FROM party p JOIN incident i ON i.id = p.incident WHERE p.id = :id;

-- name: case_report_own
-- in: id uuid, organisation uuid
-- out: number text, team text, incident uuid?
-- one
SELECT number, team, incident FROM report WHERE id = :id AND reporter = :organisation;

-- name: case_clock_find
-- in: id uuid, team text
-- out: subject uuid, team text, duty text, step text, party uuid?, title text, anchor text, anchor_at instant?, due instant?, state text, target bool, met instant?, reminded int
-- one
SELECT subject, team, duty, step, party, title, anchor, anchor_at, due, state, target, met, reminded FROM
	clock
WHERE id = :id AND team = :team;

-- name: case_access_find
-- in: id uuid, team text
-- out: coordinator bool
-- one
SELECT coordinator FROM access WHERE id = :id AND team = :team;

-- name: case_first_contact
-- in: organisation uuid
-- out: id uuid, purpose text
-- many
SELECT id, purpose FROM contact WHERE organisation = :organisation AND removed = 0 ORDER BY position, id;

-- name: case_held
-- in: subject uuid
-- out: held int
-- one
SELECT 1 FROM legal_hold WHERE subject = :subject;

-- name: case_report_number
-- in: id uuid
-- out: number text
-- one
SELECT number FROM report WHERE id = :id;
