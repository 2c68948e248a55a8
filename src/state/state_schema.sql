-- state_schema.sql: the projections.  Each is what the journal's entries add up to; nothing writes them but
-- apply, and they are rebuilt, never migrated.  A "projection" line makes a table part of the digest.
-- Ids are UUIDs, teams are ids of the regime, times are microseconds since 1970.

-- Everything that people wrote and everything personal, one row for each thing that has words.
-- Structural applies never read it; a purge deletes from here.
-- projection: key id
CREATE TABLE content (
	id   BLOB NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,
	seq  INTEGER NOT NULL,
	body TEXT NOT NULL
) STRICT;

-- Which teams may see a report or an incident: its coordinator and who was let in.
-- projection: key id,team
CREATE TABLE access (
	id          BLOB NOT NULL,
	team        TEXT NOT NULL,
	coordinator INTEGER NOT NULL,
	PRIMARY KEY (id, team)
) STRICT, WITHOUT ROWID;

-- One row for each team and each report (kind 1) or incident (kind 2) it may see, with all that the queues
-- filter and sort by: a page is one range of one index, however much other teams have.
-- projection: key id,team
CREATE TABLE queue (
	id       BLOB NOT NULL,
	team     TEXT NOT NULL,
	kind     INTEGER NOT NULL,
	number   TEXT NOT NULL,
	state    TEXT NOT NULL,
	owner    BLOB,
	sector   TEXT NOT NULL,
	class    TEXT NOT NULL,
	band     INTEGER NOT NULL,
	tlp      INTEGER NOT NULL,
	received INTEGER NOT NULL,
	changed  INTEGER NOT NULL,
	due      INTEGER,
	PRIMARY KEY (id, team)
) STRICT, WITHOUT ROWID;
-- query/list.c says how pages are read, and names kind and the states that are over as they stand here.
-- Reports are listed by arrival alone.  Incidents have an index for each sort, to walk along until a page is
-- full, and once more for the few that are active; by due time those without one follow, the newest first.
-- Where few pass the filters, they are gathered: in
-- queue_sector, queue_class and queue_owner each filter is a column to seek by.  All columns that a statement
-- names are in its index, kind too: otherwise SQLite looks up each row of the thousand that it counts.
-- queue_report_changed says whether anything moved.
CREATE INDEX queue_report ON queue (team, received, id, owner, kind) WHERE kind = 1;
CREATE INDEX queue_report_state ON queue (team, state, received, id, owner, kind) WHERE kind = 1;
CREATE INDEX queue_report_changed ON queue (team, changed) WHERE kind = 1;
CREATE INDEX queue_report_owner ON queue (team, owner, received, id, state, kind)
	WHERE kind = 1 AND owner IS NOT NULL;
CREATE INDEX queue_received ON queue (team, received, id, state, owner, sector, class, band, kind)
	WHERE kind = 2;
CREATE INDEX queue_changed ON queue (team, changed, id, state, owner, sector, class, band, kind)
	WHERE kind = 2;
CREATE INDEX queue_due ON queue (team, (CASE WHEN due IS NULL THEN 9000000000000000000 - received ELSE due
	END), id, state, owner, sector, class, band, due, received, kind) WHERE kind = 2;
CREATE INDEX queue_band ON queue (team, band, id, state, owner, sector, class, kind) WHERE kind = 2;
CREATE INDEX queue_active_received ON queue (team, received, id, state, owner, sector, class, band, kind)
	WHERE kind = 2 AND state NOT IN ('closed', 'merged', 'rejected');
CREATE INDEX queue_active_changed ON queue (team, changed, id, state, owner, sector, class, band, kind)
	WHERE kind = 2 AND state NOT IN ('closed', 'merged', 'rejected');
CREATE INDEX queue_active_due ON queue (team, (CASE WHEN due IS NULL THEN 9000000000000000000 - received ELSE
	due END), id, state, owner, sector, class, band, due, received, kind)
	WHERE kind = 2 AND state NOT IN ('closed', 'merged', 'rejected');
CREATE INDEX queue_active_band ON queue (team, band, id, state, owner, sector, class, kind)
	WHERE kind = 2 AND state NOT IN ('closed', 'merged', 'rejected');
CREATE INDEX queue_sector ON queue (team, (CASE WHEN due IS NULL THEN 0 ELSE 1 END),
	(CASE WHEN owner IS NULL THEN 0 ELSE 1 END), state, band, sector, class, due, owner, kind)
	WHERE kind = 2;
