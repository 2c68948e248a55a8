#include "release/release.h"

#include "format/json.h"
#include "release/release_priv.h"

struct released {
	struct json *fields;
	enum tlp tlp;
	bool notice;
};

struct scope {
	str team;
};

struct scope_organisation {
	struct uuid organisation;
};

static bool hidden(struct err *err)
{
	return err_set(err, ERR_MISSING, "there is no such record");
}

static bool let_in(const struct record *r, str team)
{
	for (ptrdiff_t i = 0; i < r->team_count; i++)
		if (team.len && str_eq(r->teams[i], team))
			return true;
	return false;
}

static bool directory_kind(enum record_kind kind)
{
	return kind == RECORD_ORGANISATION || kind == RECORD_CONTACT;
}

/* Kinds that are nobody's case: the permission alone decides. */
static bool check_person_by_role(const struct record *r, const struct identity *who, struct err *err)
{
	if (directory_kind(r->kind))
		return identity_may(who, MAY_READ_DIRECTORY) || hidden(err);
	if (r->kind == RECORD_ACCOUNT)
		return identity_may(who, MAY_READ_ACCOUNTS) || uuid_eq(r->id, who->account) ||
		       (identity_may(who, MAY_KEEP_CONSTITUENTS) && !uuid_is_nil(r->organisation) &&
			str_eq(who->team, r->coordinator)) ||
		       hidden(err);
	ASSERT(r->kind == RECORD_ENTRY);
	return identity_may(who, MAY_AUDIT) || hidden(err);
}

static bool check_person(const struct record *r, const struct identity *who, struct err *err)
{
	if (directory_kind(r->kind) || r->kind == RECORD_ACCOUNT || r->kind == RECORD_ENTRY)
		return check_person_by_role(r, who, err);
	bool own = str_eq(who->team, r->coordinator);
	bool private = r->annex || r->kind == RECORD_REMINDER; /* I3, I9 */
	if (!identity_may(who, MAY_READ_CASES) || !let_in(r, who->team) || (private && !own))
		return hidden(err); /* I2 */
	if (r->tlp == TLP_RED && !own)
		return err_set(err, ERR_DENIED,
			       "TLP:RED: for the people of the coordinating team only; ask it to lower the "
			       "marking or to tell you in person");
	return true;
}

static bool owned_kind(enum record_kind kind)
{
	switch (kind) {
	case RECORD_REPORT:
	case RECORD_CLOCK:
	case RECORD_MESSAGE:
	case RECORD_REQUEST:
	case RECORD_SUBMISSION:
		return true;
	case RECORD_INCIDENT:
	case RECORD_PARTY:
	case RECORD_COMMENT:
	case RECORD_EVENT:
	case RECORD_REMINDER:
	case RECORD_ATTACHMENT:
	case RECORD_ORGANISATION:
	case RECORD_CONTACT:
	case RECORD_ACCOUNT:
	case RECORD_ENTRY:
		break;
	}
	return false;
}

/* I7. */
static bool check_own(const struct record *r, const struct identity *who, struct err *err)
{
	return (identity_may(who, MAY_READ_OWN) && owned_kind(r->kind) && !r->annex &&
		!uuid_is_nil(r->organisation) && uuid_eq(r->organisation, who->organisation)) ||
	       hidden(err);
}

static bool check_party(const struct record *r, const struct audience *to, bool *out_notice, struct err *err)
{
	if (r->kind != RECORD_MESSAGE)
		return err_set(err, ERR_DENIED, "only messages are sent to parties");
	switch (r->tlp) {
	case TLP_CLEAR:
		return true;
	case TLP_GREEN:
		return to->in_case || to->in_community ||
		       err_set(err, ERR_DENIED,
			       STR_FMT " is neither in this case nor in "
				       "the directory: TLP:GREEN stays in the community",
			       STR_ARG(to->name));
	case TLP_AMBER:
	case TLP_AMBER_STRICT:
	case TLP_RED:
		*out_notice = r->tlp != TLP_AMBER; /* I5 */
		return to->in_case ||
		       err_set(err, ERR_DENIED,
			       STR_FMT
			       " has no part in this case, and " STR_FMT " is for "
			       "those who need to know: remove it, or first add it as a party with its role",
			       STR_ARG(to->name), STR_ARG(tlp_format(r->tlp)));
	case TLP_UNMARKED:
	case TLP_COUNT:
		break;
	}
	return err_set(err, ERR_DENIED, "it has no marking");
}

