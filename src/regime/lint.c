#include "regime/schema.h"

struct place {
	unsigned space;
	bool in_severity;               /* offsets are into regime->severity */
	size_t offset, count_offset, stride;    /* of items that begin with their id */
	const char *const *names;       /* or fixed words */
};

static const char *const role_names[] = { "parent", "hub", "party", "any", NULL };
static const char *const flag_names[] = { "ongoing", NULL };

#define IN_REGIME(space, type, member) \
	{ (space), false, offsetof(struct regime, member), offsetof(struct regime, member##_count), \
	  sizeof(type) }
#define IN_SEVERITY(space, type, member) \
	{ (space), true, offsetof(struct regime_severity, member), \
	  offsetof(struct regime_severity, member##_count), sizeof(type) }

static const struct place places[] = {
	IN_REGIME(SPACE_SOURCE, struct regime_source, sources),
	IN_REGIME(SPACE_CALENDAR, struct regime_calendar, calendars),
	IN_REGIME(SPACE_TIER, struct regime_tier, tiers),
	IN_REGIME(SPACE_SECTOR, struct regime_named, sectors),
	IN_REGIME(SPACE_PROVINCE, struct regime_named, provinces),
	IN_REGIME(SPACE_ORG_CLASS, struct regime_org_class, org_classes),
	IN_REGIME(SPACE_ORG_KIND, struct regime_named, org_kinds),
	IN_REGIME(SPACE_ADDRESSEE, struct regime_named, addressees),
	IN_REGIME(SPACE_FLAG, struct regime_flag, flags),
	IN_REGIME(SPACE_TEAM, struct regime_team, teams),
	IN_REGIME(SPACE_GRADE, struct regime_named, cii.grades),
	IN_REGIME(SPACE_STATE, str, lifecycle.states),
	IN_REGIME(SPACE_CLASSIFICATION, str, marking.classifications),
	IN_REGIME(SPACE_RELEASE, str, marking.source_releases),
	IN_REGIME(SPACE_LANGUAGE, struct regime_language, languages),
	IN_SEVERITY(SPACE_BAND, struct regime_band, bands),
	IN_SEVERITY(SPACE_CATEGORY, struct regime_category, categories),
	{ .space = SPACE_TEAM_KIND, .names = regime_team_kind_names },
	{ .space = SPACE_TLP, .names = regime_tlp_names },
	{ .space = SPACE_ROLE, .names = role_names },
	{ .space = SPACE_FLAG, .names = flag_names },
};

/* The i-th id of a place; false past the end. */
static bool place_id(const struct regime *r, const struct place *p, ptrdiff_t i, str *out_id)
{
	if (p->names != NULL) {
		*out_id = str_from(p->names[i]);
		return p->names[i] != NULL;
	}
	const char *base = p->in_severity ? (const char *)r->severity : (const char *)r;
	const char *items;
	ptrdiff_t count;
	if (base == NULL)
		return false;
	memcpy(&items, base + p->offset, sizeof(items));
	memcpy(&count, base + p->count_offset, sizeof(count));
	if (i >= count)
		return false;
	memcpy(out_id, items + i * (ptrdiff_t)p->stride, sizeof(*out_id));
	return true;
}

bool space_has(const struct loader *l, unsigned spaces, str id)
{
	str have;
	for (ptrdiff_t p = 0; p < COUNTOF(places); p++) {
		bool asked = places[p].space & spaces;
		for (ptrdiff_t i = 0; asked && place_id(l->regime, &places[p], i, &have); i++)
			if (str_eq(have, id))
				return true;
	}
	return false;
}

str space_nearest(const struct loader *l, unsigned spaces, str id)
{
	str have, nearest = { 0 };
	int best = 3;
	for (ptrdiff_t p = 0; p < COUNTOF(places); p++) {
		bool asked = places[p].space & spaces;
		for (ptrdiff_t i = 0; asked && place_id(l->regime, &places[p], i, &have); i++) {
			int distance = word_distance(id, have);
			if (distance >= best)
				continue;
			best = distance;
			nearest = have;
		}
	}
	return nearest;
}

/* Optimal string alignment: insertions, deletions, changes, and two neighbours swapped. */
int word_distance(str a, str b)
{
	enum { LONGEST = 40, FAR = 9 };
	int rows[3][LONGEST + 1];
	if (a.len > LONGEST || b.len > LONGEST || a.len - b.len > 2 || b.len - a.len > 2)
		return FAR;
	for (int j = 0; j <= (int)b.len; j++)
		rows[0][j] = j;
	for (int i = 1; i <= (int)a.len; i++) {
		int *now = rows[i % 3], *one = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
		now[0] = i;
		for (int j = 1; j <= (int)b.len; j++) {
			int change = one[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
			now[j] = MIN(change, MIN(one[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
				now[j] = MIN(now[j], two[j - 2] + 1);
		}
	}
	return MIN(rows[a.len % 3][b.len], FAR);
}

static str space_noun(unsigned spaces)
{
	static const struct { unsigned spaces; const char *noun; } nouns[] = {
		{ SPACE_TEAM, "team" }, { SPACE_ADDRESSEE, "addressee" }, { SPACE_TIER, "tier" },
		{ SPACE_SECTOR, "sector" }, { SPACE_PROVINCE, "province" },
			{ SPACE_ORG_CLASS, "organisation class" },
		{ SPACE_ORG_KIND, "organisation kind" }, { SPACE_FLAG, "flag" }, { SPACE_BAND, "band" },
		{ SPACE_CATEGORY, "category" }, { SPACE_GRADE, "grade" }, { SPACE_STATE, "lifecycle state" },
		{ SPACE_CLASSIFICATION, "classification" }, { SPACE_RELEASE, "source release" },
		{ SPACE_CALENDAR, "calendar" }, { SPACE_TEAM_KIND, "team kind" }, { SPACE_TLP, "TLP label" },
		{ SPACE_LANGUAGE, "language" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(nouns); i++)
		if (nouns[i].spaces & spaces)
			return str_from(nouns[i].noun);
	return S("entry");
}

static void lint_ref(struct loader *l, const struct field *f, const struct yaml *y)
{
	if (y->kind != YAML_SCALAR || space_has(l, f->spaces, y->text))
		return;
	str nearest = space_nearest(l, f->spaces, y->text), noun = space_noun(f->spaces);
	str id = str_sub(y->text, 0, 60);
	if (nearest.len)
		wrong(l, y, "there is no " STR_FMT " \"" STR_FMT "\": did you mean \"" STR_FMT "\"?",
		      STR_ARG(noun), STR_ARG(id), STR_ARG(nearest));
	else
		wrong(l, y, "there is no " STR_FMT " \"" STR_FMT "\"", STR_ARG(noun), STR_ARG(id));
}

static void lint_label(struct loader *l, const struct yaml *y)
{
	const struct regime *r = l->regime;
	if (y->kind != YAML_MAP || r->languages_count == 0)
		return;
	if (y->first != NULL && !str_eq(y->first->key, r->languages[0].id))
		problem_add(l, y->first->key_at, true, "the first language has to be \"" STR_FMT "\"",
		            STR_ARG(r->languages[0].id));
	for (const struct yaml *m = y->first; m != NULL; m = m->next)
		if (!space_has(l, SPACE_LANGUAGE, m->key))
			problem_add(l, m->key_at, true, "there is no language \"" STR_FMT "\"",
			            STR_ARG(str_sub(m->key, 0, 60)));
}

/* The first item of a list; NULL if it is absent or no list. */
static const struct yaml *items_of(const struct yaml *y)
{
	return y != NULL && y->kind == YAML_LIST ? y->first : NULL;
}

static bool duty_has_step(const struct loader *l, str id)
{
	for (const struct yaml *s = items_of(l->steps); s != NULL; s = s->next) {
		const struct yaml *have = yaml_get(s, S("id"));
		if (have != NULL && have->kind == YAML_SCALAR && str_eq(have->text, id))
			return true;
	}
	return false;
}

static void lint_anchor(struct loader *l, const struct yaml *y)
{
	struct regime_anchor_expr expr;
	struct err err = { 0 };
	if (y->kind != YAML_SCALAR || !anchor_parse(l->arena, y->text, &expr, &err))
		return;                         /* said when it was loaded */
	for (ptrdiff_t i = 0; i < expr.refs_count; i++)
		if (expr.refs[i].of_step && !duty_has_step(l, expr.refs[i].step))
			wrong(l, y, "this duty has no step \"" STR_FMT "\"",
			      STR_ARG(str_sub(expr.refs[i].step, 0, 60)));
}

static void lint_field(struct loader *l, const struct field *f, const struct yaml *y)
{
	const struct yaml *item = items_of(y);
	switch (f->kind) {
	case FIELD_REF:
	case FIELD_REFS:
		lint_ref(l, f, y);
		for (; item != NULL; item = item->next)
			lint_ref(l, f, item);
		break;
	case FIELD_LABEL:
		lint_label(l, y);
		break;
	case FIELD_ANCHOR:
		lint_anchor(l, y);
		break;
	case FIELD_INSIDE:
	case FIELD_RECORD:
	case FIELD_RECORD_PTR:
	case FIELD_DEADLINE_PTR:
		lint_references(l, f->record, y);
		break;
	case FIELD_RECORDS:
		for (; item != NULL; item = item->next)
			lint_references(l, f->record, item);
		break;
	case FIELD_STR: case FIELD_ID: case FIELD_STRS: case FIELD_INT: case FIELD_BOOL: case FIELD_TRUTH:
	case FIELD_ENUM: case FIELD_EVENT: case FIELD_DATE: case FIELD_DATE_TEXT: case FIELD_REMINDERS:
	case FIELD_WEEKDAYS:
		break;
	}
}

/* Depth is that of the tree, which yaml_parse limits. */
void lint_references(struct loader *l, const struct record *record, const struct yaml *y)
{
	if (y->kind != YAML_MAP)
		return;
	if (record == &schema_duty)
		l->steps = yaml_get(y, S("steps"));
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		const struct field *f = record_field(record, m->key);
		if (f != NULL)
			lint_field(l, f, m);
	}
	if (record == &schema_duty)
		l->steps = NULL;
}

static bool names(const str *list, ptrdiff_t count, str id)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (str_eq(list[i], id))
			return true;
	return false;
}

/* Follows parent or route_via; a chain longer than the list of teams is a ring. */
static bool leads_round(const struct regime *r, const struct regime_team *t, size_t member)
{
	for (ptrdiff_t steps = 0; t != NULL; steps++) {
		str next;
		memcpy(&next, (const char *)t + member, sizeof(next));
		if (steps > r->teams_count)
			return true;
		t = next.len ? regime_team_find(r, next) : NULL;
	}
	return false;
}

static void lint_team(struct loader *l, const struct yaml *y, const struct regime_team *t)
{
	const struct regime *r = l->regime;
	const struct regime_team *body = t->acting_body.len ? regime_team_find(r, t->acting_body) : NULL;
	if (body == t && body != NULL)
		wrong(l, y, "a team cannot act for itself");
	else if (body != NULL && !names(body->acts_as, body->acts_as_count, t->id))
		wrong(l, y, "\"" STR_FMT "\" does not say in acts_as that it acts for this team",
		      STR_ARG(body->id));
	if (body != NULL && body->acting_body.len)
		wrong(l, y, "the acting body of this team is itself acted for");
	for (ptrdiff_t i = 0; i < t->acts_as_count; i++) {
		const struct regime_team *other = regime_team_find(r, t->acts_as[i]);
		if (other != NULL && !str_eq(other->acting_body, t->id))
			wrong(l, y, "\"" STR_FMT "\" does not name this team as its acting_body",
			      STR_ARG(other->id));
	}
	if (leads_round(r, t, offsetof(struct regime_team, parent)))
		wrong(l, y, "the parents of this team lead round in a ring");
	if (leads_round(r, t, offsetof(struct regime_team, route_via)))
		wrong(l, y, "the route of this team leads round in a ring");
}

/* What goes up has to arrive, also where one team acts for another.  Only once every reference resolves. */
static void lint_ascent(struct loader *l, const struct yaml *y, const struct regime_team *t)
{
	ptrdiff_t steps = 0;
	for (const struct regime_team *at = t; at != NULL && steps <= l->regime->teams_count; steps++)
		at = regime_team_above(l->regime, at);
	if (steps > l->regime->teams_count)
		wrong(l, y, "what this team sends up never arrives at the hub");
}

/* One team a sector and a province, or routing would depend on the order of the file. */
static void lint_rivals(struct loader *l, const struct yaml *y, ptrdiff_t at)
{
	const struct regime_team *t = &l->regime->teams[at];
	for (ptrdiff_t i = 0; i < at; i++) {
		const struct regime_team *o = &l->regime->teams[i];
		if (o->kind != t->kind)
			continue;
		if ((t->kind == TEAM_SECTORAL_CERT && t->sector.len && str_eq(o->sector, t->sector))
		    || (t->kind == TEAM_PROVINCIAL_CERT && t->province.len
		        && str_eq(o->province, t->province)))
			wrong(l, y, "\"" STR_FMT "\" already answers for the same constituency",
			      STR_ARG(o->id));
	}
}

static void cite(const struct regime *r, bool *cited, const struct yaml *id)
{
	for (ptrdiff_t i = 0; id->kind == YAML_SCALAR && i < r->sources_count; i++)
		cited[i] |= str_eq(r->sources[i].id, id->text);
}

static void collect_cited(const struct regime *r, bool *cited, const struct yaml *y)
{
	for (const struct yaml *m = y->first; m != NULL; m = m->next) {
		if (m->key.ptr == NULL || !str_eq(m->key, S("src"))) {
			collect_cited(r, cited, m);
			continue;
		}
		cite(r, cited, m);
		for (const struct yaml *id = m->first; id != NULL; id = id->next)
			cite(r, cited, id);
	}
}

static void lint_sources(struct loader *l, const struct yaml *root)
{
	bool *cited = NEW(l->arena, bool, l->regime->sources_count);
	collect_cited(l->regime, cited, root);
	ptrdiff_t i = 0;
	for (const struct yaml *y = items_of(yaml_get(root, S("sources"))); y != NULL; y = y->next, i++)
		if (!cited[i])
			problem_add(l, y->at, false, "nothing cites the source \"" STR_FMT "\"",
			            STR_ARG(str_sub(l->regime->sources[i].id, 0, 60)));
}

/* A team's numbers begin with the regime's prefix for the hub, else with jurisdiction and id: PK-TELECOM. */
static void complete_prefix(struct loader *l, struct regime_team *t)
{
	const struct regime *r = l->regime;
	if (t->number_prefix.len)
		return;
	if (str_eq(t->id, r->hub)) {
		t->number_prefix = r->number_prefix;
		return;
	}
	str jurisdiction = str_cut(r->jurisdiction, '-').head;
	char *p = NEW(l->arena, char, jurisdiction.len + 1 + t->id.len + 1);
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < jurisdiction.len; i++)
		p[n++] = jurisdiction.ptr[i];
	p[n++] = '-';
	for (ptrdiff_t i = 0; i < t->id.len; i++) {
		char c = t->id.ptr[i];
		p[n++] = c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
	}
	t->number_prefix = (str){ p, n };
}

void lint_whole(struct loader *l, const struct yaml *root)
{
	const struct yaml *teams = items_of(yaml_get(root, S("teams")));
	ptrdiff_t i = 0;
	for (const struct yaml *y = teams; y != NULL; y = y->next, i++) {
		/* Ours until the regime is handed out. */
		complete_prefix(l, (struct regime_team *)(uintptr_t)&l->regime->teams[i]);
		lint_team(l, y, &l->regime->teams[i]);
		lint_rivals(l, y, i);
	}
	i = 0;
	for (const struct yaml *y = l->problems->errors == 0 ? teams : NULL; y != NULL; y = y->next)
		lint_ascent(l, y, &l->regime->teams[i++]);
	lint_sources(l, root);
}
