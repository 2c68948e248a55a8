/* build.h - a unit in the making: growing sections, and what has been interned.  For match/ alone.
 *
 * Data's way: rules -> compile.c (fields, predicates, nodes) -> witness.c (which predicates wake which rule)
 * -> index.c (how a field's value finds its predicates) -> unit.c (one block).
 */
#pragma once
#include "match/image.h"
#include "match/unit.h"

struct section {
	char *at;
	size_t len, room;
}; /* bytes */

struct intern; /* bytes -> number */
struct intern *intern_new(void);
void intern_free(struct intern *t);
/* The number of these bytes; `fresh` if they were not there. */
uint32_t intern_add(struct intern *t, str bytes, bool *out_fresh);
uint32_t intern_find(const struct intern *t, str bytes); /* IMAGE_NONE if absent */

struct build {
	struct arena *tmp;
	struct section strings_s;
#define X(type, name) struct section name;
	struct build_sections {
		IMAGE_SECTIONS(X)
	} s;
#undef X
	struct intern *texts, *fields, *predicates, *logsources;
	const struct rule_refusal *refusals;
	uint8_t *gram_levels;           /* by a hash of the gram */
};

/* One more item at the end of a section; its number. */
uint32_t section_add(struct section *s, const void *item, size_t size);
#define SECTION_COUNT(sec, type) ((ptrdiff_t)((sec).len / sizeof(type)))
#define SECTION_AT(sec, type, i) (&((type *)(void *)(sec).at)[i])

struct span build_text(struct build *b, str text); /* stored once */
uint32_t build_field(struct build *b, str name);   /* its number; case of ASCII aside */
str build_folded(struct build *b, str text);       /* in tmp */
struct range build_spans(struct build *b, const str *texts, ptrdiff_t count, bool folded);

/* compile.c: false: refused, and the reason is in b->refusals. */
bool compile_rule(struct build *b, const struct rule *r);
void compile_sources(struct build *b, const struct logsource_map *map);
/* witness.c: which predicates wake which rule; which rules have none. */
void witness_choose(struct build *b);
/* index.c */
void index_begin(struct build *b);      /* before all else */
/* How common the rarest four bytes of a folded literal are in what machines log: 0, or in about one
 * event of 64 >> n. */
int index_level(const struct build *b, str literal);
void index_build(struct build *b);
bool index_can(const struct image_predicate *p); /* by more than its field's presence */
