/* world.h - what every command on cases is given besides its own input: the law, the node's name, its
 * secrets. */
#pragma once
#include "commit/commit.h"
#include "model/marking.h"
#include "regime/book.h"

struct identity;
struct receipts;
struct json;

struct world {
	const struct regime *regime; /* of today: queues, the directory, new cases */
	str regime_id;               /* "PK-CERT-RULES-2023/0.1", as entries carry it */
	struct regime_book book;     /* what older cases were opened under */
	str team;      /* the node's own team: who receives what comes in */
	str prefix;    /* of numbers: "PK-NCERT", "DEMO" */
	str secret;    /* 32 bytes: claim codes, idempotency */
	str mail_domain;
	const struct duty_desk *desks; /* where a team is told what nobody else can be told */
	ptrdiff_t desk_count;
	struct receipts *receipts; /* mail/receipts.h; NULL: as many as are asked for */
};

struct duty_desk {
	str team, address;
};

/* The rules that a case was opened under: its clocks, questions and severity are theirs for good. */
const struct regime *world_regime(const struct world *w, str of_case);

/* The duty address of a team; empty: it has none. */
str world_desk(const struct world *w, str team);

/* A number nobody has yet.  Random: a sequence would tell one sector the volume of another. */
struct number_source {
	struct db *db;
	struct arena *arena;
	struct rng *rng;
	struct instant now;
};
MUST_CHECK bool world_free_number(const struct world *w, const struct number_source *from, str *out_number,
				  struct err *err);
MUST_CHECK bool world_new_number(const struct world *w, struct decision *d, str *out_number, struct err *err);
/* For reply addresses: the second it was made in, so that an index grows at its end, and 80 random bits. */
str world_new_token(struct decision *d);

/* The claim code of a report: an HMAC of its id, so that the same request answered twice gives the same
 * code though only its hash is stored. */
str world_claim_code(const struct world *w, struct arena *a, struct uuid report);
struct hash256 world_claim_hash(str code);

/* Words of a thing, or NULL. */
MUST_CHECK bool world_content(struct decision *d, struct uuid id, struct json **out_body, struct err *err);

struct draft draft_of(const char *kind, struct uuid subject, str team, enum tlp tlp, struct json *payload);

/* Words that explain an act (why it was rejected, closed, waived): an internal comment; the act's payload
 * names it. */
struct uuid world_explain(struct decision *d, str team, enum tlp tlp, struct uuid incident,
			  struct uuid report, str text);
