/* release.h - the one exit (P3).  Who may see what, and why not.
 *
 *   query row -> struct record -> release_check(record, audience) -> struct released -> encoder (HTTP,
 *   mail, CSV, page)
 *
 * Every encoder that writes a record to an exit takes a `const struct released *`, and only release.c can
 * make one, so that a side door does not compile.  Every list is read under a `struct scope`, so that rows,
 * counts, order and
 * timing never depend on what the audience may not see; and each row is checked again on its way out.
 *
 * I1. A record without a marking leaves to nobody.
 * I2. Team tenancy comes first: a person sees only records that their team was let into.  Hidden and
 *     missing answer alike (ERR_MISSING).
 * I3. The private part (who reported, comments) goes to the coordinator's team only.
 * I4. TLP 2.0 (FIRST): RED to the coordinator's own people only; AMBER and AMBER+STRICT to parties of the
 *     case; GREEN to the community (the directory, the teams); CLEAR to anybody.
 * I5. By mail, RED and AMBER+STRICT leave as a notice that a message waits, never with their words.
 * I7. Signed in for an organisation, a party sees what is that organisation's own, and nothing of anybody
 *     else's: messages sent to it, requests asked of it, duties it owes, submissions and reports it made.
 *     To it RED and AMBER+STRICT are readable; hidden and missing answer alike.
 * I8. A statistic shows no record, no count below STATISTIC_LEAST, and none that the others give away
 *     (release/statistic.h).
 * I6. What is refused says why to somebody who may know that it exists, and nothing to anybody else.
 * I9. A reminder goes to the coordinator's own people and duty desk, and to nobody else, whatever its
 *     marking.
 */
#pragma once
#include "access/identity.h"
#include "base/err.h"
#include "base/uuid.h"
#include "model/marking.h"

struct json;
struct scope;
struct scope_organisation;
struct released;

enum record_kind {
	RECORD_REPORT,
	RECORD_INCIDENT,
	RECORD_PARTY,
	RECORD_CLOCK,
	RECORD_MESSAGE,
	RECORD_REQUEST,
	RECORD_COMMENT,
	RECORD_EVENT,
	RECORD_SUBMISSION,
	RECORD_ATTACHMENT,
	RECORD_REMINDER, /* to a team's own people: what is due, what nobody takes (I9) */
	RECORD_ORGANISATION,
	RECORD_CONTACT,
	RECORD_ACCOUNT,
	RECORD_ENTRY,
};

struct record {
	enum record_kind kind;
	struct uuid id, subject; /* subject: the report or incident it belongs to */
	enum tlp tlp;            /* TLP_UNMARKED: unmarked, I1 */
	str coordinator;         /* team */
	const str *teams;        /* let in, coordinator included */
	ptrdiff_t team_count;
	struct uuid organisation;  /* whose own it is (a constituent's view of it); nil: nobody's */
	bool annex;                /* the whole record is private to the coordinator's team */
	struct json *fields;       /* what everybody who may see it sees */
	struct json *annex_fields; /* merged in for the coordinator's team only; NULL: none */
};

enum audience_kind {
	AUDIENCE_PERSON,   /* on a screen, through the API, in an export, in a search */
	AUDIENCE_PARTY,    /* somebody in the case, by mail; or signed in for an organisation, I7 */
	AUDIENCE_REPORTER, /* whoever holds the claim code of this report */
	AUDIENCE_DESK,     /* the duty address of a team, by mail */
	AUDIENCE_PUBLIC,
	AUDIENCE_STATISTIC, /* who sees numbers and never a record, I8 */
};

struct audience {
	enum audience_kind kind;
	const struct identity *person; /* AUDIENCE_PERSON; AUDIENCE_PARTY when signed in, else NULL */
	bool in_case;                  /* AUDIENCE_PARTY: is it a party of this case? */
	bool in_community;             /* AUDIENCE_PARTY: of the directory, or a team */
	str name;                      /* AUDIENCE_PARTY: for the refusal's text; AUDIENCE_DESK: the team */
	struct uuid report;            /* AUDIENCE_REPORTER */
};

/* ERR_MISSING where I2 hides it, ERR_DENIED with the reason otherwise.  The result borrows from *r and
 * lives in a. */
MUST_CHECK bool release_check(struct arena *a, const struct record *r, const struct audience *to,
			      const struct released **out, struct err *err);

/* A page of records: those that do not pass are left out and counted in *out_withheld, which is an alarm:
 * the query should never have found them.  `page` gets an "items" member added. */
MUST_CHECK bool release_list(struct arena *a, const struct record *const *records, ptrdiff_t count,
			     struct json *page, const struct audience *to, const struct released **out,
			     ptrdiff_t *out_withheld, struct err *err);

/* One page made of a record that passes and of parts that are checked each: `parts` fall away silently if
 * private. */
struct release_part {
	const char *name;
	const struct record *const *records;
	ptrdiff_t count;
};
MUST_CHECK bool release_whole(struct arena *a, const struct record *r, const struct release_part *parts,
			      ptrdiff_t part_count, const struct audience *to, const struct released **out,
			      struct err *err);

/* What a person's reads are bound to.  ERR_DENIED for somebody without case work. */
MUST_CHECK bool release_scope(struct arena *a, const struct identity *who, const struct scope **out,
			      struct err *err);
str scope_team(const struct scope *s);

/* The same for a constituent: the organisation.  ERR_DENIED for everybody else. */
MUST_CHECK bool release_scope_organisation(struct arena *a, const struct identity *who,
					   const struct scope_organisation **out, struct err *err);
struct uuid scope_organisation_id(const struct scope_organisation *s);

/* For encoders only. */
const struct json *released_fields(const struct released *r);
str released_json(struct arena *a, const struct released *r);
bool released_as_notice(const struct released *r); /* I5 */
enum tlp released_tlp(const struct released *r);
