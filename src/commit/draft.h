/* draft.h - the drafts of one decision; shared by decide's side (decision.c) and the writer. */
#pragma once
#include "commit/commit.h"

struct draft_list {
	struct draft *at;
	ptrdiff_t count, cap;
};

/* Seals, appends and applies all drafts of *d; *out_first is the first entry.  ERR_INPUT for a payload that
 * has no canonical form. */
struct append {
	struct journal *journal;
	struct arena *tmp;
	struct rng *rng;
	struct instant now;
};
MUST_CHECK bool draft_append_all(struct append *a, const struct draft_list *drafts, const struct command *c,
				 struct entry *out_first, struct err *err);
