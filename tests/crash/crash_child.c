/* crash_child STORE SEED ROUND LEDGER - works on a store until it is killed.
 *
 * Eight threads submit keyed commands and note what was acknowledged (crash.h).  Trouble that passes is
 * answered as a client would: the same key and request again.  It says "ready" on standard output when the
 * store is open
 * and "again" whenever a command is acknowledged after trouble; every other failure that is not a refusal
 * ends it.
 */
#include "crash.h"

#include <pthread.h>
#include <time.h>

enum { THREADS = 8, REMEMBER = 64, KINDS = 12 };

struct worker {
	struct node *node;
	pthread_t thread;
	int number, ledger;
	const char *round;
	uint64_t state; /* of the choices; ids come of the machine's own randomness */
	struct uuid reports[REMEMBER], incidents[REMEMBER];
	int report_count, incident_count;
	int64_t made;
};

static unsigned choose(struct worker *w, unsigned limit)
{
	w->state = w->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(w->state >> 33) % limit;
}

static void remember(struct worker *w, struct uuid *list, int *count, struct uuid id)
{
	if (*count < REMEMBER)
		list[(*count)++] = id;
	else
		list[choose(w, REMEMBER)] = id;
}

struct act {
	char name[ACT_BYTES];
	struct command command;
	struct intake intake;
	struct report_command report;
	struct incident_open open;
	struct incident_command incident;
	struct uuid ids[2];
};

static struct uuid some_report(struct worker *w)
{
	return w->reports[choose(w, (unsigned)w->report_count)];
}

static void plan_intake(struct worker *w, struct arena *a, const char *key, struct act *x)
{
	struct err err = { 0 };
	snprintf(x->name, sizeof(x->name), "intake");
	if (!intake_for(w->node, a, key, &x->intake, &err))
		give_up("intake", &err);
	x->command.decide = intake_decide;
	x->command.arg = &x->intake;
}

static void plan_report(struct worker *w, enum report_act act, struct act *x)
{
	snprintf(x->name, sizeof(x->name), "report%d", act);
	x->report = (struct report_command){ .world = &w->node->world,
					     .who = &w->node->who,
					     .act = act,
					     .report = some_report(w),
					     .text = S("not for us"),
					     .tell = choose(w, 2) };
	x->command.decide = report_decide;
	x->command.arg = &x->report;
}

static void plan_open(struct worker *w, struct arena *a, struct act *x)
{
	snprintf(x->name, sizeof(x->name), "open");
	x->ids[0] = some_report(w);
	x->ids[1] = some_report(w);
	ptrdiff_t count = uuid_eq(x->ids[0], x->ids[1]) ? 1 : 2;
	x->open = (struct incident_open){ .world = &w->node->world,
					  .who = &w->node->who,
					  .reports = x->ids,
					  .report_count = count,
					  .title = S("An incident"),
					  .arena = a };
	x->command.decide = incident_open_decide;
	x->command.arg = &x->open;
}

static void plan_incident(struct worker *w, enum incident_act act, struct act *x)
{
	snprintf(x->name, sizeof(x->name), "incident%d", act);
	x->ids[0] = some_report(w);
	x->incident =
		(struct incident_command){ .world = &w->node->world,
					   .who = &w->node->who,
					   .act = act,
					   .incident = w->incidents[choose(w, (unsigned)w->incident_count)],
					   .if_version = -1,
					   .ids = x->ids,
					   .id_count = 1,
					   .text = S("a comment") };
	x->command.decide = incident_decide;
	x->command.arg = &x->incident;
}

static void plan(struct worker *w, struct arena *a, const char *key, struct act *x)
{
	unsigned kind = choose(w, KINDS);
	*x = (struct act){ .command = { .name = "crash" } };
	if (w->report_count == 0 || kind < 5)
		plan_intake(w, a, key, x);
	else if (kind == 5 || kind == 6)
		plan_report(w, kind == 5 ? REPORT_TAKE : REPORT_REJECT, x);
	else if (w->incident_count == 0 || kind == 7)
		plan_open(w, a, x);
	else if (kind == 8 || kind == 9)
		plan_incident(w, kind == 8 ? INCIDENT_ATTACH : INCIDENT_DETACH, x);
	else
		plan_incident(w, INCIDENT_COMMENT, x);
}

/* Passing trouble: the same again, as often as it takes (the test kills us). */
static bool run(struct worker *w, struct command *c)
{
	struct timespec pause = { 0, 20 * 1000 * 1000 };
	bool troubled = false;
	while (!writer_run(w->node->writer, c)) {
		if (c->err.code != ERR_RETRY && c->err.code != ERR_UNSURE)
			break;
		troubled = true;
		(void)nanosleep(&pause, NULL);
	}
	if (c->ok && troubled && write(STDOUT_FILENO, "again\n", 6) != 6)
		exit(1);
	if (!c->ok && (c->err.code == ERR_SYSTEM || c->err.code == ERR_FULL || c->err.code == ERR_DISK))
		give_up("command", &c->err);
	return c->ok;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct arena a;
	struct act x;
	static const struct hash256 nothing;
	char key[KEY_BYTES];
	arena_init(&a, 16 << 20, 64 << 20);
	for (;; arena_reset(&a)) {
		snprintf(key, sizeof(key), "%s-%d-%" PRId64, w->round, w->number, ++w->made);
		plan(w, &a, key, &x);
		node_key(w->node, &x.command, key, x.name);
		ledger_write(w->ledger, arena_printf(&a, "? %s %s\n", key, x.name));
		if (!run(w, &x.command))
			continue;
		if (memcmp(x.command.receipt.hash.b, nothing.b, 32) !=
		    0) /* else there was nothing to write */
			ledger_ack(w->ledger, &a, key, x.name, &x.command);
		if (x.command.arg == &x.intake)
			remember(w, w->reports, &w->report_count, x.command.receipt.subject);
		else if (x.command.arg == &x.open)
			remember(w, w->incidents, &w->incident_count, x.command.receipt.subject);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS];
	static struct node node;
	struct err err = { 0 };
	if (argc != 5) {
		fprintf(stderr, "usage: crash_child STORE SEED ROUND LEDGER\n");
		return 2;
	}
	node_init(&node);
	if (!node_open(&node, argv[1], &err))
		give_up("store", &err);
	int ledger = ledger_open(argv[4]);
	for (int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .node = &node,
					      .number = i,
					      .ledger = ledger,
					      .round = argv[3],
					      .state = strtoull(argv[2], NULL, 10) * 1000003 + (uint64_t)i };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			give_up("thread", NULL);
	}
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
