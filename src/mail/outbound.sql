-- outbound.sql: what waits to be sent.

-- name: outbound_queued
-- in: after_at int, after_id blob, count int
-- out: id uuid, incident uuid?, report uuid?, party uuid?, at instant, team text, tlp int, automatic bool
-- out: body text?
-- many
SELECT m.id, m.incident, m.report, m.party, m.at, m.team, m.tlp, m.automatic, c.body
FROM message m LEFT JOIN content c ON c.id = m.id
WHERE m.delivery = 'queued' AND (m.at, m.id) > (:after_at, :after_id) ORDER BY m.at, m.id LIMIT :count;

-- Who a reminder goes to, as they are now.
-- name: outbound_person
-- in: id uuid
-- out: login text, team text, roles int, active bool, body text?
-- one
SELECT a.login, a.team, a.roles, a.active, c.body FROM account a LEFT JOIN content c ON c.id = a.id
WHERE a.id = :id;
