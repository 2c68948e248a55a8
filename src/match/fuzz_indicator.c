/* Lists, tables, STIX and MISP of any bytes: what is kept is found again by its own canonical value, and
 * the block can be opened. */
#include "match/indicator_block.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum probe_as as_of(enum indicator_kind kind)
{
	static const enum probe_as as[INDICATOR_KINDS] = {
		PROBE_IP,   PROBE_IP,   PROBE_ANY,  PROBE_DOMAIN, PROBE_URL, PROBE_MAIL,
		PROBE_HASH, PROBE_HASH, PROBE_HASH, PROBE_JA3,    PROBE_JA4, PROBE_FILE_NAME,
	};
	return as[kind];
}

/* A network is found by its first address. */
static str observable_of(struct arena *a, const struct indicator *what)
{
	str value = what->value;
	if (what->kind == INDICATOR_NETWORK)
		value = str_cut(value, '/').head;
	if (what->kind == INDICATOR_DOMAIN && what->below && value.len < 200)
		value = arena_printf(a, "x." STR_FMT, STR_ARG(value));
	return value;
}

static void check(struct arena *a, const struct indicators *i, const struct indicator *what)
{
	struct probe_hit hit[64];
	bool found = false;
	struct probe p = { as_of(what->kind), observable_of(a, what), -1, 5 };
	ptrdiff_t n = indicators_probe(i, &p, 1, hit, 64);
	for (ptrdiff_t k = 0; k < n; k++) {
		ASSERT(hit[k].tag == 5 && hit[k].from >= 0 && hit[k].from <= hit[k].to &&
		       hit[k].to <= p.text.len);
		found |= hit[k].what.kind == what->kind && str_eq(hit[k].what.value, what->value) &&
			 hit[k].what.line == what->line;
	}
	ASSERT(found || n == 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	const char *form;
	const struct indicators *opened;
	str text = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 1 << 28, 1 << 29);
	struct indicator_loader *l = indicators_begin(&a, size & 1);
	bool good = indicators_add(l, S("fuzz"), text, &form, &err);
	ASSERT(good || err.text[0] != 0);
	const struct indicators *i = indicators_finish(l);
	const struct table_head *t = &i->head->seek;
	const struct entry *e = block_at(i, t->entries.at);
	for (uint64_t n = 0; n < t->entries.count && n < 300; n++) {
		struct indicator what;
		block_indicator(i, &e[n], &what);
		ASSERT(what.value.len > 0 && what.line > 0 && str_eq(what.source, S("fuzz")));
		check(&a, i, &what);
	}
	ASSERT(indicators_open_bytes(indicators_bytes(i), &opened, &err));
	indicators_free(opened);
	indicators_free(i);
	arena_done(&a);
	return 0;
}
