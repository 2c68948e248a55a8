#include "state/search.h"

#include <stdlib.h>
#include "base/text.h"
#include "crypto/hash.h"
#include "format/json.h"
#include "search_sql.h"

enum { WORD_BYTES_MIN = 2, WORD_BYTES_MAX = 40, STRETCH = 20000, LABELS_MAX = 8 };

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

/* Words of one document: 64 bits of SHA-256 over team, NUL, word. */
struct hashes {
	uint64_t at[SEARCH_WORDS_MAX];
	ptrdiff_t count;
};

static uint64_t hash_of(str team, str word)
{
	uint8_t digest[32];
	struct hash h;
	uint64_t x = 0;
	hash_init(&h);
	hash_add(&h, team);
	hash_add(&h, (str){ "", 1 });
	hash_add(&h, word);
	hash_done(&h, digest);
	for (int i = 0; i < 8; i++)
		x = x << 8 | digest[i];
	return x;
}

static void add(struct hashes *h, str team, str word)
{
	if (word.len && h->count < SEARCH_WORDS_MAX)
		h->at[h->count++] = hash_of(team, word);
}

static void add_words(struct hashes *h, struct arena *a, str team, str text)
{
	str *words = NEW(a, str, SEARCH_WORDS_MAX);
	ptrdiff_t n = search_words(a, text, words, SEARCH_WORDS_MAX);
	for (ptrdiff_t i = 0; i < n; i++)
		add(h, team, words[i]);
}

/* Looking for bank.example finds login.bank.example. */
static void add_parents(struct hashes *h, str team, str domain)
{
	for (int n = 0; n < LABELS_MAX; n++) {
		str parent = str_cut(domain, '.').tail;
		if (str_cut(parent, '.').tail.len == 0)
			return;
		add(h, team, parent);
		domain = parent;
	}
}

static void add_observables(struct hashes *h, str team, const struct json *list)
{
	for (ptrdiff_t i = 0; i < json_count(list); i++) {
		const struct json *o = json_at(list, i);
		add(h, team, json_get_str(o, "value"));
		if (str_eq(json_get_str(o, "type"), S("domain")))
			add_parents(h, team, json_get_str(o, "value"));
	}
}

/* A kind is a word too, so that looking for one kind costs no more than for another word. */
static str kind_word(enum search_kind kind)
{
	switch (kind) {
	case SEARCH_ANY:
		break;
	case SEARCH_REPORT:
		return S("\nreport");
	case SEARCH_INCIDENT:
		return S("\nincident");
	case SEARCH_MESSAGE:
		return S("\nmessage");
	}
	return S("");
}

