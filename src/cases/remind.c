#include "cases/remind.h"

#include "cases/staff_mail.h"
#include "duties/reminder.h"
#include "format/json.h"
#include "regime/plan.h"
#include "remind_sql.h"

/* ASSUMED where the regime has no escalation of what is unacknowledged: half an hour, then the shift lead. */
enum { UNTAKEN_MINUTES = 30, ALERT_SHOWN = 200, COUNT_MAX = 1000 };

typedef struct sql_remind_clocks_row clock_row;
typedef struct sql_remind_requests_row request_row;

static const char advice[] =
	"Open the case in the console: meet what is due, or record why it is not. This mail was sent by the "
	"node; what it names stays within your team.";

static void regime_minutes(const struct regime *r, const clock_row *row, struct reminder_of *out)
{
	for (ptrdiff_t i = 0; i < r->duties_count; i++) {
		const struct regime_duty *d = &r->duties[i];
		for (ptrdiff_t k = 0; str_eq(d->id, row->duty) && k < d->steps_count; k++) {
			if (!str_eq(d->steps[k].id, row->step))
				continue;
			out->minutes = d->steps[k].reminders;
			out->minutes_count = d->steps[k].reminders_count;
		}
	}
}

/* "late since ..., 42 min ago", or for an assumed time "target (assumed) was ...". */
static str clock_when(struct decision *d, const struct world *w, const clock_row *k)
{
	bool passed = !instant_before(d->now, k->due);
	str at = staff_time(d->arena, w, k->due);
	int64_t away = passed ? d->now.us - k->due.us : k->due.us - d->now.us;
	str span = staff_span(d->arena, away);
	if (k->target)
		return arena_printf(d->arena,
				    passed ? "target (assumed) was " STR_FMT ", " STR_FMT " ago"
					   : "target (assumed) " STR_FMT ", in " STR_FMT,
				    STR_ARG(at), STR_ARG(span));
	return arena_printf(d->arena,
			    passed ? "late since " STR_FMT ", " STR_FMT " ago"
				   : "due " STR_FMT ", in " STR_FMT,
			    STR_ARG(at), STR_ARG(span));
}

static void settle_late(struct decision *d, const clock_row *k, struct instant next)
{
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "case", k->subject);
	json_set_str(p, "state", S("late"));
	json_set(p, "met", NULL);
	json_set_instant(p, "next_turn", next);
	decision_add(d, draft_of("clock.settled", k->id, k->team, TLP_UNMARKED, p));
}

static void note(struct decision *d, const char *kind, struct uuid id, str team, struct json *p)
{
	struct draft x = draft_of(kind, id, team, TLP_UNMARKED, p);
	x.audience = SCOPE_ANNEX; /* who of the team was reminded is the team's business */
	decision_add(d, x);
}

static struct json *told_payload(struct decision *d, unsigned told, int64_t reminded, struct instant next)
{
	struct json *p = json_object(d->arena);
	json_set(p, "to", staff_told_json(d->arena, told));
	json_set_int(p, "reminded", reminded + (told != 0));
	json_set_instant(p, "next_turn", next);
	return p;
}

/* At its due time what nobody owns is told a moment later, with others (I2 of reminder.h); and before it, the
 * alert for reports that nobody has taken says all there is to do. */
static bool is_silent(const clock_row *k, struct uuid owner, const struct reminder_step *step)
{
	bool before = instant_before(step->at, k->due);
	return uuid_is_nil(owner) && (step->at_due || (before && k->report_number.len));
}

static bool clock_turn(struct decision *d, struct remind *c, struct staff_mail *mail, const clock_row *k,
		       struct err *err)
{
	struct reminder_of of = { .start = k->anchor_at, .due = k->due };
	struct reminder_step step;
	bool report = k->report_number.len > 0;
	struct uuid owner = report ? k->report_owner : k->incident_owner;
	unsigned told = 0;
	regime_minutes(world_regime(c->world, k->regime), k, &of);
	bool becomes_late = str_eq(k->state, S("running")) && k->due.us && !instant_before(d->now, k->due);
	bool say = reminder_due(&of, k->next_turn, d->now, &step) && !is_silent(k, owner, &step);
	struct instant next = reminder_next(&of, d->now, !uuid_is_nil(owner));
	struct staff_line line = { .team = k->team,
				   .owner = owner,
				   .leads = say && step.leads,
				   .subject = k->subject,
				   .number = report ? k->report_number : k->incident_number,
				   .title = k->title,
				   .when = clock_when(d, c->world, k),
				   .source = k->source };
	if (say && !staff_mail_add(mail, &line, &told, err))
		return false;
	if (becomes_late) {
		settle_late(d, k, next);
		c->late++;
	}
	if (told) {
		struct json *p = told_payload(d, told, k->reminded, next);
		json_set_uuid(p, "case", k->subject);
		note(d, "clock.reminded", k->id, k->team, p);
	} else if (!becomes_late) {
		struct json *p = json_object(d->arena);
		json_set_instant(p, "next_turn", next);
		note(d, "clock.turned", k->id, k->team, p);
	}
	c->reminded += told != 0;
	c->untold += say && told == 0;
	return true;
}