CREATE INDEX queue_class ON queue (team, (CASE WHEN due IS NULL THEN 0 ELSE 1 END),
	(CASE WHEN owner IS NULL THEN 0 ELSE 1 END), state, band, class, due, owner, kind)
	WHERE kind = 2;
CREATE INDEX queue_owner ON queue (team, owner, state, band, sector, class, due, received, changed, kind)
	WHERE kind = 2 AND owner IS NOT NULL;

-- projection: key id
CREATE TABLE report (
	id           BLOB NOT NULL PRIMARY KEY,
	number       TEXT NOT NULL UNIQUE,
	received     INTEGER NOT NULL,
	channel      TEXT NOT NULL,         -- web, phone, api, mail, portal
	team         TEXT NOT NULL,
	owner        BLOB,
	state        TEXT NOT NULL,         -- model/workflow.h
	incident     BLOB,
	anonymous    INTEGER NOT NULL,
	claim        BLOB,                  -- SHA-256 of the claim code
	reply        TEXT,                  -- token of the address that answers to the reporter thread by
	tlp          INTEGER NOT NULL,
	presumed     INTEGER NOT NULL,
	reporter     BLOB,                  -- organisation that reported, signed in
	organisation BLOB,                  -- owner of what was reported
	class        TEXT NOT NULL,
	sector       TEXT NOT NULL,
	raw          BLOB,                  -- SHA-256 of the original bytes, in journal_blob
	unreadable   INTEGER NOT NULL,
	acknowledged INTEGER,
	answered     INTEGER,
	reason       BLOB,                  -- of a rejection: the comment with the words
	changed      INTEGER NOT NULL,
	version      INTEGER NOT NULL
) STRICT;
CREATE INDEX report_incident ON report (incident, id) WHERE incident IS NOT NULL;
CREATE INDEX report_claim ON report (claim) WHERE claim IS NOT NULL;
CREATE INDEX report_reporter ON report (reporter, received) WHERE reporter IS NOT NULL;
CREATE INDEX report_reply ON report (reply) WHERE reply IS NOT NULL;

