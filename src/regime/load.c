#include "regime/schema.h"

#include <stdarg.h>
#include <stdio.h>

enum { PROBLEMS_MAX = 200 };            /* a file worse than that is not a regime file */

void problem_add(struct loader *l, struct yaml_place at, bool is_error, const char *fmt, ...)
{
	char text[400];
	struct regime_problems *p = l->problems;
	va_list ap;
	p->errors += is_error;
	if (p->count >= PROBLEMS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (p->items == NULL)
		p->items = NEW(l->arena, struct regime_problem, PROBLEMS_MAX);
	p->items[p->count++] = (struct regime_problem){ at.line, at.column, is_error,
	                                                arena_dup(l->arena, str_from(text)) };
}

/* What an error quotes from the file: short, so that one bad value cannot fill the screen. */
static str quoted(str s)
{
	return str_sub(s, 0, 60);
}

const struct field *record_field(const struct record *record, str key)
{
	for (ptrdiff_t i = 0; i < record->fields_count; i++)
		if (str_eq(str_from(record->fields[i].key), key))
			return &record->fields[i];
	return NULL;
}

static bool scalar(struct loader *l, const struct yaml *y, const char *expected)
{
	if (y->kind == YAML_SCALAR && !yaml_is_null(y))
		return true;
	wrong(l, y, "\"" STR_FMT "\" has to be %s", STR_ARG(quoted(y->key)), expected);
	return false;
}

static bool id_valid(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
		      || c == '-'))
			return false;
	}
	return s.len > 0 && s.len <= 64;
}

static void load_id(struct loader *l, const struct yaml *y, str *into)
{
	if (!scalar(l, y, "an id"))
		return;
	*into = y->text;
	if (!id_valid(y->text))
		wrong(l, y, "the id \"" STR_FMT "\" may hold only A-Z, a-z, 0-9, _ and -, and at most "
		      "64 of them",
		      STR_ARG(quoted(y->text)));
}

static void load_int(struct loader *l, const struct field *f, const struct yaml *y, int64_t *into)
{
	if (y->kind != YAML_SCALAR || !y->plain || !str_to_int(y->text, f->min, f->max, into))
		wrong(l, y, "\"%s\" has to be a whole number from %lld to %lld", f->key, (long long)f->min,
		      (long long)f->max);
}

/* Only true and false: YAML 1.1's yes, no, on and off have surprised enough people. */
static bool load_bool(struct loader *l, const struct yaml *y, bool *into)
{
	bool yes = y->kind == YAML_SCALAR && y->plain && str_eq(y->text, S("true"));
	bool no = y->kind == YAML_SCALAR && y->plain && str_eq(y->text, S("false"));
	if (!yes && !no)
		wrong(l, y, "\"" STR_FMT "\" has to be true or false", STR_ARG(quoted(y->key)));
	*into = yes;
	return yes || no;
}

static str join_names(struct loader *l, const char *const *names)
{
	str all = { 0 };
	for (ptrdiff_t i = 0; names[i] != NULL; i++)
		all = arena_printf(l->arena, STR_FMT "%s%s", STR_ARG(all), i ? ", " : "", names[i]);
	return all;
}

static int load_name(struct loader *l, const struct field *f, const struct yaml *y)
{
	for (int i = 0; f->names[i] != NULL; i++)
		if (y->kind == YAML_SCALAR && str_eq(y->text, str_from(f->names[i])))
			return i;
	wrong(l, y, "\"%s\" has to be one of: " STR_FMT, f->key, STR_ARG(join_names(l, f->names)));
	return 0;
}

static bool parse_date(str text, struct civil *out_date)
{
	int64_t year, month, day;
	bool shaped = text.len == 10 && text.ptr[4] == '-' && text.ptr[7] == '-'
	              && str_to_int(str_sub(text, 0, 4), 1, 9999, &year)
	              && str_to_int(str_sub(text, 5, 7), 1, 12, &month)
	              && str_to_int(str_sub(text, 8, 10), 1, 31, &day);
	if (!shaped || day > civil_month_days((int)year, (int)month))
		return false;
	*out_date = (struct civil){ .year = (int)year, .month = (int)month, .day = (int)day };
	return true;
}

