#include "match/build.h"
#include <stdio.h>
#include <stdlib.h>
#include "match/fold.h"
#include "match/regex.h"
#include "model/network.h"

uint32_t section_add(struct section *s, const void *item, size_t size)
{
	if (s->len + size > s->room) {
		s->room = MAX(s->room * 2, s->len + size + 4096);
		/* heap: a unit's sections while it is built; unit.c frees them */
		s->at = realloc(s->at, s->room);
		ASSERT(s->at);
	}
	memcpy(s->at + s->len, item, size);
	s->len += size;
	return (uint32_t)(s->len / size - 1);
}

struct intern {
	struct intern_slot {
		uint64_t hash;
		const char *at;
		uint32_t len, number;
	} * slots;
	struct arena keep;
	size_t mask;
	uint32_t count;
};

struct intern *intern_new(void)
{
	struct intern *t = calloc(1, sizeof *t); /* heap: while a unit is built */
	ASSERT(t);
	t->mask = 1023;
	t->slots = calloc(t->mask + 1, sizeof *t->slots); /* heap: grows by doubling */
	ASSERT(t->slots);
	arena_init(&t->keep, PTRDIFF_MAX, PTRDIFF_MAX);
	return t;
}

void intern_free(struct intern *t)
{
	if (!t)
		return;
	arena_done(&t->keep);
	free(t->slots);
	free(t);
}

static void intern_grow(struct intern *t)
{
	size_t mask = 2 * t->mask + 1;
	struct intern_slot *slots = calloc(mask + 1, sizeof *slots); /* heap: as above */
	ASSERT(slots);
	for (size_t i = 0; i <= t->mask; i++) {
		if (!t->slots[i].at)
			continue;
		size_t j = t->slots[i].hash & mask;
		while (slots[j].at)
			j = (j + 1) & mask;
		slots[j] = t->slots[i];
	}
	free(t->slots);
	t->slots = slots;
	t->mask = mask;
}

