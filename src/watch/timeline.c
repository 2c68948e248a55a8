#include "watch/timeline.h"

#include <stdlib.h>
#include "base/instant.h"
#include "watch/report_stream.h"

enum { BLOCK_ROWS = 4096 };

struct row {
	int64_t at_us, sequence;
	str body, place;
};

struct timeline {
	struct arena *a;
	struct report_style style;
	struct row *rows;
	ptrdiff_t count, room, bytes, next;
	int64_t dropped;
};

struct timeline *timeline_new(struct arena *a, const struct report_style *style)
{
	struct timeline *t = NEW(a, struct timeline, 1);
	t->a = a;
	t->style = *style;
	return t;
}

static void make_room(struct timeline *t)
{
	if (t->count < t->room)
		return;
	ptrdiff_t room = MAX(BLOCK_ROWS, t->room * 2);
	struct row *more = NEW(t->a, struct row, room);
	if (t->count)
		memcpy(more, t->rows, (size_t)t->count * sizeof(*more));
	t->rows = more;
	t->room = room;
}

void timeline_add(struct timeline *t, const struct finding *f, struct arena *tmp)
{
	struct buf b;
	buf_init(&b, tmp, 1 << 20);
	report_body(&b, f, &t->style);
	str body = buf_str(&b), place = report_place(tmp, f, t->style.width == 0);
	if (t->count == TIMELINE_ROWS || t->bytes + body.len + place.len > TIMELINE_BYTES) {
		t->dropped++;
		return;
	}
	make_room(t);
	t->rows[t->count] = (struct row){ f->at_us, t->count, arena_dup(t->a, body), arena_dup(t->a, place) };
	t->count++;
	t->bytes += body.len + place.len;
}

static int compare(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	uint64_t ta = a->at_us == FINDING_NO_TIME ? UINT64_MAX : (uint64_t)a->at_us + (UINT64_C(1) << 63);
	uint64_t tb = b->at_us == FINDING_NO_TIME ? UINT64_MAX : (uint64_t)b->at_us + (UINT64_C(1) << 63);
	if (ta != tb)
		return ta < tb ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

void timeline_sort(struct timeline *t)
{
	if (t->count)
		qsort(t->rows, (size_t)t->count, sizeof(*t->rows), compare);
	t->next = 0;
}

/* How many rows from there on say the same within a minute. */
static ptrdiff_t same_run(const struct timeline *t, ptrdiff_t from)
{
	const struct row *first = &t->rows[from];
	ptrdiff_t end = from + 1;
	while (end < t->count && str_eq(t->rows[end].body, first->body) &&
	       (first->at_us == t->rows[end].at_us ||
		(t->rows[end].at_us != FINDING_NO_TIME && t->rows[end].at_us - first->at_us <= MINUTES(1))))
		end++;
	return end - from;
}

bool timeline_row(struct timeline *t, struct buf *out)
{
	if (t->next == t->count)
		return false;
	const struct row *r = &t->rows[t->next];
	ptrdiff_t same = same_run(t, t->next);
	str time = report_time(out->arena, r->at_us, t->style.local);
	report_paint(out, &t->style, DIM, time.len ? time : S("no time            "));
	buf_add(out, S("  "));
	buf_add(out, r->body);
	if (same > 1)
		buf_printf(out, "  %td\xC3\x97", same);
	buf_add(out, S("  "));
	report_paint(out, &t->style, DIM, r->place);
	buf_add_char(out, '\n');
	t->next += same;
	return true;
}

int64_t timeline_dropped(const struct timeline *t)
{
	return t->dropped;
}