static bool check(const struct record *r, const struct audience *to, bool *out_notice, struct err *err)
{
	bool signed_in = to->kind == AUDIENCE_PARTY && to->person != NULL;
	*out_notice = false;
	if (to->kind == AUDIENCE_STATISTIC || (signed_in && !check_own(r, to->person, err)))
		return hidden(err); /* I8, I7 */
	if (r->tlp == TLP_UNMARKED && !directory_kind(r->kind) && r->kind != RECORD_ACCOUNT &&
	    r->kind != RECORD_ENTRY)
		return err_set(err, ERR_DENIED, "it has no marking, and nothing unmarked leaves"); /* I1 */
	if (r->annex && to->kind == AUDIENCE_PARTY)
		return err_set(err, ERR_DENIED, "it is internal to the coordinating team"); /* I3 */
	if (r->annex && to->kind == AUDIENCE_REPORTER)
		return hidden(err);
	switch (to->kind) {
	case AUDIENCE_PERSON:
		return to->person ? check_person(r, to->person, err) : hidden(err);
	case AUDIENCE_PARTY:
		return signed_in || check_party(r, to, out_notice, err);
	case AUDIENCE_REPORTER:
		return ((r->kind == RECORD_REPORT && uuid_eq(r->id, to->report)) ||
			(r->kind == RECORD_MESSAGE && uuid_eq(r->subject, to->report))) ||
		       hidden(err);
	case AUDIENCE_DESK:
		return (r->kind == RECORD_REMINDER && str_eq(to->name, r->coordinator) &&
			let_in(r, to->name)) ||
		       hidden(err);
	case AUDIENCE_PUBLIC:
		return (r->tlp == TLP_CLEAR && !r->annex &&
			(r->kind == RECORD_MESSAGE || r->kind == RECORD_INCIDENT)) ||
		       hidden(err);
	case AUDIENCE_STATISTIC:
		break;
	}
	return hidden(err);
}

static bool sees_annex(const struct record *r, const struct audience *to)
{
	return to->kind == AUDIENCE_PERSON && to->person &&
	       (str_eq(to->person->team, r->coordinator) || directory_kind(r->kind) ||
		r->kind == RECORD_ACCOUNT || r->kind == RECORD_ENTRY);
}

/* The fields that this audience gets, in an object of its own; of what leaves as a notice, none (I5).  What
 * they hold is shared with the record, which nobody changes once it was made. */
static struct json *view(struct arena *a, const struct record *r, const struct audience *to, bool notice)
{
	struct json *j = notice ? json_object(a) : json_share(a, r->fields);
	struct json_member m = { 0 };
	if (r->annex_fields && sees_annex(r, to))
		while (json_next(r->annex_fields, &m))
			json_set(j, m.key, (struct json *)(uintptr_t)m.value);
	return j;
}

bool release_check(struct arena *a, const struct record *r, const struct audience *to,
		   const struct released **out, struct err *err)
{
	bool notice = false;
	if (!check(r, to, &notice, err))
		return false;
	struct released *x = NEW(a, struct released, 1);
	*x = (struct released){ view(a, r, to, notice), r->tlp, notice };
	*out = x;
	return true;
}

bool release_list(struct arena *a, const struct record *const *records, ptrdiff_t count, struct json *page,
		  const struct audience *to, const struct released **out, ptrdiff_t *out_withheld,
		  struct err *err)
{
	struct json *items = json_array(a);
	struct err why;
	bool notice;
	(void)err;
	*out_withheld = 0;
	for (ptrdiff_t i = 0; i < count; i++) {
		if (check(records[i], to, &notice, &why) && !notice)
			json_append(items, view(a, records[i], to, false));
		else
			(*out_withheld)++;
	}
	json_set(page, "items", items);
	struct released *x = NEW(a, struct released, 1);
	*x = (struct released){ page, TLP_UNMARKED, false };
	*out = x;
	return true;
}

bool release_whole(struct arena *a, const struct record *r, const struct release_part *parts,
		   ptrdiff_t part_count, const struct audience *to, const struct released **out,
		   struct err *err)
{
	bool notice = false;
	struct err why;
	if (!check(r, to, &notice, err))
		return false;
	struct json *whole = view(a, r, to, notice);
	for (ptrdiff_t p = 0; p < part_count; p++) {
		struct json *items = json_array(a);
		for (ptrdiff_t i = 0; i < parts[p].count; i++) {
			bool part_notice;
			if (check(parts[p].records[i], to, &part_notice, &why) && !part_notice && !notice)
				json_append(items, view(a, parts[p].records[i], to, false));
		}
		json_set(whole, parts[p].name, items);
	}
	struct released *x = NEW(a, struct released, 1);
	*x = (struct released){ whole, r->tlp, notice };
	*out = x;
	return true;
}

bool release_scope(struct arena *a, const struct identity *who, const struct scope **out, struct err *err)
{
	if (!identity_must(who, MAY_READ_CASES, err))
		return false;
	if (who->team.len == 0)
		return err_set(err, ERR_DENIED, "your account is of no team: ask an administrator");
	struct scope *s = NEW(a, struct scope, 1);
	s->team = arena_dup(a, who->team);
	*out = s;
	return true;
}

str scope_team(const struct scope *s)
{
	return s->team;
}

bool release_scope_organisation(struct arena *a, const struct identity *who,
				const struct scope_organisation **out, struct err *err)
{
	if (!identity_must(who, MAY_READ_OWN, err))
		return false;
	struct scope_organisation *s = NEW(a, struct scope_organisation, 1);
	s->organisation = who->organisation;
	*out = s;
	return true;
}

struct uuid scope_organisation_id(const struct scope_organisation *s)
{
	return s->organisation;
}

const struct released *released_new(struct arena *a, struct json *fields)
{
	struct released *x = NEW(a, struct released, 1);
	*x = (struct released){ fields, TLP_UNMARKED, false };
	return x;
}

const struct json *released_fields(const struct released *r)
{
	return r->fields;
}

str released_json(struct arena *a, const struct released *r)
{
	return json_compact(a, r->fields);
}

bool released_as_notice(const struct released *r)
{
	return r->notice;
}

enum tlp released_tlp(const struct released *r)
{
	return r->tlp;
}
