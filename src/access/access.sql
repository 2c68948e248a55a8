-- access.sql: accounts, credentials, sessions, tokens.

-- name: access_identify_session
-- in: secret blob
-- out: id uuid, account uuid, csrf text, created instant, seen instant, expires instant
-- out: login text, team text, organisation uuid?, organisation_name text?, roles int, active bool, body text?
-- one
SELECT s.id, s.account, s.csrf, s.created, s.seen, s.expires, a.login, a.team, a.organisation, o.name,
	a.roles,
	CASE WHEN o.removed = 1 THEN 0 ELSE a.active END, c.body
FROM session s JOIN account a ON a.id = s.account LEFT JOIN organisation o ON o.id = a.organisation
LEFT JOIN content c ON c.id = a.id WHERE s.secret = :secret;

-- name: access_identify_token
-- in: secret blob
-- out: id uuid, account uuid, scopes int, expires instant, revoked bool, used instant?
-- out: login text, team text, organisation uuid?, organisation_name text?, roles int, active bool, body text?
-- one
SELECT t.id, t.account, t.scopes, t.expires, t.revoked, x.used, a.login, a.team, a.organisation, o.name,
	a.roles,
	CASE WHEN o.removed = 1 THEN 0 ELSE a.active END, c.body
FROM token_secret x JOIN token t ON t.id = x.token JOIN account a ON a.id = t.account
LEFT JOIN organisation o ON o.id = a.organisation LEFT JOIN content c ON c.id = a.id WHERE x.secret = :secret;

-- name: access_account_by_login
-- in: login text
-- out: id uuid, active bool, password text?, otp blob?, otp_step int
-- one
SELECT a.id, CASE WHEN o.removed = 1 THEN 0 ELSE a.active END, k.password, k.otp, coalesce(k.otp_step, -1)
FROM account a LEFT JOIN credential k ON k.account = a.id LEFT JOIN organisation o ON o.id = a.organisation
WHERE a.login = :login;

-- name: access_account
-- in: id uuid
-- out: login text, team text, organisation uuid?, roles int, active bool, body text?
-- one
SELECT a.login, a.team, a.organisation, a.roles, a.active, c.body
FROM account a LEFT JOIN content c ON c.id = a.id WHERE a.id = :id;

-- name: access_organisation
-- in: id uuid
-- out: name text, removed bool
-- one
SELECT name, removed FROM organisation WHERE id = :id;

-- name: access_credential_store
-- in: account uuid, password text, otp blob, changed instant
-- run
INSERT INTO credential (account, password, otp, otp_step, changed)
VALUES (:account, :password, :otp, -1, :changed)
ON CONFLICT (account) DO UPDATE SET password = excluded.password, otp = excluded.otp, otp_step = -1,
	otp_next = NULL, changed = excluded.changed;

-- name: access_credential
-- in: account uuid
-- out: password text, otp blob, otp_step int, otp_next blob?
-- one
SELECT password, otp, otp_step, otp_next FROM credential WHERE account = :account;

-- name: access_password_changed
-- in: account uuid, password text, changed instant
-- run
UPDATE credential SET password = :password, changed = :changed WHERE account = :account;

-- name: access_code_offered
-- in: account uuid, otp_next blob
-- run
UPDATE credential SET otp_next = :otp_next WHERE account = :account;

-- name: access_code_changed
-- in: account uuid, otp_step int, changed instant
-- run
UPDATE credential SET otp = otp_next, otp_next = NULL, otp_step = :otp_step, changed = :changed
WHERE account = :account AND otp_next IS NOT NULL;

-- name: access_some_credential
-- out: account uuid, otp blob
-- one
SELECT account, otp FROM credential ORDER BY changed DESC LIMIT 1;

-- name: access_password_rehashed
-- in: account uuid, password text
-- run
UPDATE credential SET password = :password WHERE account = :account;

-- name: access_code_used
-- in: account uuid, otp_step int
-- run
UPDATE credential SET otp_step = :otp_step WHERE account = :account;

-- name: access_failure
-- in: name blob, since instant
-- out: failed int, locked_until instant
-- one
SELECT failed, locked_until FROM sign_in_failure WHERE name = :name AND at >= :since;