static void load_date(struct loader *l, const struct field *f, const struct yaml *y, char *into)
{
	struct civil date = { 0 };
	if (y->kind != YAML_SCALAR || !parse_date(y->text, &date)) {
		wrong(l, y, "\"%s\" has to be a date such as 2026-03-23", f->key);
		return;
	}
	if (f->kind == FIELD_DATE)
		memcpy(into, &date, sizeof(date));
	else
		memcpy(into, &y->text, sizeof(y->text));
}

static const str *load_strs(struct loader *l, const struct yaml *y, ptrdiff_t *out_count)
{
	const struct yaml *item = y->kind == YAML_LIST ? y->first : y;
	ptrdiff_t n = y->kind == YAML_LIST ? y->count : 1, count = 0;
	str *list = NEW(l->arena, str, n);
	for (; n > 0; n--, item = item->next)
		if (item->kind == YAML_SCALAR && !yaml_is_null(item) && item->text.len > 0)
			list[count++] = item->text;
		else
			wrong(l, item, "an entry of this list has to be text");
	if (y->kind == YAML_LIST && y->count == 0)
		wrong(l, y, "\"" STR_FMT "\" is empty: remove it", STR_ARG(quoted(y->key)));
	*out_count = count;
	return list;
}

static void load_label(struct loader *l, const struct yaml *y, struct regime_label *into)
{
	if (y->kind == YAML_SCALAR) {
		if (scalar(l, y, "text"))
			into->text = y->text;
		return;
	}
	if (y->kind == YAML_LIST || y->count == 0) {
		wrong(l, y, "\"" STR_FMT "\" has to be text, or a map from language to text",
		      STR_ARG(quoted(y->key)));
		return;
	}
	struct regime_translation *also = NEW(l->arena, struct regime_translation, y->count);
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		if (!scalar(l, m, "text"))
			continue;
		if (m == y->first)
			into->text = m->text;
		else
			also[into->also_count++] = (struct regime_translation){ m->key, m->text };
	}
	into->also = also;
}

static bool parse_reminder(str text, int64_t *out_minutes)
{
	static const struct { char unit; int minutes; } units[] = { { 'm', 1 }, { 'h', 60 }, { 'd', 1440 } };
	int64_t n;
	if (text.len < 2 || !str_to_int(str_sub(text, 0, text.len - 1), 1, 9999, &n))
		return false;
	for (ptrdiff_t i = 0; i < COUNTOF(units); i++)
		if (units[i].unit == text.ptr[text.len - 1]) {
			*out_minutes = n * units[i].minutes;
			return true;
		}
	return false;
}

static const int64_t *load_reminders(struct loader *l, const struct yaml *y, ptrdiff_t *out_count)
{
	ptrdiff_t n = 0;
	const str *texts = load_strs(l, y, &n);
	int64_t *list = NEW(l->arena, int64_t, n);
	for (ptrdiff_t i = 0; i < n; i++)
		if (!parse_reminder(texts[i], &list[i]))
			wrong(l, y, "the reminder \"" STR_FMT "\" has to be such as 30m, 2h or 3d",
			      STR_ARG(quoted(texts[i])));
	*out_count = n;
	return list;
}

static void load_weekdays(struct loader *l, const struct yaml *y, bool *days)
{
	static const char names[7][4] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	ptrdiff_t n = 0, set = 0;
	const str *list = load_strs(l, y, &n);
	for (ptrdiff_t i = 0; i < n; i++) {
		int day = 0;
		while (day < 7 && !str_eq(list[i], str_from(names[day])))
			day++;
		if (day == 7) {
			wrong(l, y, "\"" STR_FMT "\" is no weekday: mon, tue, wed, thu, fri, sat, sun",
			      STR_ARG(quoted(list[i])));
			continue;
		}
		set += !days[day];
		days[day] = true;
	}
	if (set == 7)
		wrong(l, y, "a week without a working day");
}

static void load_anchor(struct loader *l, const struct yaml *y, struct regime_anchor_expr *into)
{
	struct err err = { 0 };
	if (y->kind != YAML_SCALAR || !anchor_parse(l->arena, y->text, into, &err))
		wrong(l, y, "%s", y->kind == YAML_SCALAR ? err.text
		      : "an anchor has to be a word such as aware");
}

static void refuse_same_ids(struct loader *l, const struct record *record, const struct yaml *list)
{
	for (const struct yaml *item = list->first; item != NULL; item = item->next) {
		const struct yaml *id = yaml_get(item, S("id"));
		if (id == NULL)
			continue;
		for (const struct yaml *before = list->first; before != item; before = before->next) {
			const struct yaml *other = yaml_get(before, S("id"));
			if (other == NULL || other->text.len == 0 || !str_eq(other->text, id->text))
				continue;
			wrong(l, id, "two entries of kind %s have the id \"" STR_FMT "\" (first in line %d)",
			      record->noun, STR_ARG(quoted(id->text)), other->at.line);
			break;
		}
	}
}

