#include "cases/report.h"

#include "access/identity.h"
#include "cases/load.h"
#include "duties/duties.h"
#include "format/json.h"
#include "model/text_safety.h"
#include "model/workflow.h"

enum { ANSWER_MAX = 64 << 10, REASON_MAX = 2000 };

typedef bool act_fn(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		    struct err *err);

static void add(struct decision *d, const struct report_command *c, const struct sql_case_report_find_row *r,
		const char *kind, struct json *payload)
{
	decision_add(d, draft_of(kind, c->report, r->team, (enum tlp)r->tlp, payload));
}

/* A person has it in hand: the first time, that is the acknowledgement. */
static bool acknowledge(struct decision *d, const struct report_command *c,
			const struct sql_case_report_find_row *r, struct err *err)
{
	if (r->acknowledged.us)
		return true;
	add(d, c, r, "report.acknowledged", NULL);
	return duties_meet(d, c->report, S("acknowledge"), false, err);
}

static bool own(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		struct uuid to)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "to", to);
	json_set_uuid(p, "was", r->owner);
	add(d, c, r, "report.owner_changed", p);
	return true;
}

static bool take(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		 struct err *err)
{
	if (uuid_eq(r->owner, c->who->account))
		return true;
	if (!uuid_is_nil(r->owner) && !identity_may(c->who, MAY_LEAD))
		return err_set(err, ERR_CONFLICT,
			       "somebody else has taken it: ask them to give it, or ask the shift lead");
	return own(d, c, r, c->who->account) && acknowledge(d, c, r, err);
}

static bool release(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		    struct err *err)
{
	if (uuid_is_nil(r->owner))
		return true;
	if (!uuid_eq(r->owner, c->who->account) && !identity_may(c->who, MAY_LEAD))
		return err_set(err, ERR_DENIED,
			       "it is not yours to release: its owner or the shift lead can");
	return own(d, c, r, (struct uuid){ { 0 } });
}

static bool give(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		 struct err *err)
{
	return load_colleague(d, c->who, c->to, err) && own(d, c, r, c->to) && acknowledge(d, c, r, err);
}

static bool change_state(struct decision *d, struct report_command *c,
			 const struct sql_case_report_find_row *r, const char *event, str reason,
			 struct err *err)
{
	str to;
	if (!workflow_next(&workflow_report, r->state, str_from(event), &to, err))
		return false;
	struct json *p = json_object(d->arena);
	json_set_str(p, "state", to);
	json_set_str(p, "was", r->state);
	if (reason.len)
		json_set_uuid(p, "reason",
			      world_explain(d, r->team, (enum tlp)r->tlp, (struct uuid){ { 0 } }, c->report,
					    reason));
	add(d, c, r, "report.state_changed", p);
	return true;
}

/* Words for the reporter: by mail when there is an address we may write to, and always behind the claim
 * code. */
static bool tell(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		 str text, struct err *err)
{
	struct json *body, *p = json_object(d->arena), *words = json_object(d->arena);
	if (!world_content(d, c->report, &body, err))
		return false;
	str contact = json_get_str(body, "reporter_contact");
	bool mail = contact.len && str_find_char(contact, '@') > 0;
	c->message = decision_new_id(d);
	json_set_uuid(p, "report", c->report);
	json_set_uuid(p, "incident", r->incident);
	json_set_str(p, "team", r->team);
	json_set_int(p, "tlp", r->tlp);
	json_set_bool(p, "automatic", false);
	json_set_str(p, "delivery", mail ? S("queued") : S("held"));
	json_set_str(words, "subject", arena_printf(d->arena, "Your report " STR_FMT, STR_ARG(r->number)));
	json_set_str(words, "text", text);
	json_set_str(words, "to", mail ? contact : S(""));
	json_set_str(words, "to_name", json_get_str(body, "reporter_name"));
	json_set_str(words, "reply", r->reply);
	struct draft m = draft_of("message.queued", c->message, r->team, (enum tlp)r->tlp, p);
	m.content = words;
	decision_add(d, m);
	add(d, c, r, "report.answered", NULL);
	return acknowledge(d, c, r, err) && duties_meet(d, c->report, S("acknowledge"), true, err);
}

static bool reject(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		   struct err *err)
{
	str reason = text_safety_block(d->arena, c->text, REASON_MAX);
	if (str_trim(reason).len == 0)
		return err_set(err, ERR_INPUT, "reason: say why, in words the reporter could be shown");
	if (!change_state(d, c, r, "reject", reason, err))
		return false;
	return c->tell ? tell(d, c, r, reason, err) : acknowledge(d, c, r, err);
}

static bool restore(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		    struct err *err)
{
	return change_state(d, c, r, "restore", (str){ 0 }, err);
}

static bool answer(struct decision *d, struct report_command *c, const struct sql_case_report_find_row *r,
		   struct err *err)
{
	str text = text_safety_block(d->arena, c->text, ANSWER_MAX);
	if (str_trim(text).len == 0)
		return err_set(err, ERR_INPUT, "text: write the answer");
	return tell(d, c, r, text, err);
}

bool report_decide(struct decision *d, void *arg, struct err *err)
{
	static act_fn *const acts[] = {
		[REPORT_TAKE] = take,     [REPORT_RELEASE] = release, [REPORT_GIVE] = give,
		[REPORT_REJECT] = reject, [REPORT_RESTORE] = restore, [REPORT_ANSWER] = answer,
	};
	struct report_command *c = arg;
	struct sql_case_report_find_row r;
	return load_report(d, c->who, c->report, true, &r, err) && acts[c->act](d, c, &r, err);
}
