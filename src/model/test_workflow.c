#include "model/workflow.h"

static const struct workflow *const machines[] = {
	&workflow_incident, &workflow_report, &workflow_request, &workflow_delivery,
};

/* Every state is reachable from the first, each (from, event) is declared once, each edge says what it
 * needs. */
static void test_tables(void)
{
	for (ptrdiff_t m = 0; m < COUNTOF(machines); m++) {
		const struct workflow *machine = machines[m];
		bool reached[64] = { 0 };
		ASSERT(machine->count <= COUNTOF(reached) &&
		       workflow_has_state(machine, str_from(machine->first)));
		for (ptrdiff_t round = 0; round < machine->count; round++)
			for (ptrdiff_t i = 0; i < machine->count; i++) {
				bool from_reached =
					str_eq(str_from(machine->edges[i].from), str_from(machine->first));
				for (ptrdiff_t k = 0; k < machine->count; k++)
					from_reached |=
						reached[k] && str_eq(str_from(machine->edges[k].to),
								     str_from(machine->edges[i].from));
				reached[i] |= from_reached;
			}
		for (ptrdiff_t i = 0; i < machine->count; i++) {
			ASSERT(reached[i] && machine->edges[i].needs != NULL);
			for (ptrdiff_t k = i + 1; k < machine->count; k++)
				ASSERT(!str_eq(str_from(machine->edges[i].from),
					       str_from(machine->edges[k].from)) ||
				       !str_eq(str_from(machine->edges[i].event),
					       str_from(machine->edges[k].event)));
		}
	}
}

static void test_next(void)
{
	static const struct {
		const struct workflow *machine; const char *from, *event, *to;
	} cases[] = {
		{ &workflow_incident, "new", "open", "open" },
		{ &workflow_incident, "open", "wait", "waiting" },
		{ &workflow_incident, "waiting", "resume", "open" },
		{ &workflow_incident, "closed", "reopen", "reopened" },
		{ &workflow_incident, "reopened", "close", "closed" },
		{ &workflow_incident, "closed", "close", NULL },
		{ &workflow_incident, "new", "wait", NULL },
		{ &workflow_incident, "closed", "wait", NULL },
		{ &workflow_incident, "open", "reopen", NULL },
		{ &workflow_report, "new", "attach", "attached" },
		{ &workflow_report, "attached", "detach", "new" },
		{ &workflow_report, "attached", "move", "attached" },
		{ &workflow_report, "rejected", "restore", "new" },
		{ &workflow_report, "rejected", "attach", NULL },
		{ &workflow_report, "attached", "reject", NULL },
		{ &workflow_request, "open", "meet", "met" },
		{ &workflow_request, "met", "cancel", NULL },
		{ &workflow_delivery, "queued", "hold", "held" },
		{ &workflow_delivery, "held", "read", "read" },
		{ &workflow_delivery, "queued", "read", "read" },
		{ &workflow_delivery, "bounced", "read", "read" },
		{ &workflow_delivery, "read", "send", NULL },
		{ &workflow_delivery, "held", "send", NULL },
		{ &workflow_delivery, "sent", "bounce", "bounced" },
		{ &workflow_delivery, "bounced", "retry", "queued" },
		{ &workflow_delivery, "read", "bounce", NULL },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct err err = { 0 };
		str to = S("untouched");
		bool good = workflow_next(cases[i].machine, str_from(cases[i].from), str_from(cases[i].event),
					  &to, &err);
		ASSERT(good == (cases[i].to != NULL));
		ASSERT(str_eq(to, good ? str_from(cases[i].to) : S("untouched")) &&
		       (good || err.code == ERR_CONFLICT));
	}
}

static void test_errors(void)
{
	struct err err = { 0 };
	str to;
	ASSERT(!workflow_next(&workflow_incident, S("waiting"), S("open"), &to, &err));
	ASSERT(str_eq(str_from(err.text),
		      S("this incident is waiting, so it cannot open; possible now: wait, resume or close")));
	ASSERT(!workflow_next(&workflow_delivery, S("read"), S("retry"), &to, &err));
	ASSERT(str_find(str_from(err.text), S("final")) > 0 && err.code == ERR_CONFLICT);
	ASSERT(!workflow_next(&workflow_report, S("taken"), S("attach"), &to, &err) && err.code == ERR_INPUT);
	ASSERT(!workflow_next(&workflow_report, S("new"), S("explode"), &to, &err) && err.code == ERR_INPUT);
	ASSERT(!workflow_next(&workflow_report, (str){ 0 }, (str){ 0 }, &to, &err) && err.code == ERR_INPUT);
	ASSERT(workflow_resolution_find(S("no_answer")) == workflow_resolution_at(4) &&
	       workflow_resolution_at(6) == NULL);
	ASSERT(workflow_resolution_find(S("solved")) == NULL);
}

int main(void)
{
	test_tables();
	test_next();
	test_errors();
	return 0;
}
