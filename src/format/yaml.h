/* yaml.h - a YAML file as a tree in an arena.  libyaml behind our own door.
 *
 * The subset is what a person writes by hand and reads aloud: maps, lists and scalars of one document.
 * Aliases, anchors, tags, duplicate keys, keys that are not scalars and (but for yaml_parse_all) further
 * documents are refused, with line and column.  Scalars stay text: what a number or a date is, the reader
 * of the tree decides.
 *
 * I1. Members and items are in the order of the file.
 * I2. Every text is valid UTF-8 without U+0000, followed by a NUL, and lives as long as the arena.
 * I3. line and column count from 1; column counts characters, as an editor shows them.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_place { int line, column; };

struct yaml {
	enum yaml_kind     kind;
	struct yaml_place  at, end;     /* end: of a scalar, behind its last character */
	str                text;        /* of a scalar */
	bool               plain;       /* without quotes: only then may it mean null, true or a number */
	str                key;         /* of a map's member; ptr NULL in lists and at the root */
	struct yaml_place  key_at;
	const struct yaml *first, *next;
	ptrdiff_t          count;       /* of members or items */
};

struct yaml_limits { ptrdiff_t size; int depth, nodes, members; };      /* 0: 1 MiB, 24, 20000, 1000 a map */

/* On failure *out_at (if not NULL) is where it went wrong, so that a checker can print file:line:column. */
MUST_CHECK bool yaml_parse(struct arena *a, str text, struct yaml_limits limits, const struct yaml **out_root,
                           struct yaml_place *out_at, struct err *err);

/* Every document of the file, each the `next` of the one before; one without content is an empty plain
 * scalar.  The limits are those of the whole file. */
MUST_CHECK bool yaml_parse_all(struct arena *a, str text, struct yaml_limits limits,
                               const struct yaml **out_first, struct yaml_place *out_at, struct err *err);

const struct yaml *yaml_get(const struct yaml *map, str key);           /* NULL if absent, or no map */
bool               yaml_is_null(const struct yaml *y);                  /* plain and empty, ~ or null */
