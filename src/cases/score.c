#include "cases/score.h"

#include "cases_sql.h"
#include "format/json.h"
#include "regime/regime.h"
#include "regime/severity.h"

enum { ANSWERS_MAX = 32 };

static bool same_sector(const struct sql_case_hit_row *rows, ptrdiff_t before, str sector)
{
	for (ptrdiff_t i = 0; i < before; i++)
		if (str_eq(rows[i].sector, sector))
			return true;
	return false;
}

/* The floors ask for one party: the one of the highest grade, A before B.  A case over several sectors is a
 * campaign. */
static bool who_is_hit(const struct score_of *s, struct arena *a, struct severity_input *in, struct err *err)
{
	struct sql_case_hit_row *rows;
	ptrdiff_t count;
	in->party.sector = s->sector;
	if (!sql_case_hit(s->db, a, &(struct sql_case_hit){ .incident = s->incident }, &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		str grade = rows[i].cii;
		if (rows[i].sector.len && !same_sector(rows, i, rows[i].sector))
			in->campaign_sectors++;
		if (grade.len == 0 || (in->party.cii && str_cmp(grade, in->party.cii_grade) >= 0))
			continue;
		in->party.cii = true;
		in->party.cii_grade = grade;
		in->party.org_class = rows[i].class;
		in->party.province = rows[i].province;
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
