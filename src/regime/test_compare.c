/* What a newer file changes: nothing that differs is left out, and deadlines are said in words. */
#include "regime/book.h"
#include "regime/compare.h"
#include "regime/test_support.h"

#include <string.h>

static str replaced(struct arena *a, str text, const char *from, const char *to)
{
	ptrdiff_t place = str_find(text, str_from(from));
	ASSERT(place >= 0);
	return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(str_sub(text, 0, place)), to,
	                    STR_ARG(str_sub(text, place + (ptrdiff_t)strlen(from), text.len)));
}

static struct regime_edition edition(struct arena *a, str text)
{
	struct regime_edition e = { .text = text };
	struct regime_problems problems;
	struct err err = { 0 };
	bool ok = regime_load(a, text, S("test"), &problems, &e.regime, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	return e;
}

static const struct regime_change *changes(struct arena *a, const struct regime_edition *was,
                                           const struct regime_edition *now, ptrdiff_t *count)
{
	const struct regime_change *list = NULL;
	struct err err;
	ASSERT(regime_compare(a, was, now, &list, count, &err));
	return list;
}

static void is(const struct regime_change *c, enum regime_how how, const char *part, const char *id,
               const char *words)
{
	str have = c->words.ptr ? c->words : S("");
	if (!str_eq(have, str_from(words)))
		fprintf(stderr, "got  '" STR_FMT "'\nwant '%s'\n", STR_ARG(have), words);
	ASSERT(c->how == how && str_eq(c->part, str_from(part)) && str_eq(c->id, str_from(id)));
	ASSERT(str_eq(have, str_from(words)));
}

static const char new_team[] = "teams:\n  - {id: fresh, title: Fresh CERT, kind: soc, "
                               "tier: sectoral, status: planned, assume: invented for this test}\n";

int main(void)
{
	struct arena a;
	ptrdiff_t n;
	arena_init(&a, 64 << 20, ARENA_HARD_DEFAULT);
	str text = file_text(&a, "pakistan-2023.yaml");
	struct regime_edition was = edition(&a, text);
	(void)changes(&a, &was, &was, &n);
	ASSERT(n == 0);

	str later = replaced(&a, text, "version: 0.2-draft", "version: 0.3/b");
	later = replaced(&a, later, "{anchor: aware, add: {hours: 6}}", "{anchor: aware, add: {hours: 4}}");
	later = replaced(&a, later, "when: {cii: false}", "when: {cii: false, sector: [banking]}");
	later = replaced(&a, later, "\nteams:\n", arena_cstr(&a, arena_printf(&a, "\n%s", new_team)));
	struct regime_edition now = edition(&a, later);
	const struct regime_change *list = changes(&a, &was, &now, &n);
	ASSERT(n == 4);
	is(&list[0], REGIME_CHANGED, "regime", "version", "now 0.3/b, was 0.2-draft");
	is(&list[1], REGIME_ADDED, "teams", "fresh", "");
	is(&list[2], REGIME_CHANGED, "duties", "PK-INC-CII",
	   "flash: now 4 hours after aware, was 6 hours after aware");
	is(&list[3], REGIME_CHANGED, "duties", "PK-INC-GEN", ""); /* whom it binds: no deadline moved */
	list = changes(&a, &now, &was, &n);
	ASSERT(n == 4);
	is(&list[2], REGIME_CHANGED, "duties", "PK-INC-CII",
	   "flash: now 6 hours after aware, was 4 hours after aware");
	is(&list[1], REGIME_REMOVED, "teams", "fresh", "");

	const struct regime *both[] = { was.regime, now.regime };
	struct regime_book book = { both, 2 };
	ASSERT(regime_book_find(&book, regime_version_name(&a, now.regime), NULL) == now.regime);
	ASSERT(regime_book_find(&book, S("PK-CERT-RULES-2023/0.2-draft"), NULL) == was.regime);
	ASSERT(regime_book_find(&book, S("PK-CERT-RULES-2023"), NULL) == NULL);
	ASSERT(regime_book_find(&book, S("PK-CERT-RULES-2023/0.3"), was.regime) == was.regime);
	arena_done(&a);
	return 0;
}