bool remind_clocks_decide(struct decision *d, void *arg, struct err *err)
{
	struct remind *c = arg;
	clock_row *rows;
	*c = (struct remind){ .world = c->world };
	if (!sql_remind_clocks(d->db, d->arena,
			       &(struct sql_remind_clocks){ .now = d->now.us, .count = REMIND_PAGE }, &rows,
			       &c->seen, err))
		return false;
	struct staff_mail *mail = staff_mail_begin(d, c->world);
	for (ptrdiff_t i = 0; i < c->seen; i++)
		if (!clock_turn(d, c, mail, &rows[i], err))
			return false;
	staff_mail_end(mail, "A due time needs you", "due times need you", advice);
	return true;
}

static bool request_turn(struct decision *d, struct remind *c, struct staff_mail *mail, const request_row *q,
			 struct err *err)
{
	struct reminder_of of = { .start = q->asked, .due = q->due, .request = true };
	struct reminder_step step;
	unsigned told = 0;
	bool say = reminder_due(&of, q->next_turn, d->now, &step) &&
		   !(step.at_due && uuid_is_nil(q->owner));
	str ago = staff_span(d->arena, d->now.us - q->due.us);
	struct staff_line line = { .team = q->team,
				   .owner = q->owner,
				   .leads = say && step.leads,
				   .subject = q->incident,
				   .number = q->number,
				   .title = S("A request to a party is not answered"),
				   .when = arena_printf(d->arena, "an answer was asked for by " STR_FMT
								  ", " STR_FMT " ago",
							STR_ARG(staff_time(d->arena, c->world, q->due)),
							STR_ARG(ago)),
				   .source = S("asked by your team") };
	if (say && !staff_mail_add(mail, &line, &told, err))
		return false;
	struct instant next = reminder_next(&of, d->now, !uuid_is_nil(q->owner));
	struct json *p = told_payload(d, told, q->reminded, next);
	json_set_uuid(p, "incident", q->incident);
	note(d, "request.reminded", q->id, q->team, p);
	c->reminded += told != 0;
	c->untold += say && told == 0;
	return true;
}

bool remind_requests_decide(struct decision *d, void *arg, struct err *err)
{
	struct remind *c = arg;
	request_row *rows;
	*c = (struct remind){ .world = c->world };
	if (!sql_remind_requests(d->db, d->arena,
				 &(struct sql_remind_requests){ .now = d->now.us, .count = REMIND_PAGE },
				 &rows, &c->seen, err))
		return false;
	struct staff_mail *mail = staff_mail_begin(d, c->world);
	for (ptrdiff_t i = 0; i < c->seen; i++)
		if (!request_turn(d, c, mail, &rows[i], err))
			return false;
	staff_mail_end(mail, "A request is overdue", "requests are overdue", advice);
	return true;
}

int64_t alert_minutes(const struct regime *r, int step)
{
	int64_t least = 0;
	for (ptrdiff_t i = 0; i < r->escalation_count; i++) {
		int64_t m = r->escalation[i].unacknowledged_minutes;
		if (m > 0 && (least == 0 || m < least))
			least = m;
	}
	return (least ? least : UNTAKEN_MINUTES) * step;
}

struct waiting {
	struct sql_remind_new_row *fresh;
	struct sql_remind_untaken_row *lost;
	ptrdiff_t fresh_count, lost_count;
	struct instant oldest;
};