static int by_value(const void *a, const void *b)
{
	uint64_t x, y;
	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static str format(struct arena *a, const struct hashes *h)
{
	char *text = NEW(a, char, h->count * 14 + 1);
	ptrdiff_t at = 0;
	for (ptrdiff_t i = 0; i < h->count; i++) {
		if (i && h->at[i] == h->at[i - 1])
			continue;
		if (at)
			text[at++] = ' ';
		for (int shift = 60; shift >= 0; shift -= 5)
			text[at++] = text_base32_char((int)(h->at[i] >> shift & 31));
	}
	return (str){ text, at };
}

/* What a document's words are: the same each time, because an index without content is told them again to
 * forget them. */
static str document_words(struct arena *a, const struct search_document *d, str number,
			  const struct json *words)
{
	struct hashes *h = NEW(a, struct hashes, 1);
	str title = json_get_str(words, "title"), subject = json_get_str(words, "subject");
	add(h, d->team, kind_word(d->kind));
	add(h, d->team, number);
	add_observables(h, d->team, json_get(words, "observables"));
	if (d->own) {
		add(h, d->team, json_get_str(words, "reporter_contact"));
		add(h, d->team, json_get_str(words, "from"));
		add(h, d->team, json_get_str(words, "to"));
		add_words(h, a, d->team, json_get_str(words, "reporter_name"));
	}
	add_words(h, a, d->team, title);
	add_words(h, a, d->team, subject);
	add_words(h, a, d->team, json_get_str(words, "text"));
	qsort(h->at, (size_t)h->count, sizeof(h->at[0]), by_value);
	return format(a, h);
}

str search_terms(struct arena *a, str team, enum search_kind kind, const str *values, ptrdiff_t count)
{
	struct hashes *h = NEW(a, struct hashes, 1);
	for (ptrdiff_t i = 0; i < count; i++)
		add(h, team, values[i]);
	add(h, team, kind_word(kind));
	return format(a, h);
}

/* Gathering */

struct gather {
	struct db *db;
	struct arena *a;
	struct search_batch *batch;
	ptrdiff_t cap;
};

static void push(struct gather *g, struct search_document d)
{
	struct search_batch *b = g->batch;
	if (b->count == g->cap) {
		ptrdiff_t cap = g->cap ? g->cap * 2 : 64;
		struct search_document *at = NEW(g->a, struct search_document, cap);
		if (b->count)
			memcpy(at, b->documents, sizeof(*at) * (size_t)b->count);
		b->documents = at;
		g->cap = cap;
	}
	b->documents[b->count++] = d;
}

static bool case_document(struct gather *g, const struct sql_search_teams_of_row *t, struct uuid thing,
			  int64_t seq, const struct json *words)
{
	struct search_document d = { .team = t->team,
				     .thing = thing,
				     .subject = thing,
				     .kind = (enum search_kind)t->kind,
				     .own = t->own,
				     .seq = seq };
	d.words = document_words(g->a, &d, t->number, words);
	push(g, d);
	return true;
}

static bool gather_case(struct gather *g, struct uuid thing, int64_t seq, str payload, str only_team,
			struct err *err)
{
	struct sql_search_teams_of_row *teams;
	struct json *words;
	ptrdiff_t count;
	if (!json_parse(g->a, payload, (struct json_limits){ 0 }, &words, err) ||
	    !sql_search_teams_of(g->db, g->a, &(struct sql_search_teams_of){ .id = thing }, &teams, &count,
				 err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (only_team.len == 0 || str_eq(teams[i].team, only_team))
			case_document(g, &teams[i], thing, seq, words);
	return true;
}

/* Found by the team whose message it is. */
static bool gather_message(struct gather *g, struct uuid thing, int64_t seq, str payload, struct err *err)
{
	struct sql_search_message_row m;
	struct json *words;
	bool found = false;
	if (!sql_search_message(g->db, g->a, &(struct sql_search_message){ .id = thing }, &m, &found, err) ||
	    !json_parse(g->a, payload, (struct json_limits){ 0 }, &words, err))
		return false;
	struct search_document d = { .team = m.team,
				     .thing = thing,
				     .subject = found && uuid_is_nil(m.incident) ? m.report : m.incident,
				     .kind = SEARCH_MESSAGE,
				     .own = true,
				     .seq = seq };
	if (!found || uuid_is_nil(d.subject))
		return true;
	d.words = document_words(g->a, &d, S(""), words);
	push(g, d);
	return true;
}

/* A team was let in to a case, or out of it. */
static bool gather_access(struct gather *g, const struct sql_search_entries_row *e, str access, bool granted,
			  struct err *err)
{
	struct sql_search_content_row content;
	struct json *payload;
	bool found = false;
	if (!json_parse(g->a, access, (struct json_limits){ 0 }, &payload, err) ||
	    !sql_search_content(g->db, g->a, &(struct sql_search_content){ .id = e->subject }, &content,
				&found, err))
		return false;
	str team = json_get_str(payload, "team");
	if (found && granted)
		return gather_case(g, e->subject, content.seq, content.body, team, err);
	push(g, (struct search_document){ .team = team, .thing = e->subject, .seq = -1 });
	return true;
}

static bool gather_entry(struct gather *g, const struct sql_search_entries_row *e, struct err *err)
{
	struct sql_search_payload_row row = { 0 };
	bool found = false;
	if (!sql_search_payload(g->db, g->a, &(struct sql_search_payload){ .seq = e->seq }, &row, &found,
				err))
		return false;
	if (row.payload.ptr == NULL)
		return true;
	if (str_eq(e->kind, S("access.granted")) || str_eq(e->kind, S("access.withdrawn")))
		return gather_access(g, e, row.payload, str_eq(e->kind, S("access.granted")), err);
	if (str_eq(e->kind, S("message.content")))
		return gather_message(g, e->subject, e->seq, row.payload, err);
	return gather_case(g, e->subject, e->seq, row.payload, S(""), err);
}

bool search_cursor(struct db *db, struct arena *tmp, int64_t *out_seq, struct err *err)
{
	struct sql_search_cursor_row row = { 0 };
	bool found = false;
	bool ok = sql_search_cursor(db, tmp, &row, &found, err);
	*out_seq = row.seq;
	return ok;
}

bool search_gather(struct db *db, struct arena *a, int64_t from, int64_t most,
		   struct search_batch *out_batch, struct err *err)
{
	struct sql_search_size_row head = { 0 };
	struct sql_search_entries_row *rows;
	struct gather g = { db, a, out_batch, 0 };
	ptrdiff_t count = 0;
	bool found = false;
	*out_batch = (struct search_batch){ .from = from, .to = from };
	if (!sql_search_size(db, a, &head, &found, err))
		return false;
	int64_t before = MIN(head.size, from + STRETCH);
	if (!sql_search_entries(db, a,
				&(struct sql_search_entries){ .from = from, .before = before, .count = most },
				&rows, &count, err))
		return false;
	ptrdiff_t done = 0;
	for (; done < count && (done == 0 || a->used < a->soft / 2); done++)
		if (!gather_entry(&g, &rows[done], err))
			return false;
	bool all = done == count && count < most;
	out_batch->to = all ? MAX(before, from) : rows[done - 1].seq + 1;
	return true;
}

/* Storing */

static bool old_words(struct db *db, struct arena *tmp, const struct search_document *d, str *out_words,
		      struct err *err)
{
	struct sql_search_payload_row row = { 0 };
	struct sql_search_number_row number = { .number = S("") };
	struct json *words;
	bool found = false, numbered = false;
	if (!sql_search_payload(db, tmp, &(struct sql_search_payload){ .seq = d->seq }, &row, &found, err) ||
	    !sql_search_number(db, tmp, &(struct sql_search_number){ .id = d->thing }, &number, &numbered,
			       err))
		return false;
	*out_words = S("");
	if (!found || row.payload.ptr == NULL)
		return true;
	if (!json_parse(tmp, row.payload, (struct json_limits){ 0 }, &words, err))
		return false;
	*out_words = document_words(tmp, d, numbered ? number.number : S(""), words);
	return true;
}

static bool forget_document(struct db *db, struct arena *tmp, struct uuid thing, str team, struct err *err)
{
	struct sql_search_document_find_row row = { 0 };
	bool found = false;
	str words;
	if (!sql_search_document_find(db, tmp,
				      &(struct sql_search_document_find){ .thing = thing, .team = team },
				      &row, &found, err))
		return false;
	struct search_document d = { .team = team, .thing = thing, .kind = (enum search_kind)row.kind,
				     .own = row.own, .seq = row.seq };
	return !found || (old_words(db, tmp, &d, &words, err) &&
			  (words.len == 0 ||
			   sql_search_index_delete(
				   db, &(struct sql_search_index_delete){ .doc = row.doc, .words = words },
				   err)) &&
			  sql_search_document_delete(
				  db, &(struct sql_search_document_delete){ .doc = row.doc }, err));
}

bool search_forget(struct db *db, struct arena *tmp, struct uuid thing, struct err *err)
{
	struct sql_search_documents_of_row *rows;
	ptrdiff_t count;
	if (!sql_search_documents_of(db, tmp, &(struct sql_search_documents_of){ .thing = thing }, &rows,
				     &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!forget_document(db, tmp, thing, rows[i].team, err))
			return false;
	return true;
}

/* What a batch asks once, so that a new document costs no question of its own: on PostgreSQL each is a wait
 * of the writer's. */
struct storing {
	struct db *db;
	struct arena *tmp;
	const struct search_batch *batch;
	struct sql_search_kept_between_row *kept;
	struct sql_search_known_between_row *known;
	ptrdiff_t kept_count, known_count;
};

/* Words outside the stretch are those of a case that a team was let in to. */
static bool is_kept(const struct storing *s, int64_t seq, bool *out_kept, struct err *err)
{
	struct sql_search_kept_row row;
	if (seq < s->batch->from || seq >= s->batch->to)
		return sql_search_kept(s->db, s->tmp, &(struct sql_search_kept){ .seq = seq }, &row, out_kept,
				       err);
	ptrdiff_t low = 0, high = s->kept_count;
	while (low < high) {
		ptrdiff_t mid = low + (high - low) / 2;
		if (s->kept[mid].seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	*out_kept = low < s->kept_count && s->kept[low].seq == seq;
	return true;
}

/* From before the batch, or from an earlier document of it. */
static bool has_document(const struct storing *s, const struct search_document *d)
{
	for (ptrdiff_t i = 0; i < s->known_count; i++)
		if (uuid_eq(s->known[i].thing, d->thing))
			return true;
	for (const struct search_document *e = s->batch->documents; e < d; e++)
		if (uuid_eq(e->thing, d->thing) && str_eq(e->team, d->team))
			return true;
	return false;
}

static bool store_document(const struct storing *s, const struct search_document *d, int64_t *doc,
			   struct err *err)
{
	bool kept = false;
	if (has_document(s, d) && !forget_document(s->db, s->tmp, d->thing, d->team, err))
		return false;
	if (d->seq < 0)
		return true;
	if (!is_kept(s, d->seq, &kept, err))
		return false;
	if (!kept)
		return true;
	++*doc;
	return sql_search_document_insert(s->db,
					  &(struct sql_search_document_insert){ .doc = *doc,
										.team = d->team,
										.thing = d->thing,
										.subject = d->subject,
										.kind = d->kind,
										.own = d->own,
										.seq = d->seq },
					  err) &&
	       sql_search_index_insert(
		       s->db, &(struct sql_search_index_insert){ .doc = *doc, .words = d->words }, err);
}

static bool prepare(struct storing *s, struct err *err)
{
	struct sql_search_kept_between kept = { .from = s->batch->from, .before = s->batch->to };
	struct sql_search_known_between known = { .from = s->batch->from, .before = s->batch->to };
	return sql_search_kept_between(s->db, s->tmp, &kept, &s->kept, &s->kept_count, err) &&
	       sql_search_known_between(s->db, s->tmp, &known, &s->known, &s->known_count, err);
}

bool search_store(struct db *db, struct arena *tmp, const struct search_batch *batch, struct err *err)
{
	struct sql_search_document_last_row last = { 0 };
	struct storing s = { .db = db, .tmp = tmp, .batch = batch };
	int64_t cursor;
	bool found = false;
	if (!search_cursor(db, tmp, &cursor, err) || !sql_search_document_last(db, tmp, &last, &found, err))
		return false;
	if (cursor != batch->from || batch->to == batch->from)
		return true;
	if (!prepare(&s, err))
		return false;
	for (ptrdiff_t i = 0; i < batch->count; i++)
		if (!store_document(&s, &batch->documents[i], &last.doc, err))
			return false;
	return sql_search_cursor_set(db, &(struct sql_search_cursor_set){ .seq = batch->to }, err);
}