static void load_records(struct loader *l, const struct field *f, const struct yaml *y, char *base)
{
	const struct record *record = f->record;
	if (y->kind != YAML_LIST) {
		wrong(l, y, "\"%s\" has to be a list", f->key);
		return;
	}
	if (y->count == 0 && f->required)
		wrong(l, y, "\"%s\" needs at least one %s", f->key, record->noun);
	char *items = arena_alloc(l->arena, (ptrdiff_t)record->size, (ptrdiff_t)record->align, y->count);
	ptrdiff_t count = 0;
	for (const struct yaml *item = y->first; item != NULL; item = item->next, count++)
		load_record(l, record, item, items + count * (ptrdiff_t)record->size);
	memcpy(base + f->offset, &items, sizeof(items));
	memcpy(base + f->count_offset, &count, sizeof(count));
	if (record_field(record, S("id")) != NULL)
		refuse_same_ids(l, record, y);
}

static void load_pointed(struct loader *l, const struct field *f, const struct yaml *y, char *into)
{
	char *made = arena_alloc(l->arena, (ptrdiff_t)f->record->size, (ptrdiff_t)f->record->align, 1);
	if (f->kind != FIELD_DEADLINE_PTR || !yaml_is_null(y))  /* a zeroed deadline is the null deadline */
		load_record(l, f->record, y, made);
	memcpy(into, &made, sizeof(made));
}

static void load_list(struct loader *l, const struct field *f, const struct yaml *y, char *base)
{
	ptrdiff_t count = 0;
	const void *list = f->kind == FIELD_REMINDERS ? (const void *)load_reminders(l, y, &count)
	                                              : (const void *)load_strs(l, y, &count);
	memcpy(base + f->offset, &list, sizeof(list));
	memcpy(base + f->count_offset, &count, sizeof(count));
}

static void load_truth(struct loader *l, const struct yaml *y, enum regime_truth *into)
{
	bool yes = false;
	if (load_bool(l, y, &yes))
		*into = yes ? TRUTH_YES : TRUTH_NO;
}

static void load_field(struct loader *l, const struct field *f, const struct yaml *y, char *base)
{
	char *into = base + f->offset;
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_REF:
		if (scalar(l, y, "text"))
			memcpy(into, &y->text, sizeof(y->text));
		break;
	case FIELD_ID:          load_id(l, y, (str *)(void *)into); break;
	case FIELD_STRS:
	case FIELD_REFS:
	case FIELD_REMINDERS:   load_list(l, f, y, base); break;
	case FIELD_LABEL:       load_label(l, y, (struct regime_label *)(void *)into); break;
	case FIELD_INT:         load_int(l, f, y, (int64_t *)(void *)into); break;
	case FIELD_BOOL:        (void)load_bool(l, y, (bool *)into); break;
	case FIELD_TRUTH:       load_truth(l, y, (enum regime_truth *)(void *)into); break;
	case FIELD_ENUM:        *(int *)(void *)into = load_name(l, f, y); break;
	case FIELD_EVENT:       *(int *)(void *)into = 1 << load_name(l, f, y); break;
	case FIELD_DATE:
	case FIELD_DATE_TEXT:   load_date(l, f, y, into); break;
	case FIELD_ANCHOR:      load_anchor(l, y, (struct regime_anchor_expr *)(void *)into); break;
	case FIELD_WEEKDAYS:    load_weekdays(l, y, (bool *)into); break;
	case FIELD_INSIDE:      load_record(l, f->record, y, base); break;
	case FIELD_RECORD:      load_record(l, f->record, y, into); break;
	case FIELD_RECORD_PTR:
	case FIELD_DEADLINE_PTR: load_pointed(l, f, y, into); break;
	case FIELD_RECORDS:     load_records(l, f, y, base); break;
	}
}