static struct intern_slot *intern_slot(const struct intern *t, str bytes, uint64_t hash)
{
	size_t i = hash & t->mask;
	while (t->slots[i].at &&
	       !(t->slots[i].hash == hash && str_eq((str){ t->slots[i].at, t->slots[i].len }, bytes)))
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

uint32_t intern_find(const struct intern *t, str bytes)
{
	const struct intern_slot *s = intern_slot(t, bytes, image_key(bytes.ptr, bytes.len));
	return s->at ? s->number : IMAGE_NONE;
}

uint32_t intern_add(struct intern *t, str bytes, bool *out_fresh)
{
	uint64_t hash = image_key(bytes.ptr, bytes.len);
	struct intern_slot *s = intern_slot(t, bytes, hash);
	*out_fresh = !s->at;
	if (s->at)
		return s->number;
	*s = (struct intern_slot){ hash, arena_dup(&t->keep, bytes).ptr, (uint32_t)bytes.len, t->count };
	if (2 * ++t->count > t->mask)
		intern_grow(t);
	return t->count - 1;
}

/* Numbers of `texts` are offsets: a text begins where the last one ended. */
struct span build_text(struct build *b, str text)
{
	bool fresh;
	uint32_t number = intern_add(b->texts, text, &fresh);
	if (fresh) {
		struct span s = { (uint32_t)b->s.strings.len, (uint32_t)text.len };
		section_add(&b->strings_s, &s, sizeof s);
		if (text.len > 0)
			section_add(&b->s.strings, text.ptr, (size_t)text.len);
	}
	return *SECTION_AT(b->strings_s, struct span, number);
}

str build_folded(struct build *b, str text)
{
	char *out = NEW(b->tmp, char, FOLD_ROOM(text.len));
	return (str){ out, fold_text(out, text.ptr, text.len) };
}

uint32_t build_field(struct build *b, str name)
{
	char *lower = NEW(b->tmp, char, name.len + 1);
	for (ptrdiff_t i = 0; i < name.len; i++)
		lower[i] = (char)(name.ptr[i] | (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? 32 : 0));
	bool fresh;
	uint32_t number = intern_add(b->fields, (str){ lower, name.len }, &fresh);
	if (fresh) {
		struct image_field f = { build_text(b, name), IMAGE_NONE, 0, IMAGE_NONE, IMAGE_NONE, 0 };
		section_add(&b->s.fields, &f, sizeof f);
	}
	return number;
}

struct range build_spans(struct build *b, const str *texts, ptrdiff_t count, bool folded)
{
	struct range r = { (uint32_t)SECTION_COUNT(b->s.spans, struct span), (uint32_t)count };
	for (ptrdiff_t i = 0; i < count; i++) {
		struct span s = build_text(b, folded ? build_folded(b, texts[i]) : texts[i]);
		section_add(&b->s.spans, &s, sizeof s);
	}
	return r;
}

/* ---- predicates */

/* A keyword is found anywhere in a leaf: as if it had a `*` at both ends. */
static const struct glob_piece *widened(struct build *b, const struct predicate *p, ptrdiff_t *out_count)
{
	static const struct glob_piece any = { GLOB_ANY, { 0 } };
	bool before = p->pieces == 0 || p->glob[0].kind != GLOB_ANY;
	bool after = p->pieces > 0 && p->glob[p->pieces - 1].kind != GLOB_ANY;
	struct glob_piece *g = NEW(b->tmp, struct glob_piece, p->pieces + 2);
	ptrdiff_t n = 0;
	if (before)
		g[n++] = any;
	for (ptrdiff_t i = 0; i < p->pieces; i++)
		g[n++] = p->glob[i];
	if (after)
		g[n++] = any;
	*out_count = n;
	return g;
}

static void compile_glob(struct build *b, const struct predicate *p, struct image_predicate *out)
{
	ptrdiff_t n = p->pieces, literals = 0;
	const struct glob_piece *g = p->field.ptr ? p->glob : widened(b, p, &n);
	out->pieces.first = (uint32_t)SECTION_COUNT(b->s.pieces, struct image_piece);
	out->pieces.count = (uint32_t)n;
	for (ptrdiff_t i = 0; i < n; i++) {
		struct image_piece piece = { g[i].kind, { 0 } };
		if (g[i].kind == GLOB_LITERAL) {
			piece.text = build_text(b, p->cased ? g[i].text : build_folded(b, g[i].text));
			out->text = piece.text.len > out->text.len ? piece.text : out->text;
			for (ptrdiff_t j = 0; p->cased && j < g[i].text.len; j++)
				out->flags |= g[i].text.ptr[j] & 0x80 ? PREDICATE_UNFOLDED : 0;
			literals++;
		}
		section_add(&b->s.pieces, &piece, sizeof piece);
	}
	bool before = n > 0 && g[0].kind == GLOB_ANY, after = n > 0 && g[n - 1].kind == GLOB_ANY;
	if (n == 0)
		out->shape = TEXT_EXACT;
	else if (n == 1 && before)
		out->shape = TEXT_PRESENT;
	else if (literals == 1 && n == 1 + before + after)
		out->shape = before && after ? TEXT_CONTAINS
			     : before        ? TEXT_SUFFIX
			     : after         ? TEXT_PREFIX
					     : TEXT_EXACT;
	else
		out->shape = TEXT_GLOB;
}

static bool refuse(struct build *b, const struct rule *r, struct yaml_place at, str why)
{
	struct rule_refusal *f = NEW(b->tmp, struct rule_refusal, 1);
	*f = (struct rule_refusal){ r->file, r->id, why, at, false, b->refusals };
	b->refusals = f;
	return false;
}

/* What only some kinds have. */
static bool compile_special(struct build *b, const struct rule *r, const struct predicate *p,
			    struct image_predicate *out)
{
	struct err err = { 0 };
	if (p->op == PREDICATE_REGEX) {
		out->flags = (uint8_t)(p->regex_nocase | p->regex_lines << 1 | p->regex_dotall << 2);
		if (!regex_check(p->text, out->flags, &err))
			return refuse(
				b, r, p->at,
				arena_printf(b->tmp, "the regular expression cannot be used: %s", err.text));
		out->text = build_text(b, p->text);
	} else if (p->op == PREDICATE_CIDR) {
		struct network n;
		if (!network_parse(p->text, &n, &err))
			return refuse(b, r, p->at, arena_printf(b->tmp, "%s", err.text));
		char bytes[17];
		memcpy(bytes, n.first.b, 16);
		bytes[16] = (char)n.bits;
		out->text = build_text(b, (str){ bytes, 17 });
	} else if (p->op == PREDICATE_FIELD)
		out->other = build_field(b, p->text);
	return true;
}

/* The number of p among the interned ones: equal in all but where and how it was written. */
static bool compile_predicate(struct build *b, const struct rule *r, const struct predicate *p,
			      uint32_t *out_number)
{
	struct image_predicate q;
	memset(&q, 0, sizeof q);
	q.op = (uint8_t)p->op;
	q.cased = p->cased;
	q.order = (uint8_t)p->order;
	q.part = (uint8_t)p->part;
	q.how = (uint8_t)p->how;
	q.number = p->number;
	q.field = p->field.ptr ? build_field(b, p->field) : IMAGE_NONE;
	q.other = IMAGE_NONE;
	size_t pieces = b->s.pieces.len;
	if (p->op == PREDICATE_TEXT)
		compile_glob(b, p, &q);
	else if (!compile_special(b, r, p, &q))
		return false;
	str list = { b->s.pieces.at + pieces, (ptrdiff_t)(b->s.pieces.len - pieces) };
	struct image_predicate key = q;
	key.pieces.first = 0;
	char *whole = NEW(b->tmp, char, (ptrdiff_t)sizeof key + list.len + 1);
	memcpy(whole, &key, sizeof key);
	if (list.len > 0)
		memcpy(whole + sizeof key, list.ptr, (size_t)list.len);
	bool fresh;
	*out_number = intern_add(b->predicates, (str){ whole, (ptrdiff_t)sizeof key + list.len }, &fresh);
	if (!fresh) {
		b->s.pieces.len = pieces;
		return true;
	}
	q.written = build_text(b, p->written);
	if (p->op == PREDICATE_REGEX)
		q.other = section_add(&b->s.regexes, out_number, sizeof *out_number);
	section_add(&b->s.predicates, &q, sizeof q);
	return true;
}

static bool compile_node(struct build *b, const struct rule *r, const struct rule_node *n, int depth)
{
	ASSERT(depth <= RULE_DEPTH_MOST + 2);
	struct image_node node = { n->kind, 1, IMAGE_NONE, build_text(b, n->name.ptr ? n->name : S("")) };
	if (n->kind == NODE_PREDICATE && !compile_predicate(b, r, n->predicate, &node.predicate))
		return false;
	uint32_t number = section_add(&b->s.nodes, &node, sizeof node);
	if (n->kind != NODE_PREDICATE)
		for (const struct rule_node *c = n->first; c; c = c->next)
			if (!compile_node(b, r, c, depth + 1))
				return false;
	SECTION_AT(b->s.nodes, struct image_node, number)->size =
		(uint32_t)SECTION_COUNT(b->s.nodes, struct image_node) - number;
	return true;
}

static uint32_t compile_logsource(struct build *b, const struct logsource *l)
{
	struct image_logsource out;
	memset(&out, 0, sizeof out);
	out.has = (uint8_t)((l->product.ptr != NULL) | (l->category.ptr != NULL) << 1 |
			    (l->service.ptr != NULL) << 2);
	out.product = build_text(b, l->product);
	out.category = build_text(b, l->category);
	out.service = build_text(b, l->service);
	out.index = IMAGE_NONE;
	bool fresh;
	uint32_t number = intern_add(b->logsources, (str){ (const char *)&out, sizeof out }, &fresh);
	if (fresh)
		section_add(&b->s.logsources, &out, sizeof out);
	return number;
}

bool compile_rule(struct build *b, const struct rule *r)
{
	size_t nodes = b->s.nodes.len;
	struct image_rule out;
	memset(&out, 0, sizeof out);
	out.node = (uint32_t)SECTION_COUNT(b->s.nodes, struct image_node);
	if (!compile_node(b, r, r->condition, 0)) {
		b->s.nodes.len = nodes;
		return false;
	}
	const struct {
		struct span *to;
		str from;
	} texts[] = {
		{ &out.id, r->id },
		{ &out.title, r->title },
		{ &out.author, r->author },
		{ &out.name, r->name },
		{ &out.description, r->description },
		{ &out.file, r->file },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(texts); i++)
		*texts[i].to = build_text(b, texts[i].from);
	out.tags = build_spans(b, r->tags, r->tag_count, false);
	out.references = build_spans(b, r->references, r->reference_count, false);
	out.false_positives = build_spans(b, r->false_positives, r->false_positive_count, false);
	out.logsource = compile_logsource(b, &r->logsource);
	out.level = (uint8_t)r->level;
	out.status = (uint8_t)r->status;
	out.silent = r->silent;
	out.line = r->at.line;
	section_add(&b->s.rules, &out, sizeof out);
	return true;
}

/* ---- sources */

static struct range compile_tests(struct build *b, const struct source_entry *e)
{
	struct range r = { (uint32_t)SECTION_COUNT(b->s.tests, struct image_test), (uint32_t)e->when_count };
	for (ptrdiff_t i = 0; i < e->when_count; i++) {
		const struct source_test *w = &e->when[i];
		struct image_test t = { build_field(b, w->field), 0, { 0 } };
		for (ptrdiff_t j = 0; j < w->value_count; j++)
			t.any |= str_eq(w->values[j], S("*"));
		t.values = build_spans(b, w->values, w->value_count, true);
		SECTION_AT(b->s.fields, struct image_field, t.field)->routes |= t.any ? 1 : 3;
		section_add(&b->s.tests, &t, sizeof t);
	}
	return r;
}

static struct image_rename compile_rename(struct build *b, const struct source_name *n)
{
	struct image_rename r = {
		build_field(b, n->field), n->joined, { 0 }, { 0 }, build_text(b, n->between)
	};
	uint32_t *from = NEW(b->tmp, uint32_t, n->path_count + 1);
	for (ptrdiff_t j = 0; j < n->path_count; j++)
		from[j] = build_field(b, n->paths[j]);
	r.from = (struct range){ (uint32_t)SECTION_COUNT(b->s.numbers, uint32_t), (uint32_t)n->path_count };
	for (ptrdiff_t j = 0; j < n->path_count; j++)
		section_add(&b->s.numbers, &from[j], sizeof from[j]);
	r.prefixes =
		(struct range){ (uint32_t)SECTION_COUNT(b->s.spans, struct span), (uint32_t)n->prefix_count };
	for (ptrdiff_t j = 0; j < n->prefix_count; j++) {
		build_spans(b, &n->prefixes[j].from, 1, true);
		build_spans(b, &n->prefixes[j].to, 1, false);
	}
	return r;
}

static struct range compile_renames(struct build *b, const struct source_entry *e)
{
	struct range r = { (uint32_t)SECTION_COUNT(b->s.renames, struct image_rename),
			   (uint32_t)(e->field_count + e->set_count) };
	for (ptrdiff_t i = 0; i < e->field_count; i++) {
		struct image_rename n = compile_rename(b, &e->fields[i]);
		section_add(&b->s.renames, &n, sizeof n);
	}
	for (ptrdiff_t i = 0; i < e->set_count; i++) {
		struct image_rename n = {
			build_field(b, e->set[i].field), 0, { 0 }, { 0 }, build_text(b, e->set[i].value)
		};
		section_add(&b->s.renames, &n, sizeof n);
	}
	return r;
}

static void compile_observables(struct build *b, const struct logsource_map *map)
{
	for (ptrdiff_t i = 0; i < map->observable_count; i++) {
		const struct source_observable *o = &map->observables[i];
		uint32_t field = build_field(b, o->field), port = IMAGE_NONE, unless = IMAGE_NONE;
		if (o->port_field.ptr)
			port = build_field(b, o->port_field);
		if (o->unless.ptr)
			unless = build_field(b, o->unless);
		struct image_field *f = SECTION_AT(b->s.fields, struct image_field, field);
		f->observable = (uint32_t)o->as + 1;
		f->port_field = port;
		f->unless = unless;
	}
}

void compile_sources(struct build *b, const struct logsource_map *map)
{
	compile_observables(b, map);
	ptrdiff_t logsources = SECTION_COUNT(b->s.logsources, struct image_logsource),
		  words = (logsources + 63) / 64;
	for (ptrdiff_t i = 0; i < map->entry_count; i++) {
		const struct source_entry *e = &map->entries[i];
		struct image_entry out = { compile_tests(b, e), compile_renames(b, e), 0 };
		out.met = (uint32_t)SECTION_COUNT(b->s.words, uint64_t);
		uint64_t *met = NEW(b->tmp, uint64_t, words + 1);
		for (ptrdiff_t l = 0; l < logsources; l++) {
			struct logsource asked = image_logsource(
				b->s.strings.at, SECTION_AT(b->s.logsources, struct image_logsource, l));
			if (logsource_meets(&asked, &e->logsource))
				met[l / 64] |= 1ull << (l % 64);
		}
		for (ptrdiff_t w = 0; w < words; w++)
			section_add(&b->s.words, &met[w], sizeof met[w]);
		section_add(&b->s.entries, &out, sizeof out);
	}
}
