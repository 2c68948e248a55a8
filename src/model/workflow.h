/* workflow.h - the states that incidents, reports, requests and deliveries go through.
 *
 * incident                          wait
 *              open         +----------------------+
 *      [new] --------> [open]                      v
 *        |               |  ^ <---- resume ---- [waiting]     waiting: on whom, until when
 *        | close         |                         |   ^
 *        |         close |                   close |   | wait
 *        v               v                         v   |
 *      [closed] <------------------------------ [closed]
 *        |                                             |
 *        +------ reopen ------> [reopened] ------------+      [reopened] -- close --> [closed]
 *
 * report
 *      [new] -- attach --> [attached] --+
 *       ^ ^                 |    ^      | move
 *       | +---- detach -----+    +------+
 *       +- restore -- [rejected] <-- reject -- [new]
 *
 * request
 *      [open] -- meet ----> [met]
 *       ^ |                  |
 *       | +-- cancel --> [cancelled]
 *       +------ reopen ------+           overdue is open after its due time: derived, never stored
 *
 * delivery
 *      [queued] -- send --> [sent] -- read --> [read]
 *         | ^                 |                  ^
 *         | |               bounce               |
 *         | +-- retry -- [bounced], [failed]     |       also queued -- bounce --> bounced
 *         |                                      |       and  queued -- fail ----> failed
 *         +---- hold --> [held] ------ read -----+       held: withheld from mail, waits behind a sign-in
 *
 * Who owns a report or an incident is beside its state, not part of it; only that an incident opened without
 * an owner is new, and that whoever takes it or is given it opens it.
 * The tables in workflow.c are the whole truth; the drawing is checked by nothing but your eyes.
 */
#pragma once
#include "base/err.h"

struct workflow_edge {
	const char *from, *event, *to;
	/* what the event must carry, for forms and errors: "resolution, reason" */
	const char *needs;
};

struct workflow {
	const char *name;               /* "incident" */
	const char *first;              /* the state of a new one */
	const struct workflow_edge *edges;
	ptrdiff_t   count;
};

extern const struct workflow workflow_incident, workflow_report, workflow_request, workflow_delivery;

/* Why an incident was closed. */
struct workflow_resolution { const char *id, *title; };
const struct workflow_resolution *workflow_resolution_at(ptrdiff_t i);  /* NULL past the end */
const struct workflow_resolution *workflow_resolution_find(str id);     /* NULL if unknown */

/* ERR_CONFLICT with what is possible instead; ERR_INPUT for a state or an event that the machine does not
 * have. out_to borrows from the table. */
MUST_CHECK bool workflow_next(const struct workflow *machine, str from, str event, str *out_to,
			      struct err *err);

bool            workflow_has_state(const struct workflow *machine, str state);

/* The edges out of a state, in the table's order: start with i = 0; NULL after the last. */
const struct workflow_edge *workflow_edge_from(const struct workflow *machine, str from, ptrdiff_t i);