static void unknown_key(struct loader *l, const struct record *record, const struct yaml *m)
{
	str nearest = { 0 };
	int best = 3;                           /* further away is no typing error */
	for (ptrdiff_t i = 0; i < record->fields_count; i++) {
		int distance = word_distance(m->key, str_from(record->fields[i].key));
		if (distance < best) {
			best = distance;
			nearest = str_from(record->fields[i].key);
		}
	}
	if (nearest.len)
		problem_add(l, m->key_at, true, "there is no key \"" STR_FMT "\" in this %s: did you mean "
		            "\"" STR_FMT "\"?", STR_ARG(quoted(m->key)), record->noun, STR_ARG(nearest));
	else
		problem_add(l, m->key_at, true, "there is no key \"" STR_FMT "\" in this %s",
		            STR_ARG(quoted(m->key)), record->noun);
}

void load_record(struct loader *l, const struct record *record, const struct yaml *y, char *into)
{
	if (y->kind != YAML_MAP) {
		wrong(l, y, "this %s has to be a map of keys and values", record->noun);
		return;
	}
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		const struct field *f = record_field(record, m->key);
		bool of_origin = str_eq(m->key, S("src")) || str_eq(m->key, S("assume"));
		if (f != NULL)
			load_field(l, f, m, into);
		else if (record->origin == ORIGIN_NONE || !of_origin)
			unknown_key(l, record, m);
	}
	for (ptrdiff_t i = 0; i < record->fields_count; i++)
		if (record->fields[i].required && yaml_get(y, str_from(record->fields[i].key)) == NULL)
			wrong(l, y, "this %s lacks the key \"%s\"", record->noun, record->fields[i].key);
	if (record->origin != ORIGIN_NONE)
		origin_load(l, record, y, (struct regime_origin *)(void *)(into + record->origin_offset));
	if (record->finish != NULL)
		record->finish(l, y, into);
}

static void load_tree(struct loader *l, const struct yaml *root)
{
	const struct yaml *sources = yaml_get(root, S("sources"));
	struct regime_problems later = *l->problems;
	/* First, alone and in silence: origins name their sources in words. */
	if (sources != NULL)
		load_field(l, schema_sources.fields, sources, (char *)l->regime);
	*l->problems = later;
	load_record(l, &schema_root, root, (char *)l->regime);
	if (root->kind == YAML_MAP) {
		lint_references(l, &schema_root, root);
		lint_whole(l, root);
	}
}

static void sort_problems(struct regime_problems *p)
{
	for (ptrdiff_t i = 1; i < p->count; i++) {
		struct regime_problem x = p->items[i];
		ptrdiff_t at = i;
		for (; at > 0; at--) {
			const struct regime_problem *b = &p->items[at - 1];
			if (b->line < x.line || (b->line == x.line && b->column <= x.column))
				break;
			p->items[at] = *b;
		}
		p->items[at] = x;
	}
}

bool regime_load(struct arena *a, str yaml_text, str name, struct regime_problems *out_problems,
                 const struct regime **out_regime, struct err *err)
{
	struct loader l = { .arena = a, .problems = out_problems, .regime = NEW(a, struct regime, 1) };
	const struct yaml *root = NULL;
	struct yaml_place at = { 1, 1 };
	struct err bad = { 0 };
	*out_problems = (struct regime_problems){ 0 };
	if (yaml_parse(a, yaml_text, (struct yaml_limits){ 0 }, &root, &at, &bad)) {
		load_tree(&l, root);
	} else {
		/* Its own "line, column" would be said twice. */
		const char *colon = strstr(bad.text, ": ");
		bool placed = strncmp(bad.text, "line ", 5) == 0 && colon != NULL;
		problem_add(&l, at, true, "%s", placed ? colon + 2 : bad.text);
	}
	sort_problems(out_problems);
	if (a->over) {
		problem_add(&l, (struct yaml_place){ 1, 1 }, true,
		            "the regime does not fit the memory set aside for it");
		return err_set(err, ERR_LIMIT, STR_FMT ": the regime does not fit the memory set aside "
		               "for it", STR_ARG(name));
	}
	for (ptrdiff_t i = 0; i < out_problems->count; i++) {
		const struct regime_problem *p = &out_problems->items[i];
		if (p->is_error)
			return err_set(err, ERR_INPUT, STR_FMT ":%d:%d: " STR_FMT " (errors: %td)",
			               STR_ARG(name), p->line, p->column, STR_ARG(p->text),
			               out_problems->errors);
	}
	if (out_problems->errors)               /* all of them behind PROBLEMS_MAX warnings */
		return err_set(err, ERR_INPUT, STR_FMT ": %td errors", STR_ARG(name), out_problems->errors);
	*out_regime = l.regime;
	return true;
}
