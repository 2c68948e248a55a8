#include "cases/score.h"

#include "cases_sql.h"
#include "format/json.h"
#include "regime/regime.h"
#include "regime/severity.h"

enum { ANSWERS_MAX = 32 };

typedef struct sql_case_hit_row hit;

struct hits {
	hit *at;
	ptrdiff_t count;
};

static bool is_among(struct uuid id, const struct uuid *ids, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (uuid_eq(ids[i], id))
			return true;
	return false;
}

static bool read_hits(const struct score_of *s, struct arena *a, struct hits *out, struct err *err)
{
	const struct score_news *n = s->news;
	hit *own, *more = NULL;
	ptrdiff_t own_count, more_count = 0;
	if (!sql_case_hit(s->db, a, &(struct sql_case_hit){ .incident = s->incident }, &own, &own_count, err))
		return false;
	if (n && !uuid_is_nil(n->joined) &&
	    !sql_case_hit(s->db, a, &(struct sql_case_hit){ .incident = n->joined }, &more, &more_count, err))
		return false;
	out->at = NEW(a, hit, own_count + more_count + (n ? n->fresh_count : 0));
	out->count = own_count;
	for (ptrdiff_t i = 0; i < own_count; i++)
		out->at[i] = own[i];
	for (ptrdiff_t i = 0; i < more_count; i++) {
		more[i].own = more[i].own && n->joined_own;
		out->at[out->count++] = more[i];
	}
	return true;
}

static bool add_fresh(const struct score_of *s, const struct known_party *p, struct arena *a,
		      struct hits *out, struct err *err)
{
	struct sql_case_organisation_find_row org;
	bool found = false;
	if (!str_eq(p->role, S("affected")) || uuid_is_nil(p->organisation))
		return true;
	struct sql_case_organisation_find of = { .id = p->organisation };
	if (!sql_case_organisation_find(s->db, a, &of, &org, &found, err))
		return false;
	if (found)
		out->at[out->count++] = (hit){ .party = p->id,
					       .incident = s->news->incident,
					       .own = uuid_eq(s->incident, s->news->incident),
					       .class = org.class,
					       .sector = org.sector,
					       .province = org.province,
					       .cii = org.cii };
	return true;
}

/* S1, with what this decision changes: does it count, and is it the incident's own? */
static bool counts(const struct score_news *n, hit *h)
{
	bool spoken = n && uuid_eq(n->fact_party, h->party);
	if (str_eq(spoken ? n->fact_value : h->affected, S("no")))
		return false;
	if (n == NULL)
		return true;
	bool stays = is_among(h->incident, n->apart, n->apart_count) == n->only_apart;
	h->own = stays && (h->own || n->only_apart);
	return !is_among(h->party, n->gone, n->gone_count) && (h->own || !n->only_own) &&
	       (stays || n->apart_campaign);
}

/* Those that count, first. */
static void keep_counting(struct hits *all, const struct score_news *n)
{
	ptrdiff_t kept = 0;
	for (ptrdiff_t i = 0; i < all->count; i++)
		if (counts(n, &all->at[i]))
			all->at[kept++] = all->at[i];
	all->count = kept;
}

static bool same_sector(const struct hits *all, ptrdiff_t before)
{
	for (ptrdiff_t i = 0; i < before; i++)
		if (str_eq(all->at[i].sector, all->at[before].sector))
			return true;
	return false;
}

/* The floors ask for one party: the one of the highest grade, A before B. */
static bool who_is_hit(const struct score_of *s, struct arena *a, struct severity_input *in, struct err *err)
{
	const struct score_news *n = s->news;
	struct hits all;
	in->party.sector = s->sector;
	if (!read_hits(s, a, &all, err))
		return false;
	for (ptrdiff_t i = 0; n && i < n->fresh_count; i++)
		if (!add_fresh(s, &n->fresh[i], a, &all, err))
			return false;
	keep_counting(&all, n);
	for (ptrdiff_t i = 0; i < all.count; i++) {
		const hit *h = &all.at[i];
		if (h->sector.len && !same_sector(&all, i))
			in->campaign_sectors++;
		if (!h->own || h->cii.len == 0 ||
		    (in->party.cii && str_cmp(h->cii, in->party.cii_grade) >= 0))
			continue;
		in->party.cii = true;
		in->party.cii_grade = h->cii;
		in->party.org_class = h->class;
		in->party.province = h->province;
	}
	return true;
}

bool score_incident(const struct score_of *s, struct arena *a, struct severity_result *out, struct err *err)
{
	struct severity_answer answers[ANSWERS_MAX];
	struct severity_input in = { .answers = answers,
				     .life_safety = json_get_bool(s->asked, "life_safety") };
	struct json_member m = { 0 };
	while (json_next(json_get(s->asked, "factors"), &m)) {
		if (in.answers_count == ANSWERS_MAX)
			return err_set(err, ERR_LIMIT, "factors: more than the regime has");
		answers[in.answers_count++] = (struct severity_answer){ str_from(m.key), json_str(m.value) };
	}
	if (s->regime->severity->categories_count == 0)
		in.chosen_band = json_get_str(s->asked, "override_band");
	return who_is_hit(s, a, &in, err) && regime_score(s->regime, &in, a, out, err);
}

struct json *score_kept(struct arena *a, const struct json *base, const struct severity_result *r)
{
	struct json *kept = json_object(a);
	str override = json_get_str(base, "override"), chosen = json_get_str(base, "chosen");
	json_set(kept, "factors", json_copy(a, json_get(base, "factors")));
	json_set_int(kept, "low", r->low);
	json_set_int(kept, "score", r->provisional);
	json_set_int(kept, "high", r->high);
	json_set_bool(kept, "provisional", r->scored && !r->complete);
	json_set_str(kept, "band", override.len ? override : r->band->id);
	json_set_str(kept, "computed", r->band->id);
	json_set_str(kept, "band_low", r->band_low->id);
	json_set_str(kept, "band_high", r->band_high->id);
	json_set_str(kept, "override", override.len ? override : S(""));
	json_set_str(kept, "chosen", chosen.len ? chosen : S(""));
	json_set_uuid(kept, "by", json_get_uuid(base, "by"));
	json_set_instant(kept, "at", json_get_instant(base, "at"));
	json_set_uuid(kept, "reason", json_get_uuid(base, "reason"));
	json_set_bool(kept, "life_safety", json_get_bool(base, "life_safety"));
	if (r->floors_count) {
		const struct severity_floor_hit *last = &r->floors[r->floors_count - 1];
		json_set_str(kept, "floor", last->floor->id);
		json_set_str(kept, "floor_band", last->to->id);
	}
	return kept;
}
