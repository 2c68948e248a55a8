#include "commit/draft.h"

#include "format/json.h"
#include "model/marking.h"
#include "state/apply.h"

enum { DRAFTS_MAX = 20000 }; /* a command that makes more is a bug or an attack */

void decision_add(struct decision *d, struct draft draft)
{
	struct draft_list *list = d->drafts;
	ASSERT(list->count < DRAFTS_MAX);
	if (list->count == list->cap) {
		ptrdiff_t cap = list->cap ? list->cap * 2 : 8;
		struct draft *at = NEW(d->arena, struct draft, cap);
		if (list->count)
			memcpy(at, list->at, sizeof(*at) * (size_t)list->count);
		list->at = at;
		list->cap = cap;
	}
	list->at[list->count++] = draft;
}

struct uuid decision_new_id(struct decision *d)
{
	uint8_t random[10];
	d->rng->fill(d->rng, random, sizeof(random));
	return uuid_make(instant_add(d->now, d->ids++), random);
}

/* e->payload is the payload's canonical form, if somebody has made it before. */
static bool append_one(struct append *a, struct entry *e, const struct json *payload, struct err *err)
{
	uint8_t *salt = NEW(a->tmp, uint8_t, 32);
	a->rng->fill(a->rng, salt, 32);
	e->salt = (str){ (const char *)salt, 32 };
	if (e->payload.ptr == NULL && !json_canonical(a->tmp, payload, &e->payload, err))
		return err_wrap(err, STR_FMT, STR_ARG(e->kind));
	return journal_append(a->journal, a->tmp, e, err) &&
	       apply_entry(a->journal->db, a->tmp, e, payload, err);
}

static bool append_draft(struct append *a, const struct draft *d, const struct command *c, bool first,
			 struct entry *out, struct err *err)
{
	struct entry e = {
		.at = a->now,
		.actor = c->actor,
		.kind = str_from(d->kind),
		.v = 1,
		.subject = d->subject,
		.owner = d->owner,
		.audience = d->audience,
		.cause = -1,
		.keyed = first && c->keyed,
		.key = c->key,
		.regime = c->regime,
		.marking = tlp_format((enum tlp)d->tlp),
	};
	ASSERT(apply_known(e.kind, e.v));
	if (!append_one(a, &e, d->payload ? d->payload : json_object(a->tmp), err))
		return false;
	*out = e;
	if (d->content == NULL && d->words.len == 0)
		return true;
	str noun = str_cut(e.kind, '.').head;
	struct entry words = e;
	words.kind = arena_printf(a->tmp, STR_FMT ".content", STR_ARG(noun));
	words.keyed = false;
	words.payload = d->words.len ? d->words : (str){ 0 };
	words.cause = e.seq;
	return append_one(a, &words, d->content, err);
}

bool draft_append_all(struct append *a, const struct draft_list *drafts, const struct command *c,
		      struct entry *out_first, struct err *err)
{
	for (ptrdiff_t i = 0; i < drafts->count; i++) {
		struct entry e;
		if (!append_draft(a, &drafts->at[i], c, i == 0, &e, err))
			return false;
		if (i == 0)
			*out_first = e;
	}
	return true;
}

void commit_key(struct command *c, str secret, str idempotency_key, str request)
{
	struct hash h;
	ASSERT(idempotency_key.len > 0);
	hash_init(&h);
	hash_add(&h, uuid_bytes(&c->actor));
	hash_add(&h, idempotency_key);
	hash_done(&h, c->key.b);
	hash_hmac_sha256(secret, request, c->request.b);
	c->keyed = true;
}
