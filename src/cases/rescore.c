#include "cases/rescore.h"

#include "cases/load.h"
#include "format/json.h"
#include "regime/regime.h"
#include "regime/severity.h"

typedef struct sql_case_incident_find_row row;

/* As what a person asked for when it was scored. */
static struct json *asked_again(struct arena *a, const struct json *kept)
{
	struct json *j = json_object(a);
	json_set(j, "factors", json_copy(a, json_get(kept, "factors")));
	json_set_bool(j, "life_safety", json_get_bool(kept, "life_safety"));
	json_set_str(j, "override_band", json_get_str(kept, "chosen"));
	return j;
}

/* One incident of its own; *changed: its band did. */
static bool follow(struct decision *d, const struct world *w, const struct rescore *r, const row *i,
		   str *band, bool *changed, struct err *err)
{
	const struct regime *rules = world_regime(w, i->regime);
	struct json *kept, *p = json_object(d->arena);
	struct severity_result out;
	*changed = false;
	*band = band_of(w, i);
	if (i->severity.len == 0)
		return true;
	if (!json_parse(d->arena, i->severity, (struct json_limits){ 0 }, &kept, err))
		return false;
	struct score_of of = { d->db, rules, r->incident, i->sector, asked_again(d->arena, kept), &r->news };
	if (!score_incident(&of, d->arena, &out, err))
		return false;
	str now = json_compact(d->arena, score_kept(d->arena, kept, &out));
	if (str_eq(now, i->severity))
		return true;
	struct json *fresh;
	if (!json_parse(d->arena, now, (struct json_limits){ 0 }, &fresh, err))
		return false;
	int rank = regime_band_rank(rules, json_get_str(fresh, "band"));
	json_set_str(p, "severity", now);
	json_set_int(p, "band", rank);
	json_set_str(p, "was", i->severity);
	json_set_str(p, "why", r->why);
	decision_add(d, draft_of("incident.scored", r->incident, i->team, (enum tlp)i->tlp, p));
	*changed = rank != i->band;
	*band = json_get_str(fresh, "band");
	return true;
}

static bool find(struct decision *d, struct uuid id, str team, row *out, bool *found, struct err *err)
{
	struct sql_case_incident_find of = { id, team };
	return sql_case_incident_find(d->db, d->arena, &of, out, found, err);
}

/* With its clocks. */
bool rescore_one(struct decision *d, const struct world *w, const struct rescore *r, struct err *err)
{
	struct clock_case cc;
	str band;
	row i;
	bool found = false, changed = false;
	if (!find(d, r->incident, r->team, &i, &found, err))
		return false;
	if (!found)
		return true;
	if (!follow(d, w, r, &i, &band, &changed, err))
		return false;
	if (!changed)
		return true;
	if (!clock_case_of(d, w, r->incident, &i, &cc, err))
		return false;
	cc.band = band;
	cc.why = S("severity followed");
	return clocks_plan(d, w, &cc, err);
}

/* The others of the campaign, whose sectors it counts among. */
static bool follow_campaign(struct decision *d, const struct world *w, const struct rescore *r,
			    struct err *err)
{
	struct sql_case_campaign_row *rows;
	ptrdiff_t count;
	if (!sql_case_campaign(d->db, d->arena, &(struct sql_case_campaign){ .incident = r->incident }, &rows,
			       &count, err))
		return false;
	for (ptrdiff_t n = 0; n < count; n++) {
		struct rescore one = *r;
		one.incident = rows[n].id;
		one.news.joined_own = one.news.only_own = one.news.only_apart = false;
		if (r->news.only_own) {
			one.news.apart = r->family;
			one.news.apart_count = r->family_count;
		}
		if (!rescore_one(d, w, &one, err))
			return false;
	}
	return true;
}

bool rescore_case(struct decision *d, const struct world *w, const struct rescore *r, str *band,
		  struct err *err)
{
	row i;
	bool found = false, changed;
	if (!find(d, r->incident, r->team, &i, &found, err))
		return false;
	if (!found)
		return true;
	if (!uuid_is_nil(i.root)) {
		struct rescore root = *r;
		root.incident = root.news.incident = i.root;
		return rescore_whole(d, w, &root, err);
	}
	return follow(d, w, r, &i, band, &changed, err) && follow_campaign(d, w, r, err);
}

bool rescore_whole(struct decision *d, const struct world *w, const struct rescore *r, struct err *err)
{
	return rescore_one(d, w, r, err) && follow_campaign(d, w, r, err);
}
