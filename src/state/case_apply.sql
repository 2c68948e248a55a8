-- case_apply.sql: what entries about reports, incidents and their parts do to the projections.
-- Read by tools/applygen.py.  Parameters are the payload's members of the same name, or the entry's own
-- :subject :at :actor :owner :seq.  "each" runs a statement once for every object of a list in the payload.
-- "timeline" names what gets a line: subject, or members that hold ids.

-- kind: report.received 1
-- timeline: subject
-- in: number text, received instant, channel text, team text, state text, anonymous bool, claim blob?, reply text?, tlp int, presumed bool, organisation uuid?, reporter uuid?, class text, sector text, raw blob?, unreadable bool
INSERT INTO report (id, number, received, channel, team, state, anonymous, claim, reply, tlp, presumed,
	organisation, reporter,
	class, sector, raw, unreadable, changed, version)
VALUES (:subject, :number, :received, :channel, :team, :state, :anonymous, :claim, :reply, :tlp,
	:presumed, :organisation, :reporter,
	:class, :sector, :raw, :unreadable, :at, 1);
-- each: teams
-- in: team text, coordinator bool
INSERT INTO access (id, team, coordinator) VALUES (:subject, :team, :coordinator);
-- each: teams
-- in: team text
INSERT INTO queue (id, team, kind, number, state, sector, class, band, tlp, received, changed)
SELECT id, :team, 1, number, state, sector, class, 0, tlp, received, changed FROM report WHERE id = :subject;

-- each: clocks
-- in: id uuid, team text, duty text, step text, title text, who text, anchor text, anchor_at instant?, due instant?, state text, target bool, source text, next_turn instant?
INSERT INTO clock (id, subject, team, duty, step, title, who, anchor, anchor_at, due, state, target,
	source, why, next_turn, reminded, changed)
VALUES (:id, :subject, :team, :duty, :step, :title, :who, :anchor, :anchor_at, :due, :state, :target,
	:source, '', :next_turn, 0, :at);
-- in: due instant?
UPDATE queue SET due = :due WHERE id = :subject;

-- Files that came with it and are kept by themselves; their names are in report.content.
-- kind: evidence.kept 1
-- each: files
-- in: position int, hash blob
INSERT INTO evidence (id, position, hash) VALUES (:subject, :position, :hash);

-- Somebody took a copy of the original or of a file.
-- kind: evidence.taken 1
-- timeline: report incident

-- kind: report.owner_changed 1
-- timeline: subject
-- in: to uuid?
UPDATE report SET owner = :to, changed = :at, version = version + 1 WHERE id = :subject;
-- in: to uuid?
UPDATE queue SET owner = :to, changed = :at WHERE id = :subject;
-- run
DELETE FROM untaken WHERE id = :subject;
-- run
INSERT INTO untaken (id, team, since)
SELECT id, team, :at FROM report WHERE id = :subject AND owner IS NULL;

-- kind: report.state_changed 1
-- timeline: subject
-- in: state text, reason uuid?
UPDATE report SET state = :state, reason = :reason, changed = :at, version = version + 1 WHERE id = :subject;
-- in: state text
UPDATE queue SET state = :state, changed = :at WHERE id = :subject;
-- run
INSERT INTO untaken (id, team, since)
SELECT id, team, :at FROM report WHERE id = :subject AND owner IS NULL AND state = 'new'
ON CONFLICT (id) DO UPDATE SET since = excluded.since;

-- kind: report.attached 1
-- timeline: subject incident
-- in: incident uuid, state text
UPDATE report SET incident = :incident, state = :state, changed = :at, version = version + 1 WHERE id =
	:subject;
-- in: state text
UPDATE queue SET state = :state, changed = :at WHERE id = :subject;
-- in: incident uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident;

-- From one incident to another, by a split or its undo.
-- kind: report.moved 1
-- timeline: subject incident from
-- in: incident uuid
UPDATE report SET incident = :incident, changed = :at, version = version + 1 WHERE id = :subject;
-- in: incident uuid, from uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident OR id = :from;

-- kind: report.detached 1
-- timeline: subject incident
-- in: state text
UPDATE report SET incident = NULL, state = :state, changed = :at, version = version + 1 WHERE id = :subject;
-- in: state text
UPDATE queue SET state = :state, changed = :at WHERE id = :subject;
-- run
INSERT INTO untaken (id, team, since)
SELECT id, team, :at FROM report WHERE id = :subject AND owner IS NULL
ON CONFLICT (id) DO UPDATE SET since = excluded.since;
-- in: incident uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident;

