/* correlate_priv.h - the parts of a correlator: names, sources, groups and their windows.
 *
 * A source is what gives events to correlations: a rule, or a correlation that another one names.  An event
 * keeps the values of those fields that anybody who gets it asks for, as numbers of interned names.
 */
#pragma once
#include "match/correlate.h"

enum { EVENTS_TOLD = 1000, BOUND_MOST = 1000000 };

/* Interned texts, without ASCII case; 0 is none.  Every taker gives back. */
struct name { char *text; ptrdiff_t len; uint64_t hash; uint32_t uses, next_free; };
struct names {
	struct name *at;
	uint32_t    *slots;             /* a power of two; 0: empty */
	ptrdiff_t    count, room, size;
	uint32_t     first_free;
	uint64_t     seed;
};
uint32_t names_take(struct names *n, str text);         /* 0 if text.ptr is NULL */
void     names_keep(struct names *n, uint32_t id);
void     names_drop(struct names *n, uint32_t id);
str      names_text(const struct names *n, uint32_t id);
void     names_free(struct names *n);

struct event {
	int64_t   at, reference;
	int       source;
	uint32_t  uses;
	uint32_t  values[];             /* of the source's fields */
};

struct link { int state, member; };     /* who gets a source's events */
struct source {
	ptrdiff_t    number;            /* of the rule; -1 - the correlation's */
	str          key;               /* id, or name */
	int          state;             /* the correlation that it is, or -1 */
	const str   *fields;
	int          field_count, link_count;
	struct link *links;
};
struct member {                         /* of a correlation: a rule that it names */
	int  source;
	int *group, *value;             /* where in the source's fields they are */
};

struct entry {                          /* an event in a window */
	int64_t       at;
	struct event *event;
	double        number;           /* that is counted or summed; NaN: none */
	int           member;
};
struct group {
	struct group *newer, *older;    /* by when it had an event last */
	struct group *next_touched;
	struct entry *entries;          /* by time, then member; from `first` on */
	double       *sorted;           /* the numbers of the entries, ascending */
	ptrdiff_t     first, count, room, sorted_count, sorted_room, distinct;
	double        sum;              /* of them */
	uint32_t      sum_changes;
	int64_t       newest;
	uint64_t      hash;
	bool          holds, touched;
	uint32_t      key[];
};
struct state {                          /* of one correlation */
	const struct correlation *what;
	struct member *members;
	int            source;          /* as which others get it; -1: nobody does */
	int           *from;            /* source's fields: the member's field, [member * field_count + i] */
	struct group **slots;
	ptrdiff_t      size, group_count, events_most;
	struct group  *newest, *oldest, *touched;
};

struct pending { int64_t at, order; struct event *event; };

struct correlator {
	struct arena    setup;          /* sources, states */
	struct arena    out;            /* what the last call gave */
	struct names    names;
	struct source  *sources;
	struct state   *states;         /* whom a correlation names comes before it */
	int             source_count, state_count;
	int            *by_number;      /* the source of a rule, or -1 */
	ptrdiff_t       number_count;
	struct pending *heap;
	ptrdiff_t       heap_count, heap_room;
	int64_t         heap_order;
	struct correlator_limits limits;
	struct correlator_stats  stats;
	ptrdiff_t       total;          /* entries of all windows */
	int64_t         newest, judged; /* of what came; of what was judged */
	ptrdiff_t       late_run;
	uint64_t       *touched;        /* a bit for each state */
	struct correlator_match *matches;
	ptrdiff_t       match_count, match_room;
};

void *correlate_grow(void *old, ptrdiff_t size, ptrdiff_t *room, ptrdiff_t need);
void  event_drop(struct correlator *c, struct event *e);
void  correlate_setup(struct correlator *c, const struct rule_set *rules, struct correlator_numbers numbers);
/* An event comes into the window of its group. */
void  window_enter(struct correlator *c, struct link to, struct event *e);
/* Judges all groups of a correlation that events came into. */
void  window_judge(struct correlator *c, int state);
void  windows_free(struct correlator *c);
