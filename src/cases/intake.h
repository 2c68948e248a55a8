/* intake.h - where every report ends, whichever door it came through.
 *
 *   door -> struct intake -> intake_prepare (pure) -> intake_look (reads) -> intake_decide (in the writer)
 *        -> report.received + report.content -> receipt
 *
 * I1. The reporter's words are kept as they came; what they are shown as is made at the exit.
 * I2. An anonymous report has no name, no address and no contact in the journal, whatever the door knew.
 * I3. The claim code is an HMAC of the report's id under the node's secret: only its hash is stored, and
 *     the same request answered twice gives the same code.
 * I4. A report never sets the anchor "aware" of anybody.
 * I5. Nothing that was reported is resolved, fetched or opened.
 */
#pragma once
#include "cases/world.h"
#include "directory/owner.h"
#include "model/observable.h"

enum {
	INTAKE_TEXT_MAX = 256 << 10,
	INTAKE_TITLE_MAX = 300,
	INTAKE_NAME_MAX = 200,
	INTAKE_OBSERVABLES_MAX = 200
};

struct intake_file {
	str name, type;
	int64_t size;
	struct hash256 hash;
	str bytes; /* ptr NULL: a part of `raw`, which keeps it */
};

struct intake {
	const struct world *world;
	str channel;     /* web, phone, api, mail, portal */
	str title, text; /* as they came; text must not be empty */
	str reporter_name, reporter_contact;
	bool anonymous;
	struct uuid organisation; /* that the reporter signed in for; nil: none.  Never shown to third
		parties */
	bool verified;   /* the contact is proven, as that of a signed-in or known sender */
	bool unreadable; /* encrypted: kept, receipted, shown as such */
	enum tlp tlp;    /* stated by the sender; TLP_UNMARKED: look for a label, else the regime's default */
	str raw;         /* original bytes, kept exactly; empty: none */
	struct uuid holder; /* who took it at once (telephone); nil: nobody */
	const struct intake_file *files;
	ptrdiff_t file_count;

	/* Made by intake_prepare. */
	struct observables observables;
	bool presumed;
	str class;
	str words; /* of report.content, in canonical form */

	/* Made by intake_look. */
	bool looked;
	struct owner_found owner;

	/* Made by intake_decide in the arena of intake_prepare; the number by intake_look, if called. */
	struct arena *arena;
	struct uuid id;
	bool decided;
	str number;
	str reply; /* token of the reporter's own address for answers */
};

MUST_CHECK bool intake_prepare(struct intake *in, struct arena *a, struct err *err);
/* Asks the store on the door's own thread for what it knows beforehand, the owner of what was reported and a
 * free number, so that the one writer need not.  May be left out: then intake_decide asks. */
MUST_CHECK bool intake_look(struct intake *in, struct db *db, struct rng *rng, struct instant now,
			    struct err *err);
bool intake_decide(struct decision *d, void *arg, struct err *err); /* arg: struct intake */
/* The number that a repeated request got the first time: for its receipt, whoever holds the key. */
MUST_CHECK bool intake_recall(struct db *db, struct arena *a, struct uuid report, str *out_number,
			      struct err *err);
