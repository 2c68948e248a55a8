/* state.h - a matcher's working memory: one event's leaves, values and what is known of its predicates.
 * For match/.
 *
 * Everything is sized when the matcher is made or grows and stays; an event resets it by taking the next
 * stamp.
 * A *view* is one reading of the event: as itself, or with the fields of a logsource entry renamed.
 */
#pragma once
#include "match/leaves.h"
#include "match/regex.h"
#include "match/unit_block.h"

enum { ROUTE_KEY = 240, ROUTE_SLOTS = 1024, ROUTE_VIEWS = 15, REASONS_MOST = 64, COMPARING_MOST = 1 << 25 };

struct text {
	const char *text, *folded;
	uint32_t text_len, folded_len;
	bool has_text, has_folded;
};

/* Leaves of the event, with their texts made when asked for. */
struct pool {
	struct leaves leaves;
	struct text *texts;
	ptrdiff_t text_room;
	char *room;
	ptrdiff_t room_size, room_used;
};

struct value {
	uint32_t leaf, next;
}; /* in the pool of wanted leaves; next in values */

struct route {
	/* views: entries with renames, each read on its own */
	uint32_t key_len, views, room;
	uint8_t key[ROUTE_KEY];
	uint32_t few[ROUTE_VIEWS], *entries; /* entries: few, or of the spare route as many as there are */
	/* of the event as itself; one word row of the matcher's */
	uint64_t *bits;
	bool met;
};

/* What view_restore puts back. */
struct image_saved {
	uint32_t *heads;
	ptrdiff_t touched, values, leaves;
};

struct matcher {
	const struct unit *unit;
	const struct image *im;
	struct paths paths;
	str json;
	struct pool wanted, everything;
	bool all_read; /* everything is of this event */

	struct value *values;
	ptrdiff_t value_count, value_room;
	uint32_t *head, *tail, *field_stamp; /* a field */
	uint32_t *touched;                   /* fields with values in this event */
	ptrdiff_t touched_count;

	uint32_t event, view;                  /* stamps */
	uint32_t *memo;                        /* a predicate: view << 1 | holds */
	uint32_t *tried, value_stamp;          /* a predicate: the value it was last tried on */
	uint32_t *woken_stamp, *matched_stamp; /* a rule: view; event */
	uint32_t *woken;
	ptrdiff_t woken_count;

	const uint64_t *bits; /* logsources of the view */
	ptrdiff_t words;
	uint64_t *no_bits, *forced, *spare_bits, *seen; /* a row each; seen: of all events so far */
	bool is_forced;
	const uint64_t *chosen;
	uint32_t *route_fields;
	ptrdiff_t route_field_count;
	struct route *routes, spare_route;
	uint64_t *route_bits;

	struct image_saved saved;
	struct probe_hit *hits;
	ptrdiff_t hit_room;
	uint32_t ways; /* of looking for indicators, that can find any */
	struct regex **regexes;
	struct regex_time regex_time; /* what is left of it for this event */
	int64_t comparing;            /* the same for fields compared with fields */
	struct arena out_memory; /* of matches and their reasons */
	struct match *out;
	ptrdiff_t out_count, out_room;
	struct matches result;
	struct matcher_stats stats;
};

/* state.c */
void pool_read(struct pool *p, const struct paths *paths, str json, bool all);
void pool_done(struct pool *p);
str pool_text(struct pool *p, uint32_t leaf);
str pool_folded(struct pool *p, uint32_t leaf);
uint32_t pool_add(struct matcher *m, struct pool *p, str text); /* one more leaf, that is in no JSON */
uint32_t value_new(struct matcher *m, uint32_t leaf);
void matcher_read_everything(struct matcher *m);
static inline uint32_t field_first(const struct matcher *m, uint32_t field)
{
	return m->field_stamp[field] == m->event ? m->head[field] : IMAGE_NONE;
}

/* route.c: which logsources the event belongs to. */
const struct route *route_event(struct matcher *m);

/* predicate.c */
struct place {
	uint32_t leaf;
	bool everything;
	ptrdiff_t from, to;
}; /* in the text of the leaf */
/* Tried on the values of the view, whatever is noted; *out_where (may be NULL) is the first value that
 * it holds on. */
bool predicate_try(struct matcher *m, const struct image_predicate *p, struct place *out_where);
/* TEXT on one value. */
bool predicate_text(struct matcher *m, const struct image_predicate *p, struct pool *pool, uint32_t leaf,
		    struct place *out_where);

/* scan.c: the values of the view's fields, and the keywords: which rules wake. */
void scan_view(struct matcher *m);
void wake_rule(struct matcher *m, uint32_t rule);

/* matcher.c */
bool holds_node(struct matcher *m, uint32_t node);
/* reason.c */
void reason_add(struct matcher *m, uint32_t rule);
void match_add(struct matcher *m, struct match match);
/* observe.c: known: the event belongs to a logsource. */
uint32_t observe_ways(const struct indicators *i); /* a bit for each value of image_field.observable */
void observe_event(struct matcher *m, bool known);
/* Renamed fields read the values of the fields they are renamed from, until undone. */
void view_rename(struct matcher *m, const struct image_entry *e);
void view_restore(struct matcher *m, const struct image_entry *e);