-- kind: report.acknowledged 1
-- timeline: subject
-- run
UPDATE report SET acknowledged = :at, changed = :at, version = version + 1 WHERE id = :subject;

-- kind: report.answered 1
-- timeline: subject
-- run
UPDATE report SET answered = :at, changed = :at, version = version + 1 WHERE id = :subject;

-- kind: report.classified 1
-- timeline: subject
-- in: class text, sector text
UPDATE report SET class = :class, sector = :sector, changed = :at, version = version + 1 WHERE id = :subject;
-- in: class text, sector text
UPDATE queue SET class = :class, sector = :sector, changed = :at WHERE id = :subject;

-- kind: report.marked 1
-- timeline: subject
-- in: tlp int
UPDATE report SET tlp = :tlp, presumed = 0, changed = :at, version = version + 1 WHERE id = :subject;
-- in: tlp int
UPDATE queue SET tlp = :tlp, changed = :at WHERE id = :subject;

-- kind: access.granted 1
-- timeline: subject
-- in: team text
INSERT INTO access (id, team, coordinator) VALUES (:subject, :team, 0);
-- in: team text
INSERT INTO queue (id, team, kind, number, state, owner, sector, class, band, tlp, received, changed, due)
SELECT id, :team, kind, number, state, owner, sector, class, band, tlp, received, :at,
	(SELECT min(c.due) FROM clock c WHERE c.met IS NULL AND c.state IN ('running', 'late') AND c.subject
		IN (SELECT :subject UNION ALL SELECT m.id FROM incident m WHERE m.root = :subject)
		AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = :team))
FROM queue WHERE id = :subject AND team = :owner;

-- kind: access.withdrawn 1
-- timeline: subject
-- in: team text
DELETE FROM access WHERE id = :subject AND team = :team AND coordinator = 0;
-- in: team text
DELETE FROM queue WHERE id = :subject AND team = :team AND team <> :owner;

-- kind: incident.opened 1
-- timeline: subject
-- in: number text, opened instant, team text, holder uuid?, state text, tlp int, presumed bool, class text, sector text, regime text
INSERT INTO incident (id, number, opened, team, owner, state, tlp, presumed, class, sector, band, regime,
	changed, version)
VALUES (:subject, :number, :opened, :team, :holder, :state, :tlp, :presumed, :class, :sector, 0, :regime,
	:at, 1);
-- each: teams
-- in: team text, coordinator bool
INSERT INTO access (id, team, coordinator) VALUES (:subject, :team, :coordinator);
-- each: teams
-- in: team text
INSERT INTO queue (id, team, kind, number, state, owner, sector, class, band, tlp, received, changed)
SELECT id, :team, 2, number, state, owner, sector, class, band, tlp, opened, changed FROM incident WHERE
	id = :subject;
-- run
INSERT INTO untaken (id, team, since)
SELECT id, team, :at FROM incident WHERE id = :subject AND owner IS NULL;

-- kind: incident.owner_changed 1
-- timeline: subject
-- in: to uuid?
UPDATE incident SET owner = :to, changed = :at, version = version + 1 WHERE id = :subject;
-- in: to uuid?
UPDATE queue SET owner = :to, changed = :at WHERE id = :subject;
-- run
DELETE FROM untaken WHERE id = :subject;
-- run
INSERT INTO untaken (id, team, since)
SELECT id, team, :at FROM incident WHERE id = :subject AND owner IS NULL;

-- kind: incident.state_changed 1
-- timeline: subject
-- in: state text, waiting_on text?, waiting_until instant?, resolution text?
UPDATE incident SET state = :state, waiting_on = :waiting_on, waiting_until = :waiting_until, resolution =
	:resolution,
	changed = :at, version = version + 1 WHERE id = :subject;
-- in: state text
UPDATE queue SET state = :state, changed = :at WHERE id = :subject;
-- run
INSERT INTO untaken (id, team, since)
SELECT id, team, :at FROM incident WHERE id = :subject AND owner IS NULL AND state = 'reopened'
ON CONFLICT (id) DO UPDATE SET since = excluded.since;

-- kind: incident.classified 1
-- timeline: subject
-- in: class text, sector text
UPDATE incident SET class = :class, sector = :sector, changed = :at, version = version + 1 WHERE id =
	:subject;
-- in: class text, sector text
UPDATE queue SET class = :class, sector = :sector, changed = :at WHERE id = :subject;

