/* Random rules on random events: the compiled unit and the slow interpreter of oracle.h agree, rule by rule.
 *
 * NAUBAT_ORACLE=N makes N units instead of some hundred; a seed that failed is printed and can be given
 * as argument.
 */
#include "match/oracle.h"
#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"
#include "match/unit.h"

enum { RULES = 24, EVENTS = 40, LEAVES = 14 };

static const char sources[] =
	"envelopes: [E.D, U.*]\n"
	"names:\n  A: [alpha, deep.er.a]\n  EventID: [id]\n"
	"sources:\n"
	"  - logsource: {product: w}\n    when: {Channel: '*'}\n"
	"  - logsource: {product: w, category: p}\n    when: {Channel: x, EventID: [1, 3]}\n"
	"  - logsource: {product: w, category: p}\n    when: {Channel: y, EventID: 2}\n"
	"    fields: {Image: A, B: {join: [C.D, A], with: '\\', prefixes: {'\\cmd': HK, evil: X}}, A: B}\n"
	"    set: {Type: SetValue}\n"
	"  - logsource: {product: w, service: s}\n    when: {Channel: [y, x]}\n"
	"    fields: {A: [Image, B]}\n";

static const char *const words[] = {
	"cmd.exe", "\\cmd.exe", "powershell", "mimikatz", "evil",        "EVIL.dll",
	"a",       "B",         "\xC3\xA9",   "\xC3\x89", "\xC5\xBF",    "\xE2\x84\xAA",
	" ",       "\n",        "1",          "10.1.2.3", "2001:db8::1", "2026-11-28T16:40:48Z",
	"\xff",    "\\",        "/",          "-enc ",    "0x1f",        "privilege::debug",
	"\"",      "\xC8\xBA",  "k",          "S",        "ss",          "sekurlsa::logon",
	"KSkskk",  "\xE2\x84\xAA\xC5\xBF\xE2\x84\xAA\xC5\xBF\xE2\x84\xAAk"
};
static const char *const fields[] = { "A", "B", "C.D", "Image", "EventID", "Channel", "Type" };
static const char *const event_paths[] = { "A",       "a",         "B",       "C.D",   "Image",     "EventID",
					   "EventID", "Channel",   "Channel", "alpha", "deep.er.a", "E.D.A",
					   "U.any.B", "e.d.Image", "id",      "other", "Type" };

struct dice {
	uint64_t state;
};

static uint64_t roll(struct dice *d, uint64_t below)
{
	uint64_t z = d->state += 0x9E3779B97F4A7C15u;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return (z ^ z >> 31) % below;
}

static str random_text(struct arena *a, struct dice *d, int most)
{
	struct buf b;
	buf_init(&b, a, 1 << 16);
	for (uint64_t n = roll(d, (uint64_t)most + 1); n > 0; n--)
		buf_add(&b, str_from(words[roll(d, COUNTOF(words))]));
	return arena_dup(a, buf_str(&b));
}

/* ---- rules */

static void random_glob(struct arena *a, struct dice *d, struct predicate *p)
{
	struct glob_piece *g = NEW(a, struct glob_piece, 8);
	ptrdiff_t n = 0;
	for (uint64_t left = roll(d, 6); left > 0; left--) {
		enum glob_kind kind = roll(d, 5) < 2 ? GLOB_ANY : roll(d, 4) == 0 ? GLOB_ONE : GLOB_LITERAL;
		str text = random_text(a, d, 2);
		if (n > 0 && kind != GLOB_ONE && g[n - 1].kind == kind)
			continue;
		if (kind == GLOB_LITERAL && (text.len == 0 || !str_utf8_valid(text)))
			continue;
		g[n++] = (struct glob_piece){ kind, kind == GLOB_LITERAL ? text : (str){ 0 } };
	}
	p->op = PREDICATE_TEXT;
	p->glob = g;
	p->pieces = n;
	p->cased = roll(d, 5) == 0;
}

static const struct predicate *random_predicate(struct arena *a, struct dice *d)
{
	static const char *const regexes[] = { "cmd",     "^a",   "evil|EVIL", "k+$",
					       ".\\.exe", "\\d+", "(a+)+b",    "[^a]$" };
	static const char *const nets[] = { "10.0.0.0/8", "2001:db8::/32", "10.1.2.3/32" };
	struct predicate *p = NEW(a, struct predicate, 1);
	p->field = str_from(fields[roll(d, COUNTOF(fields))]);
	switch (roll(d, 16)) {
	case 0:
		p->op = PREDICATE_NULL;
		break;
	case 1:
		p->op = PREDICATE_EXISTS;
		break;
	case 2:
		p->op = PREDICATE_REGEX;
		p->text = str_from(regexes[roll(d, COUNTOF(regexes))]);
		p->regex_nocase = roll(d, 2);
		break;
	case 3:
		p->op = PREDICATE_CIDR;
		p->text = str_from(nets[roll(d, COUNTOF(nets))]);
		break;
	case 4:
		p->op = PREDICATE_NUMBER;
		p->order = (enum predicate_order)roll(d, 5);
		p->part = (enum predicate_part)(roll(d, 2) ? 0 : roll(d, 7));
		p->number = p->part ? (double)roll(d, 60) : (double)roll(d, 12);
		break;
	case 5:
		p->op = PREDICATE_FIELD;
		p->text = str_from(fields[roll(d, COUNTOF(fields))]);
		p->how = (enum predicate_how)roll(d, 4);
		p->cased = roll(d, 4) == 0;
		break;
	case 6:
	case 7:
		p->field = (str){ 0 };
		random_glob(a, d, p);
		break;
	default:
		random_glob(a, d, p);
	}
	p->written = arena_printf(a, STR_FMT " op %d cased %d " STR_FMT, STR_ARG(p->field), p->op, p->cased,
				  STR_ARG(p->text));
	for (ptrdiff_t i = 0; i < p->pieces; i++)
		p->written = arena_printf(a, STR_FMT " %d[" STR_FMT "]", STR_ARG(p->written), p->glob[i].kind,
					  STR_ARG(p->glob[i].text));
	return p;
}

