-- directory.sql: the directory as its readers and its keepers see it.  Not team-scoped: it is for
-- everybody who may
-- read it (MAY_READ_DIRECTORY), and what leaves still passes release/.

-- name: directory_organisation
-- in: id uuid
-- out: name text, class text, sector text, province text, cii text, team text, changed instant
-- one
SELECT name, class, sector, province, cii, team, changed FROM organisation WHERE id = :id AND removed = 0;

-- name: directory_named
-- in: name text
-- out: id uuid
-- many
SELECT id FROM organisation WHERE name = :name AND removed = 0 ORDER BY id LIMIT 2;

-- name: directory_page
-- in: start text, inner text, sector text, class text, after_name text, after_id blob, count int
-- out: id uuid, name text, class text, sector text, province text, cii text, team text, networks int, domains int, contacts int
-- many
SELECT o.id, o.name, o.class, o.sector, o.province, o.cii, o.team,
	(SELECT count(*) FROM network n WHERE n.organisation = o.id AND n.removed = 0) +
		(SELECT count(*) FROM autonomous_system s WHERE s.organisation = o.id AND s.removed = 0),
	(SELECT count(*) FROM domain d WHERE d.organisation = o.id AND d.removed = 0),
	(SELECT count(*) FROM contact k WHERE k.organisation = o.id AND k.removed = 0)
FROM organisation o
WHERE o.removed = 0 AND (lower(o.name) LIKE :start ESCAPE '!' OR lower(o.name) LIKE :inner ESCAPE '!')
	AND (:sector = '' OR o.sector = :sector) AND (:class = '' OR o.class = :class)
	AND (o.name, o.id) > (:after_name, :after_id)
ORDER BY o.name, o.id LIMIT :count;

-- name: directory_tally
-- in: start text, inner text, sector text, class text, most int
-- out: count int
-- one
SELECT count(*) FROM (SELECT 1 FROM organisation o
	WHERE o.removed = 0 AND (lower(o.name) LIKE :start ESCAPE '!' OR lower(o.name) LIKE :inner ESCAPE '!')
	AND (:sector = '' OR o.sector = :sector) AND (:class = '' OR o.class = :class) LIMIT :most) few;

-- name: directory_contacts
-- in: organisation uuid
-- out: id uuid, position int, purpose text, body text?
-- many
SELECT k.id, k.position, k.purpose, c.body FROM contact k LEFT JOIN content c ON c.id = k.id
WHERE k.organisation = :organisation AND k.removed = 0 ORDER BY k.position, k.id;

-- name: directory_networks
-- in: organisation uuid
-- out: id uuid, first blob, prefix int
-- many
SELECT id, first, prefix FROM network WHERE organisation = :organisation AND removed = 0 ORDER BY first,
	prefix, id;

-- name: directory_systems
-- in: organisation uuid
-- out: id uuid, number int
-- many
SELECT id, number FROM autonomous_system WHERE organisation = :organisation AND removed = 0 ORDER BY
	number, id;

-- name: directory_domains
-- in: organisation uuid
-- out: id uuid, name text
-- many
SELECT id, name FROM domain WHERE organisation = :organisation AND removed = 0 ORDER BY name, id;

-- name: directory_contact_at
-- in: organisation uuid, position int
-- out: id uuid, purpose text, body text?
-- one
SELECT k.id, k.purpose, c.body FROM contact k LEFT JOIN content c ON c.id = k.id
WHERE k.organisation = :organisation AND k.position = :position AND k.removed = 0 ORDER BY k.id LIMIT 1;

-- name: directory_contact
-- in: id uuid
-- out: organisation uuid, position int, purpose text, body text?
-- one
SELECT k.organisation, k.position, k.purpose, c.body FROM contact k LEFT JOIN content c ON c.id = k.id
WHERE k.id = :id AND k.removed = 0;

-- name: directory_last_rank
-- in: organisation uuid
-- out: rank int
-- one
SELECT coalesce(max(position), 0) FROM contact WHERE organisation = :organisation AND removed = 0;

-- name: directory_network_exact
-- in: prefix int, first blob
-- out: id uuid, organisation uuid
-- one
SELECT id, organisation FROM network WHERE prefix = :prefix AND first = :first AND removed = 0 ORDER BY id
	LIMIT 1;

-- name: directory_system_exact
-- in: number int
-- out: id uuid, organisation uuid
-- one
SELECT id, organisation FROM autonomous_system WHERE number = :number AND removed = 0 ORDER BY id LIMIT 1;

-- name: directory_domain_exact
-- in: name text
-- out: id uuid, organisation uuid
-- one
SELECT id, organisation FROM domain WHERE name = :name AND removed = 0 ORDER BY id LIMIT 1;

-- Whatever hangs on an organisation, and the kind of entry that removes it.
-- name: directory_item
-- in: id uuid
-- out: organisation uuid, kind text
-- one
SELECT organisation, 'contact.removed' FROM contact WHERE id = :id AND removed = 0
UNION ALL SELECT organisation, 'network.removed' FROM network WHERE id = :id AND removed = 0
UNION ALL SELECT organisation, 'autonomous_system.removed' FROM autonomous_system WHERE id = :id AND
	removed = 0
UNION ALL SELECT organisation, 'domain.removed' FROM domain WHERE id = :id AND removed = 0;

-- name: directory_items
-- in: organisation uuid, most int
-- out: id uuid, kind text
-- many
SELECT id, kind FROM (
	SELECT id, 'contact.removed' AS kind FROM contact WHERE organisation = :organisation AND removed = 0
	UNION ALL SELECT id, 'network.removed' AS kind FROM network WHERE organisation = :organisation AND
		removed = 0
	UNION ALL SELECT id, 'autonomous_system.removed' AS kind FROM autonomous_system
		WHERE organisation = :organisation AND removed = 0
	UNION ALL SELECT id, 'domain.removed' AS kind FROM domain WHERE organisation = :organisation AND
		removed = 0
) items ORDER BY kind, id LIMIT :most;

-- name: directory_export_organisations
-- out: id uuid, name text, class text, sector text, province text, cii text
-- many
SELECT id, name, class, sector, province, cii FROM organisation WHERE removed = 0 AND name <> '' ORDER BY
	name, id;

-- name: directory_export_contacts
-- out: id uuid, organisation uuid, name text, position int, purpose text, body text?
-- many
SELECT k.id, o.id, o.name, k.position, k.purpose, c.body FROM contact k JOIN organisation o ON o.id =
	k.organisation
LEFT JOIN content c ON c.id = k.id WHERE k.removed = 0 AND o.removed = 0 ORDER BY o.name, o.id,
	k.position, k.id;

-- name: directory_export_networks
-- out: id uuid, organisation uuid, name text, first blob, prefix int
-- many
SELECT n.id, o.id, o.name, n.first, n.prefix FROM network n JOIN organisation o ON o.id = n.organisation
WHERE n.removed = 0 AND o.removed = 0 ORDER BY n.first, n.prefix, n.id;

-- name: directory_export_systems
-- out: id uuid, organisation uuid, name text, number int
-- many
SELECT s.id, o.id, o.name, s.number FROM autonomous_system s JOIN organisation o ON o.id = s.organisation
WHERE s.removed = 0 AND o.removed = 0 ORDER BY s.number, s.id;

-- name: directory_export_domains
-- out: id uuid, organisation uuid, name text, domain text
-- many
SELECT d.id, o.id, o.name, d.name FROM domain d JOIN organisation o ON o.id = d.organisation
WHERE d.removed = 0 AND o.removed = 0 ORDER BY d.name, d.id;