-- Original bytes beside raw: what is kept for which report.
-- projection: key id,position
CREATE TABLE evidence (
	id       BLOB NOT NULL,
	position INTEGER NOT NULL,
	hash     BLOB NOT NULL,             -- in journal_blob
	PRIMARY KEY (id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_hash ON evidence (hash);

-- projection: key id
CREATE TABLE incident (
	id            BLOB NOT NULL PRIMARY KEY,
	number        TEXT NOT NULL UNIQUE,
	opened        INTEGER NOT NULL,
	team          TEXT NOT NULL,        -- coordinator
	owner         BLOB,
	state         TEXT NOT NULL,
	waiting_on    TEXT,
	waiting_until INTEGER,
	resolution    TEXT,
	tlp           INTEGER NOT NULL,
	presumed      INTEGER NOT NULL,
	class         TEXT NOT NULL,
	sector        TEXT NOT NULL,
	severity      TEXT,                 -- JSON: inputs, low, score, high, band, floors, override
	band          INTEGER NOT NULL,     -- 0 unknown or baseline ... 5 emergency
	merged_into   BLOB,
	root          BLOB,                 -- where the chain of merges ends; NULL: it is not merged
	split_from    BLOB,
	campaign      BLOB,                 -- incidents that people said belong together share it
	regime        TEXT NOT NULL,
	changed       INTEGER NOT NULL,
	version       INTEGER NOT NULL
) STRICT;
CREATE INDEX incident_merged ON incident (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX incident_root ON incident (root) WHERE root IS NOT NULL;
CREATE INDEX incident_campaign ON incident (campaign) WHERE campaign IS NOT NULL;
CREATE INDEX incident_split ON incident (split_from) WHERE split_from IS NOT NULL;

-- Which reports a split took along: taking it back returns these, and no others.
-- projection: key incident,report
CREATE TABLE split_report (
	incident BLOB NOT NULL,             -- the new one
	report   BLOB NOT NULL,
	PRIMARY KEY (incident, report)
) STRICT, WITHOUT ROWID;

-- Answers to the regime's questions about an incident: significant, ongoing ...
-- projection: key incident,flag
CREATE TABLE incident_flag (
	incident BLOB NOT NULL,
	flag     TEXT NOT NULL,
	value    TEXT NOT NULL,             -- yes, no, unknown
	said     TEXT NOT NULL,             -- who said so: party, officer, report
	actor    BLOB NOT NULL,
	recorded INTEGER NOT NULL,
	PRIMARY KEY (incident, flag)
) STRICT, WITHOUT ROWID;

-- projection: key id
CREATE TABLE party (
	id           BLOB NOT NULL PRIMARY KEY,
	incident     BLOB NOT NULL,
	role         TEXT NOT NULL,         -- reporter, affected, source, provider, helper
	organisation BLOB,
	team         TEXT,                  -- when the party is a CERT team of the regime
	reply        TEXT NOT NULL,         -- token of the reply address
	report       BLOB,                  -- the report that a reporter made
	brought      BLOB,                  -- the report that named it; NULL: a person added it
	removed      INTEGER NOT NULL,
	struck       INTEGER NOT NULL       -- removed by a person, not because its report left
) STRICT;
CREATE INDEX party_incident ON party (incident, removed);
CREATE INDEX party_reply ON party (reply);
CREATE INDEX party_report ON party (report) WHERE report IS NOT NULL;
CREATE INDEX party_organisation ON party (organisation) WHERE organisation IS NOT NULL;

-- Contained, eradicated, recovered, affected or not: of one affected party, with a time.
-- projection: key party,fact
CREATE TABLE party_fact (
	party BLOB NOT NULL,
	fact  TEXT NOT NULL,
	value TEXT NOT NULL,                -- yes, no, unknown
	at    INTEGER,
	said  TEXT NOT NULL,                -- who said so: party, officer, report
	actor BLOB NOT NULL,
	PRIMARY KEY (party, fact)
) STRICT, WITHOUT ROWID;

-- projection: key id
CREATE TABLE anchor (
	id       BLOB NOT NULL PRIMARY KEY,
	incident BLOB NOT NULL,
	party    BLOB,
	name     TEXT NOT NULL,
	at       INTEGER NOT NULL,
	said     TEXT NOT NULL,
	actor    BLOB NOT NULL,
	recorded INTEGER NOT NULL,
	current  INTEGER NOT NULL           -- corrected anchors stay, with 0
) STRICT;
CREATE INDEX anchor_incident ON anchor (incident);

-- projection: key id
CREATE TABLE submission (
	id       BLOB NOT NULL PRIMARY KEY,
	incident BLOB NOT NULL,
	party    BLOB NOT NULL,
	duty     TEXT NOT NULL,
	step     TEXT NOT NULL,
	at       INTEGER NOT NULL,
	said     TEXT NOT NULL,             -- who said so: party, officer
	recorded INTEGER NOT NULL,
	actor    BLOB NOT NULL
) STRICT;
CREATE INDEX submission_incident ON submission (incident);
CREATE INDEX submission_party ON submission (party);

-- projection: key id
CREATE TABLE clock (
	id        BLOB NOT NULL PRIMARY KEY,
	subject   BLOB NOT NULL,            -- incident or report
	team      TEXT NOT NULL,            -- coordinator: whose board it is on
	duty      TEXT NOT NULL,
	step      TEXT NOT NULL,
	party     BLOB,
	title     TEXT NOT NULL,            -- of the regime
	who       TEXT NOT NULL,            -- hub, party, team
	anchor    TEXT NOT NULL,
	anchor_at INTEGER,
	due       INTEGER,                  -- NULL: a duty without a number, or still waiting
	-- waiting, running, met, late_with_reason, late, waived, not_applicable
	state     TEXT NOT NULL,
	target    INTEGER NOT NULL,         -- assumed: never "late" outside
	source    TEXT NOT NULL,
	met       INTEGER,
	reason    BLOB,                     -- why it was waived, or is late: the comment with the words
	why       TEXT NOT NULL,            -- what it was last computed again for, in our own words
	reminded  INTEGER NOT NULL,         -- how many reminders went out
	reminded_at INTEGER,                -- the last of them
	next_turn INTEGER,                  -- when the ticker looks at it: a reminder, or the due time
	changed   INTEGER NOT NULL
) STRICT;
CREATE INDEX clock_subject ON clock (subject);
CREATE INDEX clock_turn ON clock (next_turn, id) WHERE next_turn IS NOT NULL;
CREATE INDEX clock_party ON clock (party) WHERE party IS NOT NULL;
CREATE INDEX clock_board ON clock (team, state, due, id);
CREATE INDEX clock_overdue ON clock (team, due, id, target, state, met)
	WHERE state = 'late' AND met IS NULL AND due IS NOT NULL; -- of the late ones most were met in the end

-- Due times that were replaced.
-- projection: key clock,seq
CREATE TABLE clock_past (
	clock BLOB NOT NULL,
	seq   INTEGER NOT NULL,
	due   INTEGER NOT NULL,
	until INTEGER NOT NULL,
	why   TEXT NOT NULL,
	actor BLOB NOT NULL,
	PRIMARY KEY (clock, seq)
) STRICT, WITHOUT ROWID;

-- One mail to one party, or one mail from one.
-- projection: key id
CREATE TABLE message (
	id        BLOB NOT NULL PRIMARY KEY,
	incident  BLOB,
	report    BLOB,
	party     BLOB,
	direction TEXT NOT NULL,            -- out, in
	at        INTEGER NOT NULL,
	team      TEXT NOT NULL,
	actor     BLOB NOT NULL,
	tlp       INTEGER NOT NULL,
	request   BLOB,
	-- queued, sent, bounced, failed, withheld, read; received, unverified
	delivery  TEXT NOT NULL,
	automatic INTEGER NOT NULL,
	raw       BLOB,
	acknowledged INTEGER,               -- by its recipient, signed in
	detail    BLOB,                     -- why it did not arrive: the comment with the words
	changed   INTEGER NOT NULL
) STRICT;
CREATE INDEX message_incident ON message (incident, at) WHERE incident IS NOT NULL;
CREATE INDEX message_report ON message (report, at) WHERE report IS NOT NULL;
CREATE INDEX message_party ON message (party, at) WHERE party IS NOT NULL;
CREATE INDEX message_outbox ON message (team, at, id) WHERE direction = 'out';
CREATE INDEX message_queued ON message (at, id) WHERE delivery = 'queued';

-- projection: key id
CREATE TABLE request (
	id       BLOB NOT NULL PRIMARY KEY,
	incident BLOB NOT NULL,
	party    BLOB NOT NULL,
	team     TEXT NOT NULL,
	asked    INTEGER NOT NULL,
	due      INTEGER,
	state    TEXT NOT NULL,             -- open, met, cancelled
	met      INTEGER,
	reminded INTEGER NOT NULL,
	reminded_at INTEGER,
	next_turn INTEGER                   -- as of a clock
) STRICT;
CREATE INDEX request_incident ON request (incident);
CREATE INDEX request_party ON request (party);
CREATE INDEX request_turn ON request (next_turn, id) WHERE next_turn IS NOT NULL;

-- What has no owner since another time than its arrival: released, given back, opened without one.  A report
-- that was never touched has no row here: queue_report_state finds it.
-- projection: key id
CREATE TABLE untaken (
	id    BLOB NOT NULL PRIMARY KEY,
	team  TEXT NOT NULL,
	since INTEGER NOT NULL
) STRICT;
CREATE INDEX untaken_since ON untaken (team, since, id);

-- How far a team was alerted of what nobody takes: everything since before `upto`.
-- projection: key team,step
CREATE TABLE alerted (
	team  TEXT NOT NULL,
	step  INTEGER NOT NULL,             -- 1 the duty address, 2 the shift lead
	upto  INTEGER NOT NULL,
	at    INTEGER NOT NULL,
	PRIMARY KEY (team, step)
) STRICT, WITHOUT ROWID;

-- What happened to a report or an incident, in order.  The words are in the journal's payloads.
-- projection: key subject,seq
CREATE TABLE timeline (
	subject  BLOB NOT NULL,
	seq      INTEGER NOT NULL,
	at       INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	actor    BLOB NOT NULL,
	team     TEXT NOT NULL,
	annex    INTEGER NOT NULL,
	ref      BLOB NOT NULL,
	PRIMARY KEY (subject, seq)
) STRICT, WITHOUT ROWID;

-- projection: key id
CREATE TABLE organisation (
	id       BLOB NOT NULL PRIMARY KEY,
	name     TEXT NOT NULL,             -- of an individual: empty, the name is content
	class    TEXT NOT NULL,
	sector   TEXT NOT NULL,
	province TEXT NOT NULL,
	cii      TEXT NOT NULL,             -- grade, or empty
	team     TEXT NOT NULL,             -- the CERT responsible
	changed  INTEGER NOT NULL,          -- when it was last set
	removed  INTEGER NOT NULL,
	version  INTEGER NOT NULL
) STRICT;
CREATE INDEX organisation_name ON organisation (name, id);

-- projection: key id
CREATE TABLE contact (
	id           BLOB NOT NULL PRIMARY KEY,
	organisation BLOB NOT NULL,
	position     INTEGER NOT NULL,      -- on the ladder, from 1
	purpose      TEXT NOT NULL,         -- duty, abuse, management, technical
	removed      INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_organisation ON contact (organisation, position);

-- projection: key id
CREATE TABLE network (
	id           BLOB NOT NULL PRIMARY KEY,
	organisation BLOB NOT NULL,
	first        BLOB NOT NULL,         -- 16 bytes, IPv4 as ::ffff:a.b.c.d
	prefix       INTEGER NOT NULL,      -- of 128
	removed      INTEGER NOT NULL
) STRICT;
CREATE INDEX network_prefix ON network (prefix, first);
CREATE INDEX network_first ON network (first, prefix);
CREATE INDEX network_organisation ON network (organisation);

-- projection: key id
CREATE TABLE autonomous_system (
	id           BLOB NOT NULL PRIMARY KEY,
	organisation BLOB NOT NULL,
	number       INTEGER NOT NULL,
	removed      INTEGER NOT NULL
) STRICT;
CREATE INDEX autonomous_system_number ON autonomous_system (number);
CREATE INDEX autonomous_system_organisation ON autonomous_system (organisation);

-- projection: key id
CREATE TABLE domain (
	id           BLOB NOT NULL PRIMARY KEY,
	organisation BLOB NOT NULL,
	name         TEXT NOT NULL,         -- lower case, covers all below it
	removed      INTEGER NOT NULL
) STRICT;
CREATE INDEX domain_name ON domain (name);
CREATE INDEX domain_organisation ON domain (organisation);

-- The laws of this node, the newest last.  Each is a blob of the journal; a case names the one it keeps.
-- projection: key seq
CREATE TABLE regime_adopted (
	seq     INTEGER NOT NULL PRIMARY KEY,
	id      TEXT NOT NULL,
	version TEXT NOT NULL,
	hash    BLOB NOT NULL,              -- of the file's bytes
	adopted INTEGER NOT NULL
) STRICT;

-- projection: key id
CREATE TABLE account (
	id      BLOB NOT NULL PRIMARY KEY,
	login   TEXT NOT NULL UNIQUE,
	team    TEXT NOT NULL,              -- empty: of an organisation
	organisation BLOB,                  -- whose constituent it is; NULL: of a team
	roles   INTEGER NOT NULL,           -- access/identity.h bits
	active  INTEGER NOT NULL,
	created INTEGER NOT NULL,
	version INTEGER NOT NULL
) STRICT;
CREATE INDEX account_organisation ON account (organisation) WHERE organisation IS NOT NULL;

-- projection: key id
CREATE TABLE token (
	id      BLOB NOT NULL PRIMARY KEY,
	account BLOB NOT NULL,
	scopes  INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	revoked INTEGER NOT NULL
) STRICT;
CREATE INDEX token_account ON token (account);

-- projection: key id
CREATE TABLE sign_in (
	id      BLOB NOT NULL PRIMARY KEY,
	account BLOB,                       -- NULL: an unknown name
	at      INTEGER NOT NULL,
	result  TEXT NOT NULL               -- ok, password, code, locked, unknown, signed_out
) STRICT;
CREATE INDEX sign_in_at ON sign_in (at);

-- projection: key id
CREATE TABLE purge (
	id        BLOB NOT NULL PRIMARY KEY,
	seq       INTEGER NOT NULL,         -- of the content entry
	kind      TEXT NOT NULL,            -- of it: report.content, message.content ...
	target    BLOB NOT NULL,            -- whose words
	incident  BLOB,                     -- where it belongs
	report    BLOB,
	team      TEXT NOT NULL,            -- whose people may ask and confirm, beside auditors
	reason    BLOB,                     -- the comment with the words
	asked_by  BLOB NOT NULL,
	asked     INTEGER NOT NULL,
	done_by   BLOB,
	done      INTEGER
) STRICT;
CREATE INDEX purge_target ON purge (target);

-- projection: key subject
CREATE TABLE legal_hold (
	subject BLOB NOT NULL PRIMARY KEY,
	since   INTEGER NOT NULL,
	actor   BLOB NOT NULL,
	reason  BLOB                        -- the comment with the words
) STRICT;
