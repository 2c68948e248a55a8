#include "regime/compare.h"

#include "base/buf.h"
#include "format/yaml.h"
#include "regime/words.h"

enum { CHANGES_MAX = 2000, WORDS_MAX = 4000, SCALAR_MAX = 80 };

struct comparing {
	struct arena *a;
	const struct regime *was, *now;
	struct regime_change *changes;
	ptrdiff_t count;
};

str regime_how_name(enum regime_how how)
{
	static const str names[] = {
		[REGIME_ADDED] = { "added", 5 },
		[REGIME_REMOVED] = { "removed", 7 },
		[REGIME_CHANGED] = { "changed", 7 },
	};
	return names[how];
}

/* As deep as yaml_limits lets a file be. */
static bool same(const struct yaml *x, const struct yaml *y)
{
	if (x->kind != y->kind || x->count != y->count || !str_eq(x->text, y->text) ||
	    !str_eq(x->key, y->key) || x->plain != y->plain)
		return false;
	for (x = x->first, y = y->first; x && y; x = x->next, y = y->next)
		if (!same(x, y))
			return false;
	return true;
}

/* Members have a key, items of lists an id. */
static str name_of(const struct yaml *y)
{
	const struct yaml *id = y->key.ptr ? NULL : yaml_get(y, S("id"));
	return y->key.ptr ? y->key : id ? id->text : (str){ 0 };
}

static const struct yaml *named(const struct yaml *in, str name)
{
	for (const struct yaml *y = in ? in->first : NULL; y && name.len; y = y->next)
		if (str_eq(name_of(y), name))
			return y;
	return NULL;
}

static const struct regime_duty *duty_named(const struct regime *r, str id)
{
	for (ptrdiff_t i = 0; i < r->duties_count; i++)
		if (str_eq(r->duties[i].id, id))
			return &r->duties[i];
	return NULL;
}

static void step_words_of(struct comparing *c, const struct regime_step *now, const struct regime_duty *was,
			  struct buf *b)
{
	const char *sep = b->len ? "; " : "";
	str words = step_words(c->a, now);
	for (ptrdiff_t i = 0; i < was->steps_count; i++) {
		if (!str_eq(was->steps[i].id, now->id))
			continue;
		str before = step_words(c->a, &was->steps[i]);
		if (!str_eq(before, words))
			buf_printf(b, "%s" STR_FMT ": now " STR_FMT ", was " STR_FMT, sep, STR_ARG(now->id),
				   STR_ARG(words), STR_ARG(before));
		return;
	}
	buf_printf(b, "%s" STR_FMT ": new, " STR_FMT, sep, STR_ARG(now->id), STR_ARG(words));
}

static str duty_words(struct comparing *c, str id)
{
	const struct regime_duty *was = duty_named(c->was, id), *now = duty_named(c->now, id);
	struct buf b;
	buf_init(&b, c->a, WORDS_MAX);
	for (ptrdiff_t i = 0; was && now && i < now->steps_count; i++)
		step_words_of(c, &now->steps[i], was, &b);
	return buf_str(&b);
}

static bool short_scalar(const struct yaml *y)
{
	return y->kind == YAML_SCALAR && y->text.len <= SCALAR_MAX;
}

static void note(struct comparing *c, str part, const struct yaml *was, const struct yaml *now)
{
	str id = now || was ? name_of(now ? now : was) : (str){ 0 }, words = { 0 };
	if (c->count == CHANGES_MAX)
		return;
	if (str_eq(part, S("duties")))
		words = duty_words(c, id);
	else if (was && now && short_scalar(was) && short_scalar(now))
		words = arena_printf(c->a, "now " STR_FMT ", was " STR_FMT, STR_ARG(now->text),
				     STR_ARG(was->text));
	c->changes[c->count++] = (struct regime_change){
		was == NULL ? REGIME_ADDED : now == NULL ? REGIME_REMOVED : REGIME_CHANGED, part, id, words
	};
}

static bool has_names(const struct yaml *y)
{
	for (const struct yaml *item = y ? y->first : NULL; item; item = item->next)
		if (name_of(item).len == 0)
			return false;
	return y == NULL || y->kind != YAML_SCALAR;
}

/* One member of the file's root: by what it has in it, or as a whole. */
static void compare_part(struct comparing *c, str part, const struct yaml *was, const struct yaml *now)
{
	if (was && now && same(was, now))
		return;
	if (!has_names(was) || !has_names(now)) {
		c->changes[c->count] = (struct regime_change){ REGIME_CHANGED, part, S(""), S("") };
		c->count += c->count < CHANGES_MAX;
		return;
	}
	for (const struct yaml *y = now ? now->first : NULL; y; y = y->next) {
		const struct yaml *before = named(was, name_of(y));
		if (before == NULL || !same(before, y))
			note(c, part, before, y);
	}
	for (const struct yaml *y = was ? was->first : NULL; y; y = y->next)
		if (named(now, name_of(y)) == NULL)
			note(c, part, y, NULL);
}

bool regime_compare(struct arena *a, const struct regime_edition *was, const struct regime_edition *now,
                    const struct regime_change **out, ptrdiff_t *out_count, struct err *err)
{
	struct comparing c = { .a = a, .was = was->regime, .now = now->regime };
	const struct yaml *old, *new;
	if (!yaml_parse(a, was->text, (struct yaml_limits){ 0 }, &old, NULL, err) ||
	    !yaml_parse(a, now->text, (struct yaml_limits){ 0 }, &new, NULL, err))
		return false;
	c.changes = NEW(a, struct regime_change, CHANGES_MAX + 1);
	for (const struct yaml *y = new->first; y; y = y->next)
		compare_part(&c, y->key, yaml_get(old, y->key), y);
	for (const struct yaml *y = old->first; y; y = y->next)
		if (yaml_get(new, y->key) == NULL)
			compare_part(&c, y->key, y, NULL);
	*out = c.changes;
	*out_count = c.count;
	return true;
}
