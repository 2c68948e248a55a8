/* search.h - what an entry adds to the search index: numbers, observables, senders, the words of titles.
 *
 * Outside the digest: it may be rebuilt, or left out of a rebuild.  Rows carry the team, so that reading
 * under a scope never meets what the team was not let in to.
 */
#pragma once
#include "db/db.h"
#include "journal/entry.h"

struct json;

bool search_reads(const struct entry *e); /* the entries whose payload search_entry looks at */
MUST_CHECK bool search_entry(struct db *db, struct arena *tmp, const struct entry *e,
			     const struct json *payload, struct err *err);
/* Takes back what a content entry of this subject added, before it is purged. */
MUST_CHECK bool search_forget_words(struct db *db, struct arena *tmp, struct uuid subject,
				    const struct json *payload, struct err *err);
/* The words of a title, as they are indexed and looked for: lower case, three letters or more, at most
 * `max`. */
ptrdiff_t search_words(struct arena *a, str text, str *out_words, ptrdiff_t max);