static struct rule_node *random_node(struct arena *a, struct dice *d, int depth)
{
	struct rule_node *n = NEW(a, struct rule_node, 1);
	uint64_t kind = depth == 0 ? 9 : roll(d, 10);
	if (kind >= 5) {
		n->kind = NODE_PREDICATE;
		n->predicate = random_predicate(a, d);
		return n;
	}
	n->kind = kind == 4 ? NODE_NOT : kind < 2 ? NODE_AND : NODE_OR;
	uint64_t children = n->kind == NODE_NOT ? 1 : roll(d, 20) == 0 ? roll(d, 14) : roll(d, 4);
	for (; children > 0; children--) {
		struct rule_node *c = random_node(a, d, depth - 1);
		c->next = n->first;
		n->first = c;
	}
	return n;
}

/* Words that the sieve can look for in raw JSON: only then is there one. */
static const struct rule_node *random_keyword(struct arena *a, struct dice *d)
{
	static const char *const long_words[] = { "mimikatz", "privilege::debug", "sekurlsa::logon",
						  "EVIL.dll" };
	struct rule_node *n = NEW(a, struct rule_node, 1);
	struct predicate *p = NEW(a, struct predicate, 1);
	struct glob_piece *g = NEW(a, struct glob_piece, 1);
	*g = (struct glob_piece){ GLOB_LITERAL, str_from(long_words[roll(d, COUNTOF(long_words))]) };
	*p = (struct predicate){ .op = PREDICATE_TEXT, .glob = g, .pieces = 1, .written = S("keyword") };
	*n = (struct rule_node){ .kind = NODE_PREDICATE, .predicate = p };
	return n;
}

static const struct rule_set *random_rules(struct arena *a, struct dice *d)
{
	bool keywords = roll(d, 4) == 0;
	struct rule_set *set = NEW(a, struct rule_set, 1);
	for (int i = RULES; i-- > 0;) {
		struct rule *r = NEW(a, struct rule, 1);
		r->id = arena_printf(a, "%d", i);
		r->condition = keywords ? random_keyword(a, d) : random_node(a, d, 3);
		r->logsource.product = roll(d, 8) ? S("w") : (str){ 0 };
		r->logsource.category = roll(d, 2) ? S("p") : (str){ 0 };
		r->logsource.service = roll(d, 6) ? (str){ 0 } : S("s");
		r->next = set->rules;
		set->rules = r;
		set->rule_count++;
	}
	return set;
}

/* ---- events: as leaves, and as JSON that says the same in a roundabout way */

static void write_string(struct buf *b, struct dice *d, str text)
{
	buf_add_char(b, '"');
	for (ptrdiff_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c < 0x80 && roll(d, 40) == 0)
			buf_printf(b, roll(d, 2) ? "\\u%04x" : "\\u%04X", c);
		else if (c == '"' || c == '\\' || (c == '/' && roll(d, 2)))
			buf_printf(b, "\\%c", c);
		else if (c == '\n' && roll(d, 2))
			buf_add(b, S("\\n"));
		else
			buf_add_char(b, (char)c);
	}
	buf_add_char(b, '"');
}

static void write_key(struct buf *b, struct dice *d, str key)
{
	char turned[64];
	for (ptrdiff_t i = 0; i < key.len; i++) {
		bool letter = (key.ptr[i] | 32) >= 'a' && (key.ptr[i] | 32) <= 'z';
		turned[i] = (char)(letter && roll(d, 12) == 0 ? key.ptr[i] ^ 32 : key.ptr[i]);
	}
	write_string(b, d, (str){ turned, key.len });
	buf_add(b, roll(d, 6) ? S(":") : S(" : "));
}

