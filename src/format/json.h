/* json.h - JSON bodies and files as values in an arena.  Jansson behind our own door.
 *
 * Reading is strict: RFC 8259, UTF-8, duplicate keys refused, no U+0000 in strings, depth and size limited.
 * Canonical writing is RFC 8785 for the values that we allow in it: integers within +-(2^53-1), strings
 * without U+0000, ASCII keys, no floats (ERR_INPUT otherwise).  A canonical text read and written again is
 * the same text.
 *
 * A struct json made or read in an arena lives as long as the arena.  json_set and json_append make the
 * child part of the parent; a child that nobody changes any more may have several.  All json_get_* borrow.
 * Values of one arena belong to one thread at a time.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"

struct json;    /* a Jansson json_t in truth; nobody outside json.c needs to know */

enum json_type {
	JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_INTEGER, JSON_REAL, JSON_TRUE, JSON_FALSE, JSON_NULL
};

/* 0: 32 levels, 16 MiB, 500000 values.  Depth is 512 at most; `values` bounds the memory that a text of
 * brackets and commas takes, which is many times its size. */
struct json_limits { int depth; ptrdiff_t size, values; };

MUST_CHECK bool json_parse(struct arena *a, str text, struct json_limits limits, struct json **out_j,
                           struct err *err);
MUST_CHECK bool json_canonical(struct arena *a, const struct json *j, str *out_text, struct err *err);
str             json_compact(struct arena *a, const struct json *j);    /* any value, keys as they were set */
str             json_pretty(struct arena *a, const struct json *j);     /* two blanks a level, for people */

/* Jansson exports these three names too: ours are called otherwise in object files, so that neither the
 * linker nor the loader can take one for the other. */
struct json *json_object(struct arena *a) __asm__("naubat_json_object");
struct json *json_array(struct arena *a) __asm__("naubat_json_array");
struct json *json_copy(struct arena *a, const struct json *j) __asm__("naubat_json_copy");      /* deep */
struct json *json_share(struct arena *a, const struct json *object);    /* another object, the same members */

/* Building.  Keys are literals of ours.  Invalid UTF-8 in a str is replaced by U+FFFD, U+0000 dropped. */
void json_set(struct json *object, const char *key, struct json *value);        /* value NULL: JSON null */
void json_set_str(struct json *object, const char *key, str value);
void json_set_int(struct json *object, const char *key, int64_t value);
void json_set_bool(struct json *object, const char *key, bool value);
void json_set_uuid(struct json *object, const char *key, struct uuid value);    /* nil: null */
void json_set_instant(struct json *object, const char *key, struct instant t);  /* us 0: null */
void json_append(struct json *array, struct json *value);
void json_append_str(struct json *array, str value);
void json_append_int(struct json *array, int64_t value);
void json_remove(struct json *object, const char *key);         /* what was borrowed from it is gone */

enum json_type json_type(const struct json *j);
ptrdiff_t      json_count(const struct json *j);                        /* members or items; NULL: 0 */
const struct json *json_at(const struct json *array, ptrdiff_t i);      /* NULL past the end */
const struct json *json_get(const struct json *object, const char *key);/* NULL if absent or j is no object */
str            json_str(const struct json *j);                          /* else empty, with ptr NULL */
int64_t        json_int(const struct json *j);                          /* of an integer; else 0 */
bool           json_is_true(const struct json *j);

/* Short forms of json_get and the above, for payloads that were checked when they were written. */
str            json_get_str(const struct json *object, const char *key);
int64_t        json_get_int(const struct json *object, const char *key);
bool           json_get_bool(const struct json *object, const char *key);
struct uuid    json_get_uuid(const struct json *object, const char *key);       /* nil if absent or wrong */
struct instant json_get_instant(const struct json *object, const char *key);    /* us 0 if absent or wrong */

/* Walks an object's members in order of insertion.  False at the end; do not change the object meanwhile. */
struct json_member { const char *key; const struct json *value; void *iterator; };
bool json_next(const struct json *object, struct json_member *m);       /* zero *m before the first call */