-- kind: incident.marked 1
-- timeline: subject
-- in: tlp int
UPDATE incident SET tlp = :tlp, presumed = 0, changed = :at, version = version + 1 WHERE id = :subject;
-- in: tlp int
UPDATE queue SET tlp = :tlp, changed = :at WHERE id = :subject;

-- kind: incident.scored 1
-- timeline: subject
-- in: severity text, band int
UPDATE incident SET severity = :severity, band = :band, changed = :at, version = version + 1 WHERE id =
	:subject;
-- in: band int
UPDATE queue SET band = :band, changed = :at WHERE id = :subject;

-- "below" are it and all that was merged into it before.
-- kind: incident.merged 1
-- timeline: subject into
-- in: into uuid
UPDATE incident SET merged_into = :into, changed = :at, version = version + 1 WHERE id = :subject;
-- each: below
-- in: id uuid, root uuid
UPDATE incident SET root = :root WHERE id = :id;
-- in: into uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :into;
-- run
UPDATE queue SET state = 'merged', changed = :at WHERE id = :subject;
-- in: into uuid
UPDATE queue SET changed = :at, due = (SELECT min(c.due) FROM clock c
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
	c.subject IN (SELECT :into UNION ALL SELECT m.id FROM incident m WHERE m.root = :into))
	WHERE id = :into;

-- kind: incident.unmerged 1
-- timeline: subject from
-- run
UPDATE incident SET merged_into = NULL, changed = :at, version = version + 1 WHERE id = :subject;
-- each: below
-- in: id uuid, root uuid?
UPDATE incident SET root = :root WHERE id = :id;
-- in: from uuid
UPDATE queue SET changed = :at, due = (SELECT min(c.due) FROM clock c
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
	c.subject IN (SELECT :from UNION ALL SELECT m.id FROM incident m WHERE m.root = :from))
	WHERE id = :from;
-- in: from uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :from;
-- run
UPDATE queue SET state = (SELECT i.state FROM incident i WHERE i.id = :subject), changed = :at,
	due = (SELECT min(c.due) FROM clock c
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
		c.subject IN (SELECT :subject UNION ALL SELECT m.id FROM incident m WHERE m.root = :subject))
	WHERE id = :subject;

-- The subject is the new one, which incident.opened made.
-- kind: incident.split 1
-- timeline: subject from
-- in: from uuid
UPDATE incident SET split_from = :from, changed = :at, version = version + 1 WHERE id = :subject;
-- in: from uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :from;
-- each: reports
-- in: id uuid
INSERT INTO split_report (incident, report) VALUES (:subject, :id) ON CONFLICT (incident, report) DO NOTHING;

-- Opening or splitting was taken back: its reports are gone, and it ends.
-- kind: incident.withdrawn 1
-- timeline: subject to
-- in: state text, resolution text
UPDATE incident SET state = :state, resolution = :resolution, waiting_on = NULL, waiting_until = NULL,
	changed = :at, version = version + 1 WHERE id = :subject;
-- in: state text
UPDATE queue SET state = :state, changed = :at WHERE id = :subject;
-- in: to uuid?
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :to;

-- It is of one campaign with the others that have this id.
-- kind: incident.joined 1
-- timeline: subject
-- in: campaign uuid
UPDATE incident SET campaign = :campaign, changed = :at, version = version + 1 WHERE id = :subject;

-- With what was merged into it.
-- kind: incident.left 1
-- timeline: subject
-- run
UPDATE incident SET campaign = NULL, changed = :at, version = version + 1
WHERE id = :subject OR root = :subject;

-- kind: incident.flag_set 1
-- timeline: subject
-- in: flag text, value text, said text
INSERT INTO incident_flag (incident, flag, value, said, actor, recorded) VALUES (:subject, :flag, :value,
	:said, :actor, :at)
ON CONFLICT (incident, flag) DO UPDATE SET value = excluded.value, said = excluded.said,
	actor = excluded.actor, recorded = excluded.recorded;
-- run
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :subject;

-- A title or summary changed; the words are in incident.content.
-- kind: incident.edited 1
-- timeline: subject
-- run
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :subject;

-- kind: party.added 1
-- timeline: incident
-- in: incident uuid, role text, organisation uuid?, team text?, reply text, report uuid?, brought uuid?
INSERT INTO party (id, incident, role, organisation, team, reply, report, brought, removed, struck)
VALUES (:subject, :incident, :role, :organisation, :team, :reply, :report, :brought, 0, 0);
-- in: incident uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident;

