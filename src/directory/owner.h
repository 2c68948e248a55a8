/* owner.h - who answers for an address, a network, a name or an AS: the most specific entry of the directory.
 *
 * An address is looked for at every prefix length that occurs, from the longest; a name at every label from
 * the left; so the first hit is the most specific one.  URLs and mail addresses are looked for by their host.
 */
#pragma once
#include "db/db.h"
#include "model/observable.h"

struct regime;

struct owner_found {
	struct uuid organisation; /* nil: nobody in the directory */
	str name, class, sector, team;
	str what;  /* "network", "domain", "asn" */
	str value; /* "203.0.113.0/24" */
	str why;   /* a sentence for people */
};

MUST_CHECK bool owner_find(struct db *db, struct arena *a, const struct regime *r, const struct observable *o,
			   struct owner_found *out, struct err *err);
/* Of the first observable that has an owner; organisation nil if none has. */
MUST_CHECK bool owner_find_first(struct db *db, struct arena *a, const struct regime *r,
				 const struct observables *o, struct owner_found *out, struct err *err);
