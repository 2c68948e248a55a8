-- owner.sql: looking up who owns an address.

-- The network with the greatest first address not above: if it holds the address, nothing more specific does.
-- name: owner_network_below
-- in: ip blob
-- out: first blob, prefix int, organisation uuid
-- one
SELECT first, prefix, organisation FROM network WHERE first <= :ip AND removed = 0 ORDER BY first DESC,
	prefix DESC LIMIT 1;

-- name: owner_network_exact
-- in: prefix int, first blob
-- out: organisation uuid
-- one
SELECT organisation FROM network WHERE prefix = :prefix AND first = :first AND removed = 0 LIMIT 1;

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
