#include "model/workflow.h"

#include <stdio.h>

enum { NAME_SHOWN = 40 };         /* of a name that somebody else sent */

static const struct workflow_edge incident_edges[] = {
	{ "new",      "open",   "open",     "" },
	{ "new",      "close",  "closed",   "resolution, reason" },
	{ "open",     "wait",   "waiting",  "on, until, reason" },
	{ "open",     "close",  "closed",   "resolution, reason" },
	{ "waiting",  "wait",   "waiting",  "on, until, reason" },     /* for somebody else, or for longer */
	{ "waiting",  "resume", "open",     "" },
	{ "waiting",  "close",  "closed",   "resolution, reason" },
	{ "closed",   "reopen", "reopened", "reason" },
	{ "reopened", "wait",   "waiting",  "on, until, reason" },
	{ "reopened", "close",  "closed",   "resolution, reason" },
};

static const struct workflow_edge report_edges[] = {
	{ "new",      "attach",  "attached", "incident" },
	{ "new",      "reject",  "rejected", "reason" },
	{ "attached", "move",    "attached", "incident" },              /* merged or split incidents */
	{ "attached", "detach",  "new",      "" },
	{ "rejected", "restore", "new",      "" },
};

static const struct workflow_edge request_edges[] = {
	{ "open",      "meet",   "met",       "" },
	{ "open",      "cancel", "cancelled", "reason" },
	{ "met",       "reopen", "open",      "reason" },
	{ "cancelled", "reopen", "open",      "reason" },
};

static const struct workflow_edge delivery_edges[] = {
	{ "queued",  "send",   "sent",    "" },
	{ "queued",  "bounce", "bounced", "reason" },                   /* refused during the dialogue */
	{ "queued",  "fail",   "failed",  "reason" },
	{ "queued",  "hold",   "held",    "reason" },
	{ "queued",  "read",   "read",    "" },                         /* signed in, before the mail left */
	{ "sent",    "bounce", "bounced", "reason" },                   /* refused by a mail that came back */
	{ "sent",    "read",   "read",    "" },
	{ "held",    "read",   "read",    "" },
	{ "bounced", "retry",  "queued",  "" },
	{ "bounced", "read",   "read",    "" },                         /* the mail did not arrive,
		they came */
	{ "failed",  "retry",  "queued",  "" },
	{ "failed",  "read",   "read",    "" },
};

const struct workflow workflow_incident = { "incident", "new", incident_edges, COUNTOF(incident_edges) };
const struct workflow workflow_report = { "report", "new", report_edges, COUNTOF(report_edges) };
const struct workflow workflow_request = { "request", "open", request_edges, COUNTOF(request_edges) };
const struct workflow workflow_delivery = { "delivery", "queued", delivery_edges, COUNTOF(delivery_edges) };

static const struct workflow_resolution resolutions[] = {
	{ "resolved",            "Resolved" },
	{ "false_alarm",         "False alarm" },
	{ "duplicate",           "Duplicate of another incident" },
	{ "referred",            "Referred to somebody else" },
	{ "no_answer",           "No answer" },
	{ "out_of_constituency", "Out of our constituency" },
};

const struct workflow_resolution *workflow_resolution_at(ptrdiff_t i)
{
	return i >= 0 && i < COUNTOF(resolutions) ? &resolutions[i] : NULL;
}

const struct workflow_resolution *workflow_resolution_find(str id)
{
	for (ptrdiff_t i = 0; i < COUNTOF(resolutions); i++)
		if (str_eq(str_from(resolutions[i].id), id))
			return &resolutions[i];
	return NULL;
}

bool workflow_has_state(const struct workflow *machine, str state)
{
	for (ptrdiff_t i = 0; i < machine->count; i++)
		if (str_eq(str_from(machine->edges[i].from), state) ||
		    str_eq(str_from(machine->edges[i].to), state))
			return true;
	return false;
}

const struct workflow_edge *workflow_edge_from(const struct workflow *machine, str from, ptrdiff_t i)
{
	for (ptrdiff_t k = 0; k < machine->count; k++)
		if (str_eq(str_from(machine->edges[k].from), from) && i-- == 0)
			return &machine->edges[k];
	return NULL;
}

static bool has_event(const struct workflow *machine, str event)
{
	for (ptrdiff_t i = 0; i < machine->count; i++)
		if (str_eq(str_from(machine->edges[i].event), event))
			return true;
	return false;
}

/* "close, resume or wait": what can be done instead.  The tables are short: it always fits. */
static void write_possible(const struct workflow *machine, str from, char *out, size_t size)
{
	const struct workflow_edge *edge = workflow_edge_from(machine, from, 0);
	size_t n = 0;
	out[0] = '\0';
	for (ptrdiff_t i = 0; edge != NULL && n < size; i++) {
		const struct workflow_edge *next = workflow_edge_from(machine, from, i + 1);
		const char *between = i == 0 ? "" : next ? ", " : " or ";
		n += (size_t)snprintf(out + n, size - n, "%s%s", between, edge->event);
		edge = next;
	}
}

bool workflow_next(const struct workflow *machine, str from, str event, str *out_to, struct err *err)
{
	const struct workflow_edge *edge;
	for (ptrdiff_t i = 0; (edge = workflow_edge_from(machine, from, i)) != NULL; i++)
		if (str_eq(str_from(edge->event), event)) {
			*out_to = str_from(edge->to);
			return true;
		}
	if (!workflow_has_state(machine, from))
		return err_set(err, ERR_INPUT, "no %s has the state \"" STR_FMT "\"", machine->name,
			STR_ARG(str_sub(from, 0, NAME_SHOWN)));
	if (!has_event(machine, event))
		return err_set(err, ERR_INPUT, "nothing called \"" STR_FMT "\" can be done to any %s",
			STR_ARG(str_sub(event, 0, NAME_SHOWN)), machine->name);
	char possible[160];
	write_possible(machine, from, possible, sizeof(possible));
	if (possible[0] == '\0')
		return err_set(err, ERR_CONFLICT,
			       "this %s is " STR_FMT ", which is final: nothing more can be done to it",
			       machine->name, STR_ARG(from));
	return err_set(err, ERR_CONFLICT,
		       "this %s is " STR_FMT ", so it cannot " STR_FMT "; possible now: %s", machine->name,
		       STR_ARG(from), STR_ARG(event), possible);
}