-- kind: party.removed 1
-- timeline: incident
-- in: incident uuid, struck bool
UPDATE party SET removed = 1, struck = :struck WHERE id = :subject AND incident = :incident;
-- in: incident uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident;

-- kind: party.restored 1
-- timeline: incident
-- in: incident uuid
UPDATE party SET removed = 0, struck = 0 WHERE id = :subject AND incident = :incident;

-- kind: party.moved 1
-- timeline: incident from
-- in: incident uuid
UPDATE party SET incident = :incident WHERE id = :subject;

-- kind: party.fact_set 1
-- timeline: incident
-- in: fact text, value text, since instant?, said text
INSERT INTO party_fact (party, fact, value, at, said, actor) VALUES (:subject, :fact, :value, :since,
	:said, :actor)
ON CONFLICT (party, fact) DO UPDATE SET value = excluded.value, at = excluded.at, said = excluded.said,
	actor = excluded.actor;
-- in: incident uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident;

-- kind: anchor.set 1
-- timeline: incident
-- in: replaces uuid?
UPDATE anchor SET current = 0 WHERE id = :replaces;
-- in: incident uuid, party uuid?, name text, time instant, said text
INSERT INTO anchor (id, incident, party, name, at, said, actor, recorded, current)
VALUES (:subject, :incident, :party, :name, :time, :said, :actor, :at, 1);

-- kind: submission.recorded 1
-- timeline: incident
-- in: incident uuid, party uuid, duty text, step text, time instant, said text
INSERT INTO submission (id, incident, party, duty, step, at, said, recorded, actor)
VALUES (:subject, :incident, :party, :duty, :step, :time, :said, :at, :actor);
-- in: incident uuid
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident;

-- kind: clock.armed 1
-- timeline: case
-- in: case uuid, team text, duty text, step text, party uuid?, title text, who text, anchor text, anchor_at instant?, due instant?, state text, target bool, source text, next_turn instant?
INSERT INTO clock (id, subject, team, duty, step, party, title, who, anchor, anchor_at, due, state,
	target, source, why, next_turn, reminded, changed)
VALUES (:subject, :case, :team, :duty, :step, :party, :title, :who, :anchor, :anchor_at, :due, :state,
	:target, :source, '', :next_turn, 0, :at);
-- in: case uuid
UPDATE queue SET due = (SELECT min(c.due) FROM clock c
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
	c.subject IN (SELECT :case UNION ALL SELECT m.id FROM incident m WHERE m.root = :case))
	WHERE id = :case;
-- in: case uuid
UPDATE queue SET due = (SELECT min(c.due) FROM clock c JOIN incident i ON i.id = :case
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
	(c.subject = i.root OR c.subject IN (SELECT m.id FROM incident m WHERE m.root = i.root)))
	WHERE id = (SELECT i.root FROM incident i WHERE i.id = :case AND i.root IS NOT NULL);

-- An anchor was corrected, or came: the old due time stays in the entry as "was".
-- kind: clock.recomputed 1
-- timeline: case
-- in: due instant?, why text
INSERT INTO clock_past (clock, seq, due, until, why, actor)
SELECT id, :seq, due, :at, :why, :actor FROM clock WHERE id = :subject AND due IS NOT NULL
	AND (due <> :due OR :due IS NULL);
-- in: anchor_at instant?, due instant?, state text, met instant?, why text, next_turn instant?
UPDATE clock SET anchor_at = :anchor_at, due = :due, state = :state, met = :met, why = :why,
	next_turn = :next_turn, changed = :at WHERE id = :subject;
-- in: case uuid
UPDATE queue SET due = (SELECT min(c.due) FROM clock c
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
	c.subject IN (SELECT :case UNION ALL SELECT m.id FROM incident m WHERE m.root = :case))
	WHERE id = :case;
-- in: case uuid
UPDATE queue SET due = (SELECT min(c.due) FROM clock c JOIN incident i ON i.id = :case
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
	(c.subject = i.root OR c.subject IN (SELECT m.id FROM incident m WHERE m.root = i.root)))
	WHERE id = (SELECT i.root FROM incident i WHERE i.id = :case AND i.root IS NOT NULL);

-- kind: clock.settled 1
-- timeline: case
-- in: state text, met instant?, reason uuid?, next_turn instant?
UPDATE clock SET state = :state, met = :met, reason = COALESCE(:reason, reason), next_turn = :next_turn,
	changed = :at WHERE id = :subject;
