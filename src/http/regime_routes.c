#include "http/regime_routes.h"

#include "format/json.h"
#include "http/node.h"
#include "http/reply.h"
#include "model/marking.h"
#include "model/taxonomy.h"
#include "regime/severity.h"
#include "regime/words.h"

static void text_or_null(struct json *j, const char *key, str text)
{
	if (text.len)
		json_set_str(j, key, text);
	else
		json_set(j, key, NULL);
}

static void append_ref(struct arena *a, struct json *list, str id, str name)
{
	struct json *j = json_object(a);
	json_set_str(j, "id", id);
	json_set_str(j, "name", name);
	json_append(list, j);
}

static struct json *sources(struct arena *a, const struct regime *r)
{
	struct json *list = json_array(a);
	for (ptrdiff_t i = 0; i < r->sources_count; i++) {
		struct json *j = json_object(a);
		json_set_str(j, "id", r->sources[i].id);
		json_set_str(j, "title", r->sources[i].title);
		text_or_null(j, "url", r->sources[i].address);
		json_append(list, j);
	}
	return list;
}

static struct json *taxonomy(struct arena *a)
{
	struct json *list = json_array(a);
	const struct taxonomy_class *c;
	for (ptrdiff_t i = 0; (c = taxonomy_at(i)) != NULL; i++) {
		struct json *j = json_object(a);
		const struct taxonomy_predicate *p;
		str group = str_from(c->predicate);
		for (ptrdiff_t k = 0; (p = taxonomy_predicate_at(k)) != NULL; k++)
			if (str_eq(str_from(p->id), str_from(c->predicate)))
				group = str_from(p->title);
		json_set_str(j, "id", str_from(c->id));
		json_set_str(j, "title", str_from(c->title));
		json_set_str(j, "group", group);
		json_append(list, j);
	}
	return list;
}

static struct json *bands(struct arena *a, const struct regime_severity *s)
{
	struct json *list = json_array(a);
	for (ptrdiff_t i = 0; i < s->bands_count; i++) {
		struct json *j = json_object(a);
		json_set_str(j, "id", s->bands[i].id);
		json_set_str(j, "title", s->bands[i].title.text);
		json_set_int(j, "min", s->bands[i].min * 100);
		json_append(list, j);
	}
	return list;
}

static struct json *factor(struct arena *a, const struct regime_category *c)
{
	struct json *j = json_object(a), *options = json_array(a);
	for (ptrdiff_t i = 0; i < c->options_count; i++) {
		struct json *o = json_object(a);
		json_set_str(o, "id", c->options[i].id);
		json_set_str(o, "title", c->options[i].title.text);
		json_set_int(o, "value", c->options[i].value);
		json_append(options, o);
	}
	json_set_str(j, "id", c->id);
	json_set_str(j, "title", c->title.text);
	json_set_int(j, "weight", c->weight);
	json_set(j, "options", options);
	return j;
}

static struct json *severity(struct arena *a, const struct regime_severity *s)
{
	struct json *j = json_object(a), *factors = json_array(a), *floors = json_array(a);
	for (ptrdiff_t i = 0; i < s->categories_count; i++)
		json_append(factors, factor(a, &s->categories[i]));
	for (ptrdiff_t i = 0; i < s->floors_count; i++) {
		struct json *f = json_object(a);
		json_set_str(f, "title", s->floors[i].reason);
		json_set_str(f, "band",
			     s->floors[i].at_least.len
				     ? s->floors[i].at_least
				     : arena_printf(a, "+%lld", (long long)s->floors[i].raise_bands));
		json_append(floors, f);
	}
	json_set_str(j, "model", s->model);
	json_set(j, "factors", factors);
	json_set(j, "floors", floors);
	return j;
}

static struct json *source_of(struct arena *a, const struct regime *r, const struct regime_origin *o)
{
	if (o->sources_count == 0)
		return NULL;
	struct json *j = json_object(a);
	str address = { 0 }, title = o->text;
	for (ptrdiff_t i = 0; i < r->sources_count && address.ptr == NULL; i++) {
		if (str_eq(r->sources[i].id, o->sources[0])) {
			address = r->sources[i].address.ptr ? r->sources[i].address : S("");
			title = r->sources[i].title;
		}
	}
	json_set_str(j, "text", title);
	text_or_null(j, "url", address);
	return j;
}

