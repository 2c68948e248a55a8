-- test_db.sql: one statement of every form, for test_db.c.

-- name: item_add
-- in: id uuid, parent uuid?, made instant, seen instant?, n int, flag bool, label text, note text?
-- in: body blob, extra blob?
-- run
INSERT INTO item (id, parent, made, seen, n, flag, label, note, body, extra)
VALUES (:id, :parent, :made, :seen, :n, :flag, :label, :note, :body, :extra);

-- name: item_find
-- in: id uuid
-- out: parent uuid?, made instant, seen instant?, n int, flag bool, label text, note text?
-- out: body blob, extra blob?
-- one
SELECT parent, made, seen, n, flag, label, note, body, extra FROM item WHERE id = :id;

-- name: item_list
-- in: least text, page int
-- out: id uuid, label text
-- many
SELECT id, label FROM item WHERE label >= :least AND label <> 'a:quoted; -- text' ORDER BY label LIMIT :page;

-- name: item_count
-- out: count int
-- one
SELECT count(*) FROM item;

-- name: item_any
-- out: n int
-- one
SELECT n FROM item ORDER BY n;

-- name: item_take
-- in: id uuid, parent uuid?
-- out: n int
-- one
UPDATE item SET parent = :parent, n = n + 1
WHERE id = :id AND (parent IS NULL OR parent = :parent) RETURNING n;

-- name: item_like
-- in: pattern text
-- out: count int
-- one
-- @sqlite
SELECT count(*) FROM item WHERE label LIKE :pattern;
-- @pg
SELECT count(*)::bigint FROM item WHERE label LIKE :pattern::text;

-- name: item_bad_uuid
-- out: body uuid
-- one
SELECT x'0102' FROM item LIMIT 1;

-- name: item_bad_null
-- out: note text
-- one
SELECT note FROM item WHERE note IS NULL LIMIT 1;

-- name: item_bad_type
-- out: label int
-- one
SELECT label FROM item LIMIT 1;

-- name: item_remove_all
-- run
DELETE FROM item;
