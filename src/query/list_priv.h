/* list_priv.h - how a queue page is asked for: query/list.c, and the test that reads the engine's plans. */
#pragma once
#include "base/buf.h"
#include "query/view.h"

/* In these words the indexes queue_sector and queue_class have them: state/state_schema.sql. */
#define QUEUE_RUNS "(CASE WHEN due IS NULL THEN 0 ELSE 1 END)"
/* What is sorted by: the due time, and behind all of them those without one, the newest first. */
#define QUEUE_DUE   "(CASE WHEN due IS NULL THEN 9000000000000000000 - received ELSE due END)"
#define QUEUE_OWNED "(CASE WHEN owner IS NULL THEN 0 ELSE 1 END)"

enum queue_way { QUEUE_WALK, QUEUE_GATHER };

struct queue_text {
	struct buf text;
	struct db_value params[16];
	int count;
	bool pg;
};

struct queue_cursor {
	int64_t key;
	struct uuid id;
	bool is;
};

void queue_count_text(struct queue_text *b, struct view *v, const struct queue_filter *f);
void queue_page_text(struct queue_text *b, struct view *v, const struct queue_filter *f, enum queue_way way,
		     const struct queue_cursor *after);