-- in: case uuid
UPDATE queue SET due = (SELECT min(c.due) FROM clock c
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
	c.subject IN (SELECT :case UNION ALL SELECT m.id FROM incident m WHERE m.root = :case))
	WHERE id = :case;
-- in: case uuid
UPDATE queue SET due = (SELECT min(c.due) FROM clock c JOIN incident i ON i.id = :case
	WHERE c.met IS NULL AND c.state IN ('running', 'late')
	AND EXISTS (SELECT 1 FROM access x WHERE x.id = c.subject AND x.team = queue.team) AND
	(c.subject = i.root OR c.subject IN (SELECT m.id FROM incident m WHERE m.root = i.root)))
	WHERE id = (SELECT i.root FROM incident i WHERE i.id = :case AND i.root IS NOT NULL);

-- kind: clock.reminded 1
-- timeline: case
-- in: reminded int, next_turn instant?
UPDATE clock SET reminded = :reminded, reminded_at = :at, next_turn = :next_turn, changed = :at
	WHERE id = :subject;

-- Its turn came and there was nothing to say.
-- kind: clock.turned 1
-- in: next_turn instant?
UPDATE clock SET next_turn = :next_turn WHERE id = :subject;

-- kind: message.queued 1
-- timeline: incident report
-- in: incident uuid?, report uuid?, party uuid?, team text, tlp int, request uuid?, delivery text, automatic bool
INSERT INTO message (id, incident, report, party, direction, at, team, actor, tlp, request, delivery,
	automatic, changed)
VALUES (:subject, :incident, :report, :party, 'out', :at, :team, :actor, :tlp, :request, :delivery,
	:automatic, :at);

-- kind: message.delivery_changed 1
-- timeline: incident report
-- in: delivery text, detail uuid?
UPDATE message SET delivery = :delivery, detail = :detail, changed = :at WHERE id = :subject;
-- in: incident uuid?, report uuid?
UPDATE queue SET changed = :at WHERE id = :incident OR id = :report;

-- Whom it was sent to says that it arrived.
-- kind: message.acknowledged 1
-- timeline: incident report
-- run
UPDATE message SET acknowledged = :at, changed = :at WHERE id = :subject;
-- in: incident uuid?, report uuid?
UPDATE queue SET changed = :at WHERE id = :incident OR id = :report;

-- kind: message.received 1
-- timeline: incident report
-- in: incident uuid?, report uuid?, party uuid?, team text, tlp int, request uuid?, delivery text, automatic bool, raw blob?
INSERT INTO message (id, incident, report, party, direction, at, team, actor, tlp, request, delivery,
	automatic, raw, changed)
VALUES (:subject, :incident, :report, :party, 'in', :at, :team, :actor, :tlp, :request, :delivery,
	:automatic, :raw, :at);
-- in: incident uuid?
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident;
-- in: incident uuid?, report uuid?
UPDATE queue SET changed = :at WHERE id = :incident OR id = :report;

-- kind: request.opened 1
-- timeline: incident
-- in: incident uuid, party uuid, team text, due instant?, next_turn instant?
INSERT INTO request (id, incident, party, team, asked, due, state, reminded, next_turn)
VALUES (:subject, :incident, :party, :team, :at, :due, 'open', 0, :next_turn);

-- kind: request.state_changed 1
-- timeline: incident
-- in: state text, met instant?
UPDATE request SET state = :state, met = :met, next_turn = NULL WHERE id = :subject;

-- kind: request.reminded 1
-- timeline: incident
-- in: reminded int, next_turn instant?
UPDATE request SET reminded = :reminded, reminded_at = :at, next_turn = :next_turn WHERE id = :subject;

-- A team was told what nobody takes: everything without an owner since before `upto`.
-- kind: team.alerted 1
-- in: team text, step int, upto instant
INSERT INTO alerted (team, step, upto, at) VALUES (:team, :step, :upto, :at)
ON CONFLICT (team, step) DO UPDATE SET upto = excluded.upto, at = excluded.at;

-- A comment is internal: its entry is annex, its words are comment.content.
-- kind: comment.added 1
-- timeline: incident report
-- in: incident uuid?
UPDATE incident SET changed = :at, version = version + 1 WHERE id = :incident;

-- kind: hold.set 1
-- timeline: subject
-- in: reason uuid?
INSERT INTO legal_hold (subject, since, actor, reason) VALUES (:subject, :at, :actor, :reason)
ON CONFLICT (subject) DO NOTHING;

-- kind: hold.lifted 1
-- timeline: subject
-- run
DELETE FROM legal_hold WHERE subject = :subject;
