-- node_apply.sql: what entries about the directory, accounts and the node itself do.  See case_apply.sql.

-- kind: node.created 1
-- kind: node.started 1
-- kind: node.restored 1
-- kind: node.released 1
-- kind: node.time_stepped 1
-- kind: node.checkpoint_noted 1

-- kind: regime.adopted 1
-- in: id text, version text, hash blob
INSERT INTO regime_adopted (seq, id, version, hash, adopted) VALUES (:seq, :id, :version, :hash, :at);

-- kind: organisation.set 1
-- in: name text, class text, sector text, province text, cii text, team text
INSERT INTO organisation (id, name, class, sector, province, cii, team, changed, removed, version)
VALUES (:subject, :name, :class, :sector, :province, :cii, :team, :at, 0, 1)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, class = excluded.class, sector = excluded.sector,
	province = excluded.province, cii = excluded.cii, team = excluded.team,
	changed = excluded.changed, removed = 0, version = organisation.version + 1;

-- kind: organisation.removed 1
-- run
UPDATE organisation SET removed = 1, version = version + 1 WHERE id = :subject;

-- The name, address and telephone are contact.content.
-- kind: contact.set 1
-- in: organisation uuid, position int, purpose text
INSERT INTO contact (id, organisation, position, purpose, removed) VALUES (:subject, :organisation,
	:position, :purpose, 0)
ON CONFLICT (id) DO UPDATE SET organisation = excluded.organisation, position = excluded.position,
	purpose = excluded.purpose, removed = 0;

-- kind: contact.removed 1
-- run
UPDATE contact SET removed = 1 WHERE id = :subject;

-- kind: network.set 1
-- in: organisation uuid, first blob, prefix int
INSERT INTO network (id, organisation, first, prefix, removed) VALUES (:subject, :organisation, :first,
	:prefix, 0)
ON CONFLICT (id) DO UPDATE SET organisation = excluded.organisation, first = excluded.first, prefix =
	excluded.prefix,
	removed = 0;

-- kind: network.removed 1
-- run
UPDATE network SET removed = 1 WHERE id = :subject;

-- kind: autonomous_system.set 1
-- in: organisation uuid, number int
INSERT INTO autonomous_system (id, organisation, number, removed) VALUES (:subject, :organisation, :number, 0)
ON CONFLICT (id) DO UPDATE SET organisation = excluded.organisation, number = excluded.number, removed = 0;

-- kind: autonomous_system.removed 1
-- run
UPDATE autonomous_system SET removed = 1 WHERE id = :subject;

-- kind: domain.set 1
-- in: organisation uuid, name text
INSERT INTO domain (id, organisation, name, removed) VALUES (:subject, :organisation, :name, 0)
ON CONFLICT (id) DO UPDATE SET organisation = excluded.organisation, name = excluded.name, removed = 0;

-- kind: domain.removed 1
-- run
UPDATE domain SET removed = 1 WHERE id = :subject;

-- kind: account.set 1
-- in: login text, team text, organisation uuid?, roles int, active bool
INSERT INTO account (id, login, team, organisation, roles, active, created, version)
VALUES (:subject, :login, :team, :organisation, :roles, :active, :at, 1)
ON CONFLICT (id) DO UPDATE SET login = excluded.login, team = excluded.team,
	organisation = excluded.organisation, roles = excluded.roles, active = excluded.active,
		version = account.version + 1;

-- A password or a second factor was changed: that it was, by whom, never what.
-- kind: account.credential_changed 1
-- run
UPDATE account SET version = version + 1 WHERE id = :subject;

-- kind: token.set 1
-- in: account uuid, scopes int, expires instant
INSERT INTO token (id, account, scopes, expires, revoked) VALUES (:subject, :account, :scopes, :expires, 0);

-- kind: token.revoked 1
-- run
UPDATE token SET revoked = 1 WHERE id = :subject;

-- kind: sign_in.recorded 1
-- in: account uuid?, result text
INSERT INTO sign_in (id, account, at, result) VALUES (:subject, :account, :at, :result);

-- kind: purge.asked 1
-- timeline: report incident
-- in: entry int, kind text, target uuid, incident uuid?, report uuid?, reason uuid?
INSERT INTO purge (id, seq, kind, target, incident, report, team, reason, asked_by, asked)
VALUES (:subject, :entry, :kind, :target, :incident, :report, :owner, :reason, :actor, :at);

-- The journal's payload and the blob are deleted by the same transaction; here goes the projection.
-- kind: purge.done 1
-- timeline: report incident
-- run
UPDATE purge SET done_by = :actor, done = :at WHERE id = :subject;
-- in: target uuid, entry int
DELETE FROM content WHERE id = :target AND seq = :entry;
