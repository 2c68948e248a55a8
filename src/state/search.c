#include "state/search.h"

#include "format/json.h"
#include "search_sql.h"

enum { WORDS_MAX = 12, WORD_BYTES_MIN = 3, WORD_BYTES_MAX = 40 };

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

ptrdiff_t search_words(struct arena *a, str text, str *out_words, ptrdiff_t max)
{
	str lower = arena_dup(a, text);
	char *p = (char *)(uintptr_t)lower.ptr;
	ptrdiff_t count = 0;
	for (ptrdiff_t i = 0; i < lower.len; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + ('a' - 'A'));
	for (ptrdiff_t i = 0, from = 0; i <= lower.len; i++) {
		if (i < lower.len && word_char(lower.ptr[i]))
			continue;
		str word = str_sub(lower, from, i);
		if (word.len >= WORD_BYTES_MIN && word.len <= WORD_BYTES_MAX && count < max)
			out_words[count++] = word;
		from = i + 1;
	}
	return count;
}

struct target {
	struct db *db;
	struct arena *tmp;
	struct uuid subject;
	struct sql_search_teams_of_row *teams;
	ptrdiff_t count;
	bool forget;
};

static bool drop(const struct target *t, str value, struct err *err)
{
	for (ptrdiff_t i = 0; value.len && i < t->count; i++)
		if (!sql_search_forget(t->db,
				       &(struct sql_search_forget){ .subject = t->subject,
								    .team = t->teams[i].team,
								    .value = value,
								    .at = t->teams[i].received },
				       err))
			return false;
	return true;
}

static bool add(const struct target *t, str value, struct err *err)
{
	if (t->forget)
		return drop(t, value, err);
	for (ptrdiff_t i = 0; value.len && i < t->count; i++)
		if (!sql_search_store(t->db,
				      &(struct sql_search_store){ .team = t->teams[i].team,
								  .value = value,
								  .at = t->teams[i].received,
								  .subject = t->subject,
								  .kind = t->teams[i].kind },
				      err))
			return false;
	return true;
}

static bool add_words(const struct target *t, str text, struct err *err)
{
	str words[WORDS_MAX];
	ptrdiff_t n = search_words(t->tmp, text, words, WORDS_MAX);
	for (ptrdiff_t i = 0; i < n; i++)
		if (!add(t, words[i], err))
			return false;
	return true;
}

static bool add_observables(const struct target *t, const struct json *list, struct err *err)
{
	for (ptrdiff_t i = 0; i < json_count(list); i++)
		if (!add(t, json_get_str(json_at(list, i), "value"), err))
			return false;
	return true;
}

/* All but the number, which is no word of anybody's. */
static bool walk(const struct target *t, const struct json *payload, struct err *err)
{
	return add_words(t, json_get_str(payload, "title"), err) &&
	       add(t, json_get_str(payload, "reporter_contact"), err) &&
	       add_observables(t, json_get(payload, "observables"), err);
}

bool search_forget_words(struct db *db, struct arena *tmp, struct uuid subject, const struct json *payload,
			 struct err *err)
{
	struct target t = { .db = db, .tmp = tmp, .subject = subject, .forget = true };
	return sql_search_teams_of(db, tmp, &(struct sql_search_teams_of){ .subject = subject }, &t.teams,
				   &t.count, err) &&
	       walk(&t, payload, err);
}

bool search_reads(const struct entry *e)
{
	return str_eq(e->kind, S("report.content")) || str_eq(e->kind, S("incident.content")) ||
	       str_eq(e->kind, S("access.granted"));
}

bool search_entry(struct db *db, struct arena *tmp, const struct entry *e, const struct json *payload,
		  struct err *err)
{
	if (str_eq(e->kind, S("access.granted")))
		return sql_search_share(db,
					&(struct sql_search_share){ .subject = e->subject,
								    .team = json_get_str(payload, "team"),
								    .owner = e->owner },
					err);
	if (!search_reads(e) || payload == NULL)
		return true;
	struct target t = { .db = db, .tmp = tmp, .subject = e->subject };
	if (!sql_search_teams_of(db, tmp, &(struct sql_search_teams_of){ .subject = e->subject }, &t.teams,
				 &t.count, err))
		return false;
	return (t.count == 0 || add(&t, t.teams[0].number, err)) && walk(&t, payload, err);
}
