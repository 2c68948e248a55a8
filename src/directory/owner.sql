-- owner.sql: looking up who owns an address.

-- Of each prefix length that occurs, the longest first, the network that begins nearest below the address:
-- the first of them that holds it is the most specific one.  Lengths are few, and each is two seeks.
-- name: owner_networks_below
-- in: ip blob, longest int
-- out: first blob, prefix int, organisation uuid
-- many
WITH RECURSIVE lengths (bits) AS (
	SELECT max(prefix) FROM network WHERE prefix <= :longest
	UNION ALL
	SELECT (SELECT max(n.prefix) FROM network n WHERE n.prefix < l.bits) FROM lengths l
		WHERE l.bits IS NOT NULL)
SELECT n.first, n.prefix, n.organisation FROM lengths l JOIN network n ON n.id = (SELECT x.id FROM network x
	WHERE x.prefix = l.bits AND x.first <= :ip AND x.removed = 0 ORDER BY x.first DESC LIMIT 1)
ORDER BY n.prefix DESC;

-- name: owner_domain_exact
-- in: name text
-- out: organisation uuid
-- one
SELECT organisation FROM domain WHERE name = :name AND removed = 0 LIMIT 1;

-- name: owner_asn_exact
-- in: number int
-- out: organisation uuid
-- one
SELECT organisation FROM autonomous_system WHERE number = :number AND removed = 0 LIMIT 1;

-- name: owner_organisation
-- in: id uuid
-- out: name text, class text, sector text, province text, cii text, team text
-- one
SELECT name, class, sector, province, cii, team FROM organisation WHERE id = :id AND removed = 0;
