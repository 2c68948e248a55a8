#include "regime/check.h"

#include "format/json.h"
#include "regime/plan.h"

struct regime_tally regime_count(const struct regime *r)
{
	struct regime_tally t = { .duties = r->duties_count };
	for (ptrdiff_t i = 0; i < r->duties_count; i++) {
		const struct regime_duty *duty = &r->duties[i];
		for (ptrdiff_t k = 0; k < duty->steps_count; k++) {
			const struct regime_origin *o = &duty->steps[k].origin;
			bool assumed = o->assumed || duty->origin.assumed;
			t.steps++;
			t.assumed += assumed;
			t.weak += !assumed && o->weak;
			t.sourced += !assumed && !o->weak;
		}
	}
	return t;
}

static void write_text(struct buf *out, str name, const struct regime_problems *problems,
                       const struct regime *r)
{
	for (ptrdiff_t i = 0; i < problems->count; i++) {
		const struct regime_problem *p = &problems->items[i];
		buf_printf(out, STR_FMT ":%d:%d: %s: " STR_FMT "\n", STR_ARG(name), p->line, p->column,
		           p->is_error ? "error" : "warning", STR_ARG(p->text));
	}
	if (r == NULL) {
		buf_printf(out, STR_FMT ": %td errors: this regime cannot be used\n", STR_ARG(name),
		           problems->errors);
		return;
	}
	struct regime_tally t = regime_count(r);
	buf_printf(out, STR_FMT ": " STR_FMT " " STR_FMT ": ", STR_ARG(name), STR_ARG(r->id),
	           STR_ARG(r->version));
	buf_printf(out, "%td duties with %td steps: %td sourced, %td on weak sources, %td assumed; ",
	           t.duties,
	           t.steps, t.sourced, t.weak, t.assumed);
	buf_printf(out, "%td teams, %td seats\n", r->teams_count, r->council.seats_count);
}

static void write_json(struct buf *out, struct arena *tmp, str name, const struct regime_problems *problems,
                       const struct regime *r)
{
	struct json *j = json_object(tmp), *list = json_array(tmp);
	for (ptrdiff_t i = 0; i < problems->count; i++) {
		const struct regime_problem *p = &problems->items[i];
		struct json *one = json_object(tmp);
		json_set_int(one, "line", p->line);
		json_set_int(one, "column", p->column);
		json_set_str(one, "severity", p->is_error ? S("error") : S("warning"));
		json_set_str(one, "text", p->text);
		json_append(list, one);
	}
	json_set_str(j, "file", name);
	json_set_bool(j, "usable", r != NULL);
	json_set_int(j, "errors", problems->errors);
	json_set(j, "problems", list);
	if (r != NULL) {
		struct regime_tally t = regime_count(r);
		json_set_str(j, "id", r->id);
		json_set_str(j, "version", r->version);
		json_set_int(j, "duties", t.duties);
		json_set_int(j, "steps", t.steps);
		json_set_int(j, "sourced", t.sourced);
		json_set_int(j, "weak", t.weak);
		json_set_int(j, "assumed", t.assumed);
	}
	buf_add(out, json_pretty(tmp, j));
	buf_add_char(out, '\n');
}

bool regime_check(str yaml_text, str name, bool json, struct arena *tmp, struct buf *out)
{
	struct regime_problems problems;
	const struct regime *r = NULL;
	struct err err = { 0 };
	bool ok = regime_load(tmp, yaml_text, name, &problems, &r, &err);
	if (json)
		write_json(out, tmp, name, &problems, r);
	else
		write_text(out, name, &problems, r);
	return ok;
}
