-- access_schema.sql: how people and programs prove who they are.  Not projections and never in the journal: a
-- journal is kept for ever and shown to auditors, a password is changed.  Only decide functions of
-- access/ write
-- here, in the writer's transaction.  A store rebuilt from its journal has these tables empty.

CREATE TABLE credential (
	account  BLOB NOT NULL PRIMARY KEY,
	password TEXT NOT NULL,         -- Argon2id hash with its own costs (crypto/password.h)
	otp      BLOB NOT NULL,         -- TOTP secret, sealed under the node's (crypto/seal.h)
	otp_next BLOB,                  -- one that waits for its first code, sealed
	otp_step INTEGER NOT NULL,      -- of the last code that was used; -1: none yet
	changed  INTEGER NOT NULL
) STRICT;

-- Wrong attempts by the name that was typed, whether anybody has it or not: a lock must not tell.
CREATE TABLE sign_in_failure (
	name         BLOB NOT NULL PRIMARY KEY, -- keyed hash: people type passwords there
	account      BLOB,                      -- who has that name, if anybody
	failed       INTEGER NOT NULL,
	locked_until INTEGER NOT NULL,          -- 0: not locked
	at           INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_failure_at ON sign_in_failure (at);
CREATE INDEX sign_in_failure_account ON sign_in_failure (account) WHERE account IS NOT NULL;

CREATE TABLE session (
	secret  BLOB NOT NULL PRIMARY KEY,      -- SHA-256 of the cookie
	id      BLOB NOT NULL UNIQUE,
	account BLOB NOT NULL,
	csrf    TEXT NOT NULL,
	created INTEGER NOT NULL,
	seen    INTEGER NOT NULL,               -- to the minute
	expires INTEGER NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE token_secret (
	secret  BLOB NOT NULL PRIMARY KEY,      -- SHA-256 of the token
	token   BLOB NOT NULL UNIQUE,
	created INTEGER NOT NULL,
	used    INTEGER                         -- to the minute; NULL: never
) STRICT;

CREATE TABLE account_seen (
	account BLOB NOT NULL PRIMARY KEY,
	at      INTEGER NOT NULL
) STRICT;
