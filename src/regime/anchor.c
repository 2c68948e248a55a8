#include "regime/schema.h"

bool regime_anchor_find(str name, enum regime_anchor *out_anchor)
{
	for (int i = 0; i < ANCHOR_COUNT; i++)
		if (str_eq(name, str_from(regime_anchor_names[i]))) {
			*out_anchor = (enum regime_anchor)i;
			return true;
		}
	return false;
}

str regime_anchor_name(enum regime_anchor anchor)
{
	ASSERT((unsigned)anchor < ANCHOR_COUNT);
	return str_from(regime_anchor_names[anchor]);
}

str regime_basis_name(enum regime_basis basis)
{
	return str_from(regime_basis_names[basis]);
}

str regime_ower_name(enum regime_ower ower)
{
	return str_from(regime_ower_names[ower]);
}

static bool parse_ref(str text, struct regime_anchor_ref *out_ref, struct err *err)
{
	str_cut_result dot = str_cut(text, '.');
	if (!dot.ok) {
		if (!regime_anchor_find(text, &out_ref->anchor))
			return err_set(err, ERR_INPUT, "there is no anchor \"" STR_FMT "\"",
			               STR_ARG(str_sub(text, 0, 60)));
		return true;
	}
	bool submitted = str_eq(dot.tail, S("submitted"));
	if (!submitted && !str_eq(dot.tail, S("received")))
		return err_set(err, ERR_INPUT, "a step is an anchor as " STR_FMT ".submitted or .received",
		               STR_ARG(str_sub(dot.head, 0, 60)));
	*out_ref = (struct regime_anchor_ref){ .of_step = true, .on_receipt = !submitted, .step = dot.head };
	return true;
}

/* aware | report.submitted | earliest(a,b,...) | latest(a,b,...) */
bool anchor_parse(struct arena *a, str text, struct regime_anchor_expr *out_expr, struct err *err)
{
	struct regime_anchor_expr expr = { .text = text };
	str list = text;
	expr.latest = str_starts(text, S("latest("));
	if (expr.latest || str_starts(text, S("earliest("))) {
		list = str_cut(text, '(').tail;
		if (!str_ends(list, S(")")))
			return err_set(err, ERR_INPUT, "\"" STR_FMT "\" lacks its closing bracket",
			               STR_ARG(str_sub(text, 0, 60)));
		list = str_sub(list, 0, list.len - 1);
	}
	struct regime_anchor_ref refs[8];
	for (bool more = true; more;) {
		str_cut_result cut = str_cut(list, ',');
		struct regime_anchor_ref ref = { 0 };
		if (!parse_ref(str_trim(cut.head), &ref, err))
			return false;
		if (expr.refs_count == COUNTOF(refs))
			return err_set(err, ERR_INPUT, "more than %td anchors in one expression",
			               COUNTOF(refs));
		refs[expr.refs_count++] = ref;
		more = cut.ok;
		list = cut.tail;
	}
	struct regime_anchor_ref *kept = NEW(a, struct regime_anchor_ref, expr.refs_count);
	memcpy(kept, refs, (size_t)expr.refs_count * sizeof(*refs));
	expr.refs = kept;
	*out_expr = expr;
	return true;
}