-- name: access_failure_store
-- in: name blob, account uuid?, failed int, locked_until instant, at instant
-- run
INSERT INTO sign_in_failure (name, account, failed, locked_until, at)
VALUES (:name, :account, :failed, :locked_until, :at)
ON CONFLICT (name) DO UPDATE SET account = excluded.account, failed = excluded.failed,
	locked_until = excluded.locked_until, at = excluded.at;

-- name: access_failures_forget
-- in: name blob
-- run
DELETE FROM sign_in_failure WHERE name = :name;

-- name: access_failures_forget_of
-- in: account uuid
-- run
DELETE FROM sign_in_failure WHERE account = :account;

-- name: access_failures_forget_old
-- in: before instant
-- run
DELETE FROM sign_in_failure WHERE at < :before;

-- name: access_session_store
-- in: secret blob, id uuid, account uuid, csrf text, created instant, expires instant
-- run
INSERT INTO session (secret, id, account, csrf, created, seen, expires)
VALUES (:secret, :id, :account, :csrf, :created, :created, :expires);

-- name: access_session_by_id
-- in: id uuid
-- out: account uuid
-- one
SELECT account FROM session WHERE id = :id;

-- name: access_session_end
-- in: id uuid
-- run
DELETE FROM session WHERE id = :id;

-- name: access_sessions_end_of
-- in: account uuid
-- run
DELETE FROM session WHERE account = :account;

-- name: access_sessions_end_others
-- in: account uuid, but uuid
-- run
DELETE FROM session WHERE account = :account AND id <> :but;

-- name: access_sessions_end_stale
-- in: now instant, idle instant
-- run
DELETE FROM session WHERE expires <= :now OR seen < :idle;

-- name: access_session_seen
-- in: id uuid, at instant
-- run
UPDATE session SET seen = :at WHERE id = :id AND seen < :at;

-- name: access_account_seen
-- in: account uuid, at instant
-- run
INSERT INTO account_seen (account, at) VALUES (:account, :at)
ON CONFLICT (account) DO UPDATE SET at = excluded.at;

-- name: access_token_store
-- in: secret blob, token uuid, created instant
-- run
INSERT INTO token_secret (secret, token, created) VALUES (:secret, :token, :created);

-- name: access_token
-- in: id uuid
-- out: account uuid, revoked bool
-- one
SELECT account, revoked FROM token WHERE id = :id;

-- name: access_token_used
-- in: token uuid, at instant
-- run
UPDATE token_secret SET used = :at WHERE token = :token;

-- name: access_token_forget
-- in: token uuid
-- run
DELETE FROM token_secret WHERE token = :token;

-- What administrators and people see of it.  Ids are made of the time, so that they sort by it.

-- name: access_organisations_named
-- in: name text
-- out: id uuid
-- many
SELECT id FROM organisation WHERE name = :name AND removed = 0 ORDER BY id LIMIT 2;

-- name: access_accounts
-- in: after text, now instant, count int
-- out: id uuid, login text, team text, organisation uuid?, organisation_name text?, roles int, active bool
-- out: locked bool, code bool, seen instant?, body text?
-- many
SELECT a.id, a.login, a.team, a.organisation, o.name, a.roles, a.active,
	CASE WHEN EXISTS (SELECT 1 FROM sign_in_failure f WHERE f.account = a.id AND f.locked_until > :now)
		THEN 1 ELSE 0 END,
	CASE WHEN EXISTS (SELECT 1 FROM credential k WHERE k.account = a.id) THEN 1 ELSE 0 END,
	n.at, c.body
FROM account a LEFT JOIN account_seen n ON n.account = a.id LEFT JOIN content c ON c.id = a.id
LEFT JOIN organisation o ON o.id = a.organisation
WHERE a.login > :after ORDER BY a.login LIMIT :count;

-- name: access_accounts_of
-- in: organisation uuid, now instant, count int
-- out: id uuid, login text, roles int, active bool, locked bool, seen instant?, body text?
-- many
SELECT a.id, a.login, a.roles, a.active,
	CASE WHEN EXISTS (SELECT 1 FROM sign_in_failure f WHERE f.account = a.id AND f.locked_until > :now)
		THEN 1 ELSE 0 END, n.at, c.body
