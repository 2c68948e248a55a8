#include "cases/world.h"

#include "base/text.h"
#include "cases_sql.h"
#include "format/json.h"
#include "model/number.h"

enum { NUMBER_TRIES = 8 };

bool world_free_number(const struct world *w, const struct number_source *from, str *out_number,
		       struct err *err)
{
	int year = instant_civil(from->now, 0).year;
	for (int i = 0; i < NUMBER_TRIES; i++) {
		uint8_t random[5];
		struct sql_case_number_taken_row row;
		bool taken = false;
		from->rng->fill(from->rng, random, sizeof(random));
		str number = number_make(from->arena, w->prefix, year, random);
		if (!sql_case_number_taken(from->db, from->arena,
					   &(struct sql_case_number_taken){ .number = number }, &row, &taken,
					   err))
			return false;
		if (!taken) {
			*out_number = number;
			return true;
		}
	}
	return err_set(err, ERR_SYSTEM, "no free number in %d tries: the random source is broken",
		       NUMBER_TRIES);
}

bool world_new_number(const struct world *w, struct decision *d, str *out_number, struct err *err)
{
	struct number_source from = { d->db, d->arena, d->rng, d->now };
	return world_free_number(w, &from, out_number, err);
}

const struct regime *world_regime(const struct world *w, str of_case)
{
	return regime_book_find(&w->book, of_case, w->regime);
}

str world_desk(const struct world *w, str team)
{
	for (ptrdiff_t i = 0; i < w->desk_count; i++)
		if (str_eq(w->desks[i].team, team))
			return w->desks[i].address;
	return S("");
}

str world_new_token(struct decision *d)
{
	uint8_t token[15];
	int64_t seconds = d->now.us / 1000000;
	for (int i = 4; i >= 0; i--, seconds >>= 8)
		token[i] = (uint8_t)seconds;
	d->rng->fill(d->rng, token + 5, sizeof(token) - 5);
	return text_base32(d->arena, (str){ (const char *)token, sizeof(token) });
}

str world_claim_code(const struct world *w, struct arena *a, struct uuid report)
{
	struct hash256 h;
	hash_hmac_sha256(w->secret, uuid_bytes(&report), h.b);
	return text_base32(a, (str){ (const char *)h.b, 10 });
}

struct hash256 world_claim_hash(str code)
{
	struct hash256 h;
	hash_sha256(code, h.b);
	return h;
}

bool world_content(struct decision *d, struct uuid id, struct json **out_body, struct err *err)
{
	struct sql_case_content_find_row row;
	bool found = false;
	if (!sql_case_content_find(d->db, d->arena, &(struct sql_case_content_find){ .id = id }, &row, &found,
				   err))
		return false;
	struct json *body = NULL;
	if (found && !json_parse(d->arena, row.body, (struct json_limits){ 0 }, &body, err))
		return false;
	*out_body = body;
	return true;
}

struct draft draft_of(const char *kind, struct uuid subject, str team, enum tlp tlp, struct json *payload)
{
	return (struct draft){ .kind = kind,
			       .subject = subject,
			       .owner = team,
			       .audience = SCOPE_CORE,
			       .tlp = (int)tlp,
			       .payload = payload };
}

struct uuid world_explain(struct decision *d, str team, enum tlp tlp, struct uuid incident,
			  struct uuid report, str text)
{
	struct json *p = json_object(d->arena), *words = json_object(d->arena);
	struct uuid id = decision_new_id(d);
	json_set_uuid(p, "incident", incident);
	json_set_uuid(p, "report", report);
	json_set_str(words, "text", text);
	struct draft comment = draft_of("comment.added", id, team, tlp, p);
	comment.audience = SCOPE_ANNEX;
	comment.content = words;
	decision_add(d, comment);
	return id;
}
