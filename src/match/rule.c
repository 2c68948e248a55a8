#include "match/rule.h"
#include "match/rule_priv.h"

const char *const rule_level_names[5] = { "informational", "low", "medium", "high", "critical" };
const char *const rule_status_names[5] = { "stable", "test", "experimental", "deprecated", "unsupported" };

enum { FILTER_DEPTH = 1 };              /* what joining filters adds */
enum { TMP_SOFT = 256 << 20, TMP_HARD = 1 << 30 };
static const struct yaml_limits file_limits = {
	.size = 16 << 20, .depth = 32, .nodes = 400000, .members = 1000,
};

static void drop_tmp(void *loader)
{
	struct rule_loader *l = loader;
	arena_done(&l->tmp);
}

struct rule_loader *rules_begin(struct arena *a, struct placeholders placeholders)
{
	struct rule_loader *l = NEW(a, struct rule_loader, 1);
	l->a = a;
	l->placeholders = placeholders;
	arena_init(&l->tmp, TMP_SOFT, TMP_HARD);
	arena_defer(a, drop_tmp, l);
	return l;
}

struct rule_refusal *rule_refuse(struct rule_loader *l, str file, str id, struct yaml_place at, str why)
{
	struct rule_refusal *r = NEW(l->a, struct rule_refusal, 1);
	*r = (struct rule_refusal){ .file = file, .id = id, .why = why, .at = at };
	if (l->last_refusal != NULL)
		l->last_refusal->next = r;
	else
		l->first_refusal = r;
	l->last_refusal = r;
	l->set.refusal_count++;
	return r;
}

static void no_rule(struct rule_loader *l, str file, struct yaml_place at, str why)
{
	rule_refuse(l, file, (str){ 0 }, at, why)->no_rule = true;
	l->set.refusal_count--;
}

static bool text_of(struct sigma *s, const struct yaml *document, str key, str *out)
{
	const struct yaml *y = yaml_get(document, key);
	*out = (str){ "", 0 };
	if (y == NULL || sigma_is_null(y))
		return true;
	if (y->kind != YAML_SCALAR)
		return sigma_refuse(s, y->at, "%.*s has to be a text, not a list or a map", STR_ARG(key));
	*out = arena_dup(s->a, y->text);
	return true;
}

bool sigma_texts(struct sigma *s, const struct yaml *y, const char *what, const str **out,
                 ptrdiff_t *out_count)
{
	*out = NULL;
	*out_count = 0;
	if (y == NULL || sigma_is_null(y))
		return true;
	ptrdiff_t count = y->kind == YAML_LIST ? y->count : 1;
	const struct yaml *item = y->kind == YAML_LIST ? y->first : y;
	str *texts = NEW(s->a, str, count);
	for (ptrdiff_t i = 0; i < count; i++, item = item->next) {
		if (item->kind != YAML_SCALAR)
			return sigma_refuse(s, item->at, "%s has to be a text or a list of texts", what);
		texts[i] = arena_dup(s->a, item->text);
	}
	*out = texts;
	*out_count = count;
	return true;
}

/* Which of five names `key` has: *out stays as it is without. */
static bool choice_of(struct sigma *s, const struct yaml *document, str key, const char *const names[5],
                      int *out)
{
	const struct yaml *y = yaml_get(document, key);
	if (y == NULL || sigma_is_null(y))
		return true;
	for (int i = 0; i < 5; i++)
		if (y->kind == YAML_SCALAR && str_eq_nocase(y->text, str_from(names[i]))) {
			*out = i;
			return true;
		}
	return sigma_refuse(s, y->at, "%.*s has to be %s, %s, %s, %s or %s", STR_ARG(key), names[0], names[1],
	                    names[2], names[3], names[4]);
}

