/* read.h - the directory as records for the gate: who owns an address, lists and single organisations.
 *
 * Not bound to a team: whoever may read the directory sees all of it (release/ asks for MAY_READ_DIRECTORY).
 */
#pragma once
#include "directory/commands.h"
#include "model/observable.h"
#include "release/release.h"

/* {query, type, found, organisation, team, matches, contacts, why}: the most specific owner first, with
 * reasons. */
MUST_CHECK bool directory_lookup(struct directory *d, const struct observable *o, struct record *out,
				 struct err *err);

struct directory_filter {
	str q, sector, class, cursor;
	int64_t limit;
}; /* q: how a word of the name begins */
struct directory_page {
	struct record **records;
	ptrdiff_t count;
	str next;      /* empty: no more */
	int64_t total; /* exact to 1,000 */
	bool exact;
};
MUST_CHECK bool directory_list(struct directory *d, const struct directory_filter *f,
			       struct directory_page *out, struct err *err);
/* One organisation with its contacts, networks and domains as lists. */
MUST_CHECK bool directory_read(struct directory *d, struct uuid id, struct record *out, struct err *err);
