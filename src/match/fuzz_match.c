/* Any bytes as a file of rules, a line "=====", and an event: the compiled unit ends, says nothing of itself
 * that is not so, and where the slow interpreter can read the event, gives its verdicts, rule by rule: routed
 * by the logsources below, and forced into each rule's own. */
#include "match/event.h"
#include "match/oracle.h"
#include "match/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char sources[] =
	"envelopes: [E.D, U.*]\n"
	"names:\n  A: [alpha, deep.er.a]\n  EventID: [id]\n"
	"sources:\n"
	"  - logsource: {product: windows}\n    when: {Channel: '*'}\n"
	"  - logsource: {product: windows, category: p}\n    when: {Channel: x, EventID: [1, 3]}\n"
	"  - logsource: {product: windows, category: p}\n    when: {Channel: y, EventID: 2}\n"
	"    fields: {Image: A, B: {join: [C.D, A], with: '\\', prefixes: {'\\cmd': HK, evil: X}}, A: B}\n"
	"    set: {Type: SetValue}\n"
	"  - logsource: {product: windows, service: s}\n    when: {Channel: [y, x]}\n"
	"    fields: {A: [Image, B]}\n";

struct desk {
	struct arena a;
	struct logsource_map map;
	const struct rule_set *set;
	struct unit *unit;
	struct matcher *matcher;
	uint8_t *found;
	ptrdiff_t count;
	str event;
};

static bool load(struct desk *d, str rules)
{
	const struct yaml *given = NULL;
	const struct rule_refusal *left_out = NULL;
	struct err err = { 0 };
	ASSERT(logsource_load(&d->a, S(sources), &d->map, NULL, &err));
	ASSERT(yaml_parse(&d->a, S("one: 'srv*'\ntwo: [a, b?, '\\*']\n"), (struct yaml_limits){ 0 }, &given,
			  NULL, &err));
	struct rule_loader *l = rules_begin(&d->a, (struct placeholders){ given });
	rules_add(l, S("fuzz.yml"), rules);
	d->set = rules_finish(l);
	struct unit_parts parts = { .rules = d->set, .sources = &d->map };
	ASSERT(unit_build(&d->a, &parts, &d->unit, &left_out, &err));
	d->matcher = matcher_new(d->unit);
	d->count = unit_rule_count(d->unit);
	d->found = NEW(&d->a, uint8_t, d->count + 1);
	return left_out == NULL; /* else its numbers are others */
}

/* Runs the event: `found` is what matched; what is said of a match is true of itself. */
static void run(struct desk *d)
{
	memset(d->found, 0, (size_t)d->count);
	const struct matches *got = matcher_run(d->matcher, d->event);
	ASSERT(!got->broken || (got->broken_at >= 0 && got->broken_at <= d->event.len));
	for (ptrdiff_t i = 0; i < got->count; i++) {
		const struct match *m = &got->at[i];
		ASSERT(m->rule >= 0 && m->rule < d->count && !d->found[m->rule]);
		d->found[m->rule] = 1;
		for (ptrdiff_t k = 0; k < m->reason_count; k++)
			ASSERT(m->reasons[k].from >= 0 && m->reasons[k].from <= m->reasons[k].to &&
			       m->reasons[k].to <= m->reasons[k].value.len);
	}
}

static void explain(struct desk *d)
{
	for (ptrdiff_t i = 0; i < d->count; i++) {
		const struct explained *e = matcher_explain(d->matcher, i, &d->a);
		ASSERT(e != NULL && e->depth == 0 && e->what.ptr != NULL);
		ASSERT(e->verdict < 0 ? !d->found[i] : e->verdict == d->found[i]);
	}
}

static void compare(struct desk *d, struct oracle_event *e, const struct logsource *forced)
{
	ptrdiff_t number = 0;
	for (const struct rule *r = d->set->rules; r; r = r->next, number++) {
		bool expected = (!forced || logsource_meets(&r->logsource, forced)) &&
				oracle_matches(&d->a, &d->map, r, e, forced != NULL);
		ASSERT(expected == d->found[number]);
	}
	ASSERT(number == d->count);
}

static void check(struct desk *d, bool comparable)
{
	struct oracle_event e = { 0 };
	/* Jansson overlooks a NUL behind a number */
	comparable = comparable && str_find_char(d->event, 0) < 0 && oracle_read(&d->a, d->event, &e);
	for (int again = 0; again < 2; again++) {
		run(d);
		if (comparable)
			compare(d, &e, NULL);
		explain(d);
		matcher_run(d->matcher, S("{\"Channel\":\"y\",\"id\":2,\"A\":\"x\",\"B\":[1,null]}"));
	}
	int most = 4;
	for (const struct rule *r = d->set->rules; r && most-- > 0; r = r->next) {
		matcher_force(d->matcher, &r->logsource);
		run(d);
		if (comparable)
			compare(d, &e, &r->logsource);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct desk d = { 0 };
	str all = { (const char *)data, (ptrdiff_t)size };
	ptrdiff_t cut = str_find(all, S("\n=====\n"));
	if (cut < 0 || size > 8192) /* the slow interpreter is slow */
		return 0;
	arena_init(&d.a, 1 << 30, (ptrdiff_t)2 << 30);
	d.event = str_sub(all, cut + 7, all.len);
	bool comparable = load(&d, str_sub(all, 0, cut + 1));
	check(&d, comparable);
	matcher_free(d.matcher);
	unit_free(d.unit);
	arena_done(&d.a);
	return 0;
}