static bool author_of(struct sigma *s, const struct yaml *document, str *out)
{
	const struct yaml *y = yaml_get(document, S("author"));
	const str *texts = NULL;
	ptrdiff_t count = 0;
	if (y == NULL || y->kind == YAML_SCALAR)
		return text_of(s, document, S("author"), out);
	if (!sigma_texts(s, y, "author", &texts, &count))
		return false;
	*out = S("");
	for (ptrdiff_t i = 0; i < count; i++)
		*out = arena_printf(s->a, STR_FMT "%s" STR_FMT, STR_ARG(*out), i ? ", " : "",
		                    STR_ARG(texts[i]));
	return true;
}

static bool check_taxonomy(struct sigma *s, const struct yaml *document)
{
	const struct yaml *y = yaml_get(document, S("taxonomy"));
	if (y == NULL || sigma_is_null(y) || (y->kind == YAML_SCALAR && str_eq_nocase(y->text, S("sigma"))))
		return true;
	return sigma_refuse(s, y->at, "the rule is written in a taxonomy of its own; only \"sigma\" is "
	                    "known: convert its field names");
}

bool sigma_about(struct sigma *s, const struct yaml *document, struct rule *out)
{
	struct rule r = { .at = document->at };
	int level = -1, status = -1;
	if (!text_of(s, document, S("id"), &r.id) || !text_of(s, document, S("title"), &r.title)
	    || !text_of(s, document, S("description"), &r.description) || !author_of(s, document, &r.author)
	    || !text_of(s, document, S("date"), &r.date) || !text_of(s, document, S("modified"), &r.modified)
	    || !text_of(s, document, S("license"), &r.licence) || !text_of(s, document, S("name"), &r.name)
	    || !choice_of(s, document, S("level"), rule_level_names, &level)
	    || !choice_of(s, document, S("status"), rule_status_names, &status)
	    || !sigma_texts(s, yaml_get(document, S("tags")), "tags", &r.tags, &r.tag_count)
	    || !sigma_texts(s, yaml_get(document, S("references")), "references", &r.references,
	                    &r.reference_count)
	    || !sigma_texts(s, yaml_get(document, S("falsepositives")), "falsepositives", &r.false_positives,
	                    &r.false_positive_count)
	    || !check_taxonomy(s, document))
		return false;
	if (r.title.len == 0)
		return sigma_refuse(s, document->at, "there is no title: say in a few words what is found");
	r.has_level = level >= 0;
	r.level = r.has_level ? (enum rule_level)level : LEVEL_INFORMATIONAL;
	r.has_status = status >= 0;
	r.status = r.has_status ? (enum rule_status)status : STATUS_TEST;
	*out = r;
	return true;
}

static bool read_rule(struct sigma *s, const struct yaml *document, struct rule *out)
{
	static const str not_searches[] = { { "condition", 9 }, { "timeframe", 9 }, { NULL, 0 } };
	const struct yaml *detection = yaml_get(document, S("detection"));
	struct searches searches = { 0 };
	if (!sigma_about(s, document, out) || !sigma_logsource(s, document, &out->logsource))
		return false;
	if (detection->kind != YAML_MAP)
		return sigma_refuse(s, detection->at, "detection has to be a map of search identifiers");
	const struct yaml *condition = yaml_get(detection, S("condition"));
	const struct yaml *timeframe = yaml_get(detection, S("timeframe"));
	if (timeframe != NULL)
		return sigma_refuse(s, timeframe->key_at, "`timeframe` belonged to counting in conditions, "
		                    "which Sigma has given up: write a correlation instead");
	if (condition == NULL)
		return sigma_refuse(s, detection->at, "there is no condition: say which search identifiers "
		                    "have to match");
	if (!sigma_searches(s, detection, not_searches, &searches)
	    || !sigma_condition(s, condition, &searches, &out->condition))
		return false;
	if (sigma_is_deeper(out->condition, RULE_DEPTH_MOST - FILTER_DEPTH))
		return sigma_refuse(s, condition->at, "the rule nests more than %d deep: simplify its "
		                    "condition", RULE_DEPTH_MOST - FILTER_DEPTH);
	return true;
}

