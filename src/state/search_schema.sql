-- search_schema.sql: an index over what can be searched for.  Not a projection: outside the digest,
-- rebuilt with it.
-- One row for each team and value, so that a search never touches what another team has.
CREATE TABLE search_value (
	team    TEXT NOT NULL,
	-- canonical observable, number, sender, or a word of a title in lower case
	value   TEXT NOT NULL,
	at      INTEGER NOT NULL,
	subject BLOB NOT NULL,
	kind    INTEGER NOT NULL,       -- 1 report, 2 incident
	PRIMARY KEY (team, value, at, subject)
) STRICT, WITHOUT ROWID;
