-- search_schema.sql: an index over what can be searched for.  Not a projection: outside the digest, filled by
-- a reader of the journal, and to be thrown away and filled again.

-- One document for each thing with words (a report, an incident, a message) and each team that may find it.
CREATE TABLE search_document (
	doc     INTEGER NOT NULL PRIMARY KEY,   -- rises: newest first is the order of every answer
	team    TEXT NOT NULL,
	thing   BLOB NOT NULL,          -- whose words: id of the report, incident or message
	subject BLOB NOT NULL,          -- what is opened: a message's incident or report, else the thing
	kind    INTEGER NOT NULL,       -- 1 report, 2 incident, 3 message
	own     INTEGER NOT NULL,       -- with the words that only the coordinator's people see
	seq     INTEGER NOT NULL        -- the entry that holds the words
) STRICT;
CREATE UNIQUE INDEX search_document_thing ON search_document (thing, team);

-- Its words, each the hash of team and word (search.h), so that a look-up meets only what its team has.
-- @sqlite
CREATE VIRTUAL TABLE search_index USING fts5(words, content='', columnsize=0, detail=none, tokenize='ascii');
-- @pg
CREATE TABLE search_index (doc BIGINT NOT NULL PRIMARY KEY, words text[] NOT NULL);
-- What waits to be merged is merged by whoever adds to it, and that is the writer: little at a time (kB).
CREATE INDEX search_index_words ON search_index USING gin (words) WITH (gin_pending_list_limit = 256);
-- @all