static void add_rule(struct rule_loader *l, struct rule r)
{
	struct loaded *kept = NEW(l->a, struct loaded, 1);
	kept->rule = r;
	if (l->last != NULL)
		l->last->next = kept;
	else
		l->first = kept;
	l->last = kept;
}

/* What a document is: its tree, or why not.  True if it was read. */
static bool read_document(struct rule_loader *l, struct sigma *s, str file, const struct yaml *document)
{
	const struct yaml *action = yaml_get(document, S("action"));
	if (action != NULL)
		return sigma_refuse(s, action->key_at, "`action` (global, reset, repeat) is no longer "
		                    "Sigma: write each rule out");
	if (yaml_get(document, S("correlation")) != NULL) {
		struct joined *j = NEW(l->a, struct joined, 1);
		if (!sigma_correlation(s, document, &j->correlation))
			return false;
		j->correlation.about.file = file;
		if (l->last_joined != NULL)
			l->last_joined->next = j;
		else
			l->first_joined = j;
		l->last_joined = j;
		return true;
	}
	if (yaml_get(document, S("filter")) != NULL) {
		struct filter *f = NEW(l->a, struct filter, 1);
		if (!sigma_filter(s, document, f))
			return false;
		f->file = file;
		if (l->last_filter != NULL)
			l->last_filter->next = f;
		else
			l->first_filter = f;
		l->last_filter = f;
		return true;
	}
	struct rule r = { 0 };
	if (!read_rule(s, document, &r))
		return false;
	r.file = file;
	add_rule(l, r);
	return true;
}

static void add_document(struct rule_loader *l, str file, const struct yaml *document)
{
	struct err err = { 0 };
	struct sigma s = { .a = l->a, .tmp = &l->tmp, .placeholders = l->placeholders.map, .err = &err,
		.spent = &l->spent };
	if (document->kind != YAML_MAP
	    || (yaml_get(document, S("detection")) == NULL && yaml_get(document, S("correlation")) == NULL
	        && yaml_get(document, S("filter")) == NULL && yaml_get(document, S("action")) == NULL)) {
		no_rule(l, file, document->at, S("no Sigma rule: it has neither detection, correlation nor "
		                                 "filter"));
		return;
	}
	if (read_document(l, &s, file, document))
		return;
	const struct yaml *id = yaml_get(document, S("id"));
	str known = id != NULL && id->kind == YAML_SCALAR ? arena_dup(l->a, id->text) : (str){ 0 };
	rule_refuse(l, file, known, s.at, arena_dup(l->a, str_from(err.text)));
}

static bool looks_like_rule(str bytes)
{
	return str_find(bytes, S("detection:")) >= 0 || str_find(bytes, S("correlation:")) >= 0
	       || str_find(bytes, S("filter:")) >= 0;
}

void rules_add(struct rule_loader *l, str file, str bytes)
{
	const struct yaml *document = NULL;
	struct yaml_place at = { 1, 1 };
	struct err err = { 0 };
	ptrdiff_t count = 0;
	file = arena_dup(l->a, file);
	l->spent = (struct spent){ 0 };
	if (l->a->over) {
		rule_refuse(l, file, (str){ 0 }, at, S("there is no memory left for more rules: load fewer"));
		return;
	}
	if (!yaml_parse_all(&l->tmp, bytes, file_limits, &document, &at, &err)) {
		str why = arena_dup(l->a, str_from(err.text));
		if (looks_like_rule(bytes))
			rule_refuse(l, file, (str){ 0 }, at, why);
		else
			no_rule(l, file, at, why);
	}
	for (; document != NULL; document = document->next, count++)
		if (!sigma_is_null(document) || (count == 0 && document->next == NULL))
			add_document(l, file, document);
	arena_reset(&l->tmp);
}