static str to_whom(const struct regime *r, const struct regime_duty *d, const struct regime_step *s)
{
	str to = s->to.len ? s->to : d->to;
	return str_eq(to, S("hub")) ? regime_title(r, r->hub) : regime_title(r, to);
}

/* One line for each step of each duty: the step is what has a time. */
static struct json *duty(struct arena *a, const struct regime *r, const struct regime_duty *d,
			 const struct regime_step *s)
{
	struct json *j = json_object(a);
	const struct regime_origin *origin = s->origin.text.len ? &s->origin : &d->origin;
	str from = s->deadline && s->deadline->kind == DEADLINE_ADD ? s->deadline->anchor.text : s->from.text;
	json_set_str(j, "id", arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(d->id), STR_ARG(s->id)));
	json_set_str(j, "title",
		     arena_printf(a, STR_FMT ": " STR_FMT, STR_ARG(d->title.text), STR_ARG(s->title.text)));
	json_set_str(j, "who", regime_ower_name(s->owes));
	json_set_str(j, "to", to_whom(r, d, s));
	json_set_str(j, "legal_status", regime_basis_name(s->status));
	json_set_str(j, "anchor", from);
	json_set_str(j, "deadline", step_words(a, s));
	json_set_bool(j, "assumed", origin->assumed);
	json_set(j, "source", source_of(a, r, origin));
	text_or_null(j, "assumption", origin->assume);
	return j;
}

static struct json *duties(struct arena *a, const struct regime *r)
{
	struct json *list = json_array(a);
	for (ptrdiff_t i = 0; i < r->duties_count; i++)
		for (ptrdiff_t k = 0; k < r->duties[i].steps_count; k++)
			json_append(list, duty(a, r, &r->duties[i], &r->duties[i].steps[k]));
	return list;
}

static struct reply *regime_get(struct request *rq)
{
	struct arena *a = rq->arena;
	const struct world *w = rq->node->world;
	str version = request_query(rq, "version");
	const struct regime *r = version.len ? regime_book_find(&w->book, version, NULL) : w->regime;
	struct err err = { 0 };
	if (r == NULL && str_eq(version, w->regime_id))
		r = w->regime;
	if (r == NULL) {
		(void)err_set(&err, ERR_MISSING, "version: this node never adopted that one");
		return reply_error(rq, &err);
	}
	struct json *j = json_object(a), *sectors = json_array(a), *classes = json_array(a),
		    *marking = json_object(a);
	struct json *provinces = json_array(a), *grades = json_array(a);
	for (ptrdiff_t i = 0; i < r->sectors_count; i++)
		append_ref(a, sectors, r->sectors[i].id, r->sectors[i].title.text);
	for (ptrdiff_t i = 0; i < r->org_classes_count; i++)
		append_ref(a, classes, r->org_classes[i].id, r->org_classes[i].title.text);
	for (ptrdiff_t i = 0; i < r->provinces_count; i++)
		append_ref(a, provinces, r->provinces[i].id, r->provinces[i].title.text);
	for (ptrdiff_t i = 0; i < r->cii.grades_count; i++)
		append_ref(a, grades, r->cii.grades[i].id, r->cii.grades[i].title.text);
	json_set_str(marking, "tlp", r->marking.tlp_default);
	json_set_str(j, "id", r->id);
	json_set_str(j, "title", r->title.text);
	json_set_str(j, "version", r->version);
	text_or_null(j, "notice", r->notice.text);
	json_set(j, "sources", sources(a, r));
	json_set(j, "sectors", sectors);
	json_set(j, "classes", classes);
	json_set(j, "provinces", provinces);
	json_set(j, "cii_grades", grades);
	json_set(j, "taxonomy", taxonomy(a));
	json_set(j, "bands", bands(a, r->severity));
	json_set(j, "severity", severity(a, r->severity));
	json_set(j, "marking", marking);
	json_set(j, "duties", duties(a, r));
	return reply_json(rq, 200, j);
}

static const struct field regime_query[] = {
	{ .name = "version",
	  .type = FIELD_TEXT,
	  .max = 200,
	  .doc = "id/version, as an incident names its own; without it that of today" },
	{ 0 },
};

const struct route regime_routes[] = {
	{ "GET", "/api/regime", PERM_FOLLOW, regime_get, "The regime: duties, severity, taxonomy", NULL,
	  regime_query, 0, "Regime", false },
};
const ptrdiff_t regime_routes_count = COUNTOF(regime_routes);