static void write_member(struct buf *b, struct dice *d, str path, const struct oracle_leaf *leaf, bool number)
{
	int open = 0;
	for (str_cut_result c = str_cut(path, '.'); c.ok && roll(d, 2); c = str_cut(path, '.')) {
		write_key(b, d, c.head);
		buf_add_char(b, '{');
		path = c.tail;
		open++;
	}
	write_key(b, d, path);
	bool text_key = roll(d, 10) == 0, list = roll(d, 10) == 0;
	if (list)
		buf_add_char(b, '[');
	if (text_key)
		buf_add(b, S("{\"#text\":"));
	if (leaf->null)
		buf_add(b, roll(d, 3) ? S("null") : S("[]"));
	else if (number)
		buf_printf(b, roll(d, 4) ? STR_FMT : STR_FMT ".0", STR_ARG(leaf->text));
	else
		write_string(b, d, leaf->text);
	if (text_key)
		buf_add_char(b, '}');
	if (list)
		buf_add_char(b, ']');
	while (open-- > 0)
		buf_add_char(b, '}');
}

static str random_event(struct arena *a, struct dice *d, struct oracle_event *out)
{
	struct oracle_leaf *leaves = NEW(a, struct oracle_leaf, LEAVES);
	struct buf b;
	buf_init(&b, a, 1 << 20);
	buf_add_char(&b, '{');
	ptrdiff_t count = (ptrdiff_t)roll(d, roll(d, 3) ? LEAVES : 4);
	for (ptrdiff_t i = 0; i < count; i++) {
		str path = str_from(event_paths[roll(d, COUNTOF(event_paths))]);
		bool number = roll(d, 8) == 0;
		leaves[i] = (struct oracle_leaf){ path, roll(d, 10) == 0, random_text(a, d, 4) };
		if (number)
			leaves[i].text = arena_printf(a, "%d", (int)roll(d, 12));
		if (str_eq(path, S("Channel")))
			leaves[i].text = roll(d, 2) ? S("X") : S("y");
		else if (str_eq(path, S("EventID")))
			leaves[i].text = arena_printf(a, "%d", (int)roll(d, 4));
		if (i > 0)
			buf_add(&b, roll(d, 4) ? S(",") : S(" ,\n"));
		write_member(&b, d, path, &leaves[i], number && path.len != 7);
	}
	buf_add_char(&b, '}');
	*out = (struct oracle_event){ leaves, count, NULL };
	return arena_dup(a, buf_str(&b));
}

/* ---- holding them against each other */

static int64_t compare(struct arena *a, struct matcher *m, const struct logsource_map *map,
		       const struct rule_set *set, str json, struct oracle_event *e)
{
	const struct matches *got = matcher_run(m, json);
	ASSERT(!got->broken);
	ptrdiff_t number = 0;
	int64_t held = 0;
	for (const struct rule *r = set->rules; r; r = r->next, number++) {
		int expected = oracle_matches(a, map, r, e, false), found = 0;
		for (ptrdiff_t i = 0; i < got->count; i++)
			found += got->at[i].rule == number;
		if (expected != found) {
			fprintf(stderr, "rule %td should %smatch\n" STR_FMT "\n", number,
				expected ? "" : "not ", STR_ARG(json));
			for (const struct explained *x = matcher_explain(m, number, a); x; x = x->next)
				fprintf(stderr, "%*s" STR_FMT " %d\n", 2 * x->depth, "", STR_ARG(x->what),
					x->verdict);
		}
		ASSERT(expected == found);
		held += found;
	}
	return held;
}

static int64_t one_unit(uint64_t seed, int64_t *held)
{
	struct arena a, per_event;
	struct dice d = { seed };
	struct err err = { 0 };
	struct logsource_map map;
	const struct rule_refusal *refused = NULL;
	struct unit *u;
	arena_init(&a, PTRDIFF_MAX, PTRDIFF_MAX);
	arena_init(&per_event, PTRDIFF_MAX, PTRDIFF_MAX);
	if (!logsource_load(&a, S(sources), &map, NULL, &err))
		fprintf(stderr, "%s\n", err.text);
	ASSERT(!err.code);
	const struct rule_set *set = random_rules(&a, &d);
	struct unit_parts parts = { .rules = set, .sources = &map };
	ASSERT(unit_build(&a, &parts, &u, &refused, &err) && !refused);
	struct matcher *m = matcher_new(u);
	for (int i = 0; i < EVENTS; i++) {
		struct oracle_event e;
		str json = random_event(&per_event, &d, &e);
		*held += compare(&per_event, m, &map, set, json, &e);
		arena_reset(&per_event);
	}
	matcher_free(m);
	unit_free(u);
	arena_done(&per_event);
	arena_done(&a);
	return (int64_t)RULES * EVENTS;
}

int main(int argc, char **argv)
{
	const char *wanted = getenv("NAUBAT_ORACLE");
	int64_t compared = 0, held = 0, units = wanted ? strtoll(wanted, NULL, 10) : 120;
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	for (int64_t i = 0; i < (argc > 1 ? 1 : units); i++, seed++) {
		if (argc > 1 || i % 100 == 0)
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
		compared += one_unit(seed, &held);
	}
	fprintf(stderr, "%lld verdicts alike, %lld of them matches\n", (long long)compared, (long long)held);
	ASSERT(argc > 1 || held > compared / 20);
	return 0;
}