static bool find_waiting(struct db *db, struct arena *a, const struct alert *c, int64_t after, int64_t upto,
			 struct waiting *w, struct err *err)
{
	*w = (struct waiting){ 0 };
	if (!sql_remind_new(db, a,
			    &(struct sql_remind_new){
				    .team = c->team, .after = after, .upto = upto, .count = COUNT_MAX },
			    &w->fresh, &w->fresh_count, err) ||
	    !sql_remind_untaken(db, a,
				&(struct sql_remind_untaken){
					.team = c->team, .after = after, .upto = upto, .count = COUNT_MAX },
				&w->lost, &w->lost_count, err))
		return false;
	if (w->fresh_count)
		w->oldest = w->fresh[0].since;
	if (w->lost_count && (w->fresh_count == 0 || instant_before(w->lost[0].since, w->oldest)))
		w->oldest = w->lost[0].since;
	return true;
}

struct waiter {
	struct uuid id;
	str number;
	struct instant since;
	bool report;
};

static bool add_waiter(struct decision *d, struct alert *c, struct staff_mail *mail, const struct waiter *x,
		       struct err *err)
{
	unsigned told = 0;
	struct staff_line line = {
		.team = c->team,
		.desk = true,
		.leads = c->step > 1,
		.subject = x->id,
		.number = x->number,
		.title = x->report ? S("A report that nobody has taken") : S("An incident without an owner"),
		.when = arena_printf(d->arena, "waits since " STR_FMT ", " STR_FMT,
				     STR_ARG(staff_time(d->arena, c->world, x->since)),
				     STR_ARG(staff_span(d->arena, d->now.us - x->since.us))),
	};
	if (!staff_mail_add(mail, &line, &told, err))
		return false;
	c->told |= told;
	return true;
}

static bool tell_waiting(struct decision *d, struct alert *c, const struct waiting *w, struct err *err)
{
	struct staff_mail *mail = staff_mail_begin(d, c->world);
	for (ptrdiff_t i = 0; i < MIN(w->fresh_count, ALERT_SHOWN); i++) {
		struct waiter x = { w->fresh[i].id, w->fresh[i].number, w->fresh[i].since, true };
		if (!add_waiter(d, c, mail, &x, err))
			return false;
	}
	for (ptrdiff_t i = 0; i < MIN(w->lost_count, ALERT_SHOWN); i++) {
		bool report = w->lost[i].report_number.len > 0;
		struct waiter x = { w->lost[i].id,
				    report ? w->lost[i].report_number : w->lost[i].incident_number,
				    w->lost[i].since, report };
		if (!add_waiter(d, c, mail, &x, err))
			return false;
	}
	staff_mail_end(mail, "Nobody has taken it", "reports or incidents that nobody has taken",
		       "Take them in the console, or give them to somebody. This mail was sent by the node; "
		       "what it names stays within your team.");
	return true;
}

static int64_t upto_of(const struct alert *c, struct instant now)
{
	return now.us - MINUTES(alert_minutes(c->world->regime, c->step));
}

bool alert_look(struct db *db, struct arena *tmp, struct alert *c, struct instant now, bool *out_waits,
		struct err *err)
{
	struct waiting w = { 0 };
	int64_t upto = upto_of(c, now);
	c->seen = c->after;
	*out_waits = false;
	if (c->after.us >= upto)
		return true;
	if (!find_waiting(db, tmp, c, c->after.us, upto, &w, err))
		return false;
	*out_waits = w.fresh_count + w.lost_count > 0;
	if (!*out_waits)
		c->seen = (struct instant){ upto };
	return true;
}

bool alert_decide(struct decision *d, void *arg, struct err *err)
{
	struct alert *c = arg;
	struct sql_remind_alerted_row row = { 0 };
	struct waiting w;
	bool found = false;
	int64_t upto = upto_of(c, d->now);
	c->count = 0;
	c->told = 0;
	c->seen = c->after;
	if (!sql_remind_alerted(d->db, d->arena,
				&(struct sql_remind_alerted){ .team = c->team, .step = c->step }, &row,
				&found, err))
		return false;
	int64_t after = MAX(c->after.us, row.upto.us);
	if (after >= upto)
		return true;
	if (!find_waiting(d->db, d->arena, c, after, upto, &w, err))
		return false;
	c->count = w.fresh_count + w.lost_count;
	c->seen = (struct instant){ upto };
	if (c->count == 0)
		return true;
	if (!tell_waiting(d, c, &w, err))
		return false;
	struct json *p = json_object(d->arena);
	json_set_str(p, "team", c->team);
	json_set_int(p, "step", c->step);
	json_set_instant(p, "upto", c->seen);
	json_set_int(p, "count", c->count);
	json_set_instant(p, "oldest", w.oldest);
	json_set(p, "to", staff_told_json(d->arena, c->told));
	note(d, "team.alerted", decision_new_id(d), c->team, p);
	return true;
}
