/* From events to correlations: the unit says what matches and what the fields are, the correlator counts. */
#include "match/correlate.h"

#include <stdio.h>

static const char rules[] =
	"title: Failed\nid: f\nname: failed\nlogsource: { product: windows, service: security }\n"
	"detection: { s: { EventID: 4625 }, condition: s }\n---\n"
	"title: Unused\nid: z\nlogsource: { product: windows }\ndetection: { s: { EventID: 1 }, condition: "
	"s }\n---\ntitle: Succeeded\nid: s\nlogsource: { product: windows, service: security }\n"
	"detection: { s: { EventID: 4624 }, condition: s }\n---\n"
	"title: Many\nname: many\ncorrelation:\n  type: event_count\n  rules: failed\n"
	"  group-by: [TargetUserName, IpAddress]\n  timespan: 5m\n  condition: { gte: 3 }\n---\n"
	"title: Broken in\nid: b\nlevel: high\ncorrelation:\n  type: temporal_ordered\n  rules: [many, s]\n"
	"  group-by: [user]\n  timespan: 10m\n"
	"  aliases: { user: { many: TargetUserName, s: SubjectUserName } }\n";

#define FAILED(id, user, ip) "{\"Channel\":\"Security\",\"EventID\":" id ",\"TargetUserName\":\"" user \
	"\",\"IpAddress\":\"" ip "\"}"
#define SUCCEEDED(user) "{\"Channel\":\"Security\",\"EventID\":4624,\"SubjectUserName\":\"" user "\"}"

static const struct { int64_t minute; const char *event; } events[] = {
	{ 1, FAILED("4625", "bob", "10.0.0.1") },
	{ 2, "{\"Event\":{\"System\":{\"Channel\":\"Security\",\"EventID\":4625},\"EventData\":"
	     "{\"TargetUserName\":\"BOB\",\"IpAddress\":\"10.0.0.1\"}}}" },
	{ 3, FAILED("4625", "bob", "10.0.0.2") },
	{ 4, FAILED("\"4625\"", "bob", "10.0.0.1") },
	{ 5, SUCCEEDED("alice") },
	{ 6, SUCCEEDED("Bob") },
};

static str field(void *matcher, str name)
{
	return matcher_field(matcher, name);
}

static void check(const struct correlator_match *m, const struct unit *u)
{
	ASSERT(str_eq(m->what->about.id, S("b")) && m->what->about.level == LEVEL_HIGH && m->value == 2);
	ASSERT(str_eq(m->group[0], S("bob")) && m->event_count == 2 && m->event_total == 2);
	ASSERT(m->first_us == 4 * 60000000 && m->last_us == 6 * 60000000);
	ASSERT(m->events[0].rule < 0 && m->events[0].reference == 3);
	ASSERT(m->events[1].rule == unit_find_rule(u, S("s")) && m->events[1].reference == 5);
}

int main(void)
{
	struct arena a;
	struct err err;
	struct logsource_map map;
	struct unit *u = NULL;
	const struct rule_refusal *refused = NULL;
	ptrdiff_t fields = 0, fired = 0, all = 0;
	arena_init(&a, 1 << 30, (ptrdiff_t)2 << 30);
	struct rule_loader *l = rules_begin(&a, (struct placeholders){ 0 });
	rules_add(l, S("x.yml"), S(rules));
	const struct rule_set *set = rules_finish(l);
	ASSERT(set->refusal_count == 0 && set->correlation_count == 2);
	ASSERT(logsource_load(&a, logsource_builtin(), &map, NULL, &err));
	struct unit_parts parts = { .rules = set, .sources = &map };
	parts.extra_fields = correlator_fields(&a, set, &fields);
	parts.extra_count = fields;
	ASSERT(unit_build(&a, &parts, &u, &refused, &err) && refused == NULL);
	struct matcher *m = matcher_new(u);
	struct correlator *c = correlator_new(set, u, (struct correlator_limits){ 0 });
	struct correlator_reader reader = { m, field };
	for (ptrdiff_t i = 0; i < COUNTOF(events); i++) {
		const struct matches *found = matcher_run(m, str_from(events[i].event));
		for (ptrdiff_t k = 0; k < found->count; k++) {
			(void)correlator_feed(c, found->at[k].rule, events[i].minute * 60000000, i, reader,
			                      &fired);
			ASSERT(fired == 0);             /* ten minutes are waited for */
		}
		all += found->count;
	}
	ASSERT(all == COUNTOF(events));
	const struct correlator_match *told = correlator_finish(c, &fired);
	ASSERT(fired == 1);
	check(told, u);
	ASSERT(correlator_finish(c, &fired) != NULL && fired == 0);
	correlator_free(c);
	matcher_free(m);
	unit_free(u);
	arena_done(&a);
	return 0;
}
