#include "base/buf.h"
#include "regime/schema.h"

static const struct regime_source *source_find(const struct regime *r, str id)
{
	for (ptrdiff_t i = 0; i < r->sources_count; i++)
		if (str_eq(r->sources[i].id, id))
			return &r->sources[i];
	return NULL;
}

static void load_sources(struct loader *l, const struct yaml *src, struct regime_origin *into)
{
	const struct yaml *item = src->kind == YAML_LIST ? src->first : src;
	ptrdiff_t n = src->kind == YAML_LIST ? src->count : 1, weak = 0;
	str *ids = NEW(l->arena, str, n);
	for (; n > 0; n--, item = item->next) {
		/* The text of a list or map is empty, and no id is. */
		const struct regime_source *s = source_find(l->regime, item->text);
		if (s == NULL) {
			wrong(l, item, "no source has the id \"" STR_FMT "\": add it to sources, or say what "
			      "is assumed", STR_ARG(str_sub(item->text, 0, 60)));
			continue;
		}
		weak += s->weak;
		ids[into->sources_count++] = s->id;
	}
	into->sources = ids;
	into->weak = into->sources_count > 0 && weak == into->sources_count;
}

static str sentence(struct loader *l, const struct regime_origin *o)
{
	struct buf b;
	buf_init(&b, l->arena, 1 << 16);
	for (ptrdiff_t i = 0; i < o->sources_count; i++) {
		const struct regime_source *s = source_find(l->regime, o->sources[i]);
		buf_add(&b, i == 0 ? S("source: ") : S("; "));
		buf_printf(&b, STR_FMT " [" STR_FMT "]%s", STR_ARG(s->title), STR_ARG(s->id),
		           s->weak ? " (weak source)" : "");
	}
	if (o->assumed)
		buf_printf(&b, "%sassumed: " STR_FMT, b.len ? "; " : "", STR_ARG(o->assume));
	return buf_str(&b);
}

void origin_load(struct loader *l, const struct record *record, const struct yaml *y,
                 struct regime_origin *into)
{
	const struct yaml *src = yaml_get(y, S("src")), *assume = yaml_get(y, S("assume"));
	if (src != NULL)
		load_sources(l, src, into);
	if (assume != NULL) {
		bool says = assume->kind == YAML_SCALAR && !yaml_is_null(assume) && assume->text.len >= 10;
		into->assume = assume->text;
		into->assumed = true;
		if (!says)
			wrong(l, assume, "assume has to say in words what is assumed and why");
	}
	if (src == NULL && assume == NULL && record->origin == ORIGIN_MUST)
		wrong(l, y, "this %s has neither src nor assume: say where it comes from", record->noun);
	into->text = sentence(l, into);
}