FROM account a LEFT JOIN account_seen n ON n.account = a.id LEFT JOIN content c ON c.id = a.id
WHERE a.organisation = :organisation ORDER BY a.login LIMIT :count;

-- name: access_accounts_count
-- out: accounts int
-- one
SELECT count(*) FROM account;

-- name: access_colleagues
-- in: team text, roles int, count int
-- out: id uuid, login text, body text?
-- many
SELECT a.id, a.login, c.body FROM account a LEFT JOIN content c ON c.id = a.id
WHERE a.team = :team AND a.active = 1 AND (a.roles & :roles) <> 0 ORDER BY a.login LIMIT :count;

-- name: access_people
-- in: count int
-- out: login text, team text, organisation uuid?, organisation_name text?, roles int, body text?
-- many
SELECT a.login, a.team, a.organisation, o.name, a.roles,
	c.body FROM account a LEFT JOIN content c ON c.id = a.id
LEFT JOIN organisation o ON o.id = a.organisation
WHERE a.active = 1 ORDER BY a.created, a.id LIMIT :count;

-- name: access_sign_ins
-- in: before uuid, count int
-- out: id uuid, at instant, login text?, result text
-- many
SELECT g.id, g.at, a.login, g.result FROM sign_in g LEFT JOIN account a ON a.id = g.account
WHERE g.id < :before ORDER BY g.id DESC LIMIT :count;

-- name: access_sign_ins_count
-- in: most int
-- out: sign_ins int
-- one
SELECT count(*) FROM (SELECT 1 FROM sign_in LIMIT :most) AS few;

-- name: access_sessions
-- in: everybody bool, account uuid, now instant, idle instant, before uuid, count int
-- out: id uuid, account uuid, created instant, seen instant, login text, body text?
-- many
SELECT s.id, s.account, s.created, s.seen, a.login, c.body
FROM session s JOIN account a ON a.id = s.account LEFT JOIN content c ON c.id = a.id
WHERE (:everybody = 1 OR s.account = :account) AND s.expires > :now AND s.seen >= :idle AND a.active = 1
	AND s.id < :before
ORDER BY s.id DESC LIMIT :count;

-- name: access_sessions_count
-- in: everybody bool, account uuid, now instant, idle instant, most int
-- out: sessions int
-- one
SELECT count(*) FROM (SELECT 1 FROM session s JOIN account a ON a.id = s.account
	WHERE (:everybody = 1 OR s.account = :account) AND s.expires > :now AND s.seen >= :idle
		AND a.active = 1 LIMIT :most) AS few;

-- name: access_tokens
-- in: everybody bool, account uuid, now instant, before uuid, count int
-- out: id uuid, account uuid, scopes int, expires instant, created instant, used instant?, login text
-- out: body text?, owner_body text?
-- many
SELECT t.id, t.account, t.scopes, t.expires, x.created, x.used, a.login, c.body, o.body
FROM token t JOIN token_secret x ON x.token = t.id JOIN account a ON a.id = t.account
LEFT JOIN content c ON c.id = t.id LEFT JOIN content o ON o.id = a.id
WHERE (:everybody = 1 OR t.account = :account) AND t.revoked = 0 AND t.expires > :now AND t.id < :before
ORDER BY t.id DESC LIMIT :count;

-- name: access_tokens_count
-- in: everybody bool, account uuid, now instant, most int
-- out: tokens int
-- one
SELECT count(*) FROM (SELECT 1 FROM token t JOIN token_secret x ON x.token = t.id
	WHERE (:everybody = 1 OR t.account = :account) AND t.revoked = 0 AND t.expires > :now
	LIMIT :most) AS few;

-- What a store rebuilt from its journal is given of the old one.

-- name: access_credentials_all
-- in: after uuid?, count int
-- out: account uuid, password text, otp blob, otp_step int, changed instant
-- many
SELECT account, password, otp, otp_step, changed FROM credential
WHERE account > coalesce(:after, X'') ORDER BY account LIMIT :count;

-- name: access_token_secrets_all
-- in: after uuid?, count int
-- out: secret blob, token uuid, created instant, used instant?
-- many
SELECT secret, token, created, used FROM token_secret
WHERE token > coalesce(:after, X'') ORDER BY token LIMIT :count;
