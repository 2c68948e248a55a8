#include "app/demo_mail.h"

#include <pthread.h>
#include <stdlib.h>
#include "access/identity.h"
#include "base/uuid.h"
#include "format/json.h"
#include "http/desk.h"
#include "mail/compose.h"
#include "mail/inbound.h"
#include "mail/parse.h"
#include "query/board.h"
#include "query/reads.h"

enum { CAUGHT_MAX = 500, LIST_MAX = 100 };

struct demo_mail {
	struct transport transport;
	const struct world *world;
	pthread_mutex_t lock; /* guards the rest */
	struct arena arena;
	struct caught mails[CAUGHT_MAX];
	ptrdiff_t count;
};

static enum transport_result catch_mail(struct transport *t, str to, str bytes, struct err *why)
{
	struct demo_mail *m = (struct demo_mail *)t;
	struct clock clock = clock_real();
	struct rng rng = rng_real();
	uint8_t random[10];
	enum transport_result result = TRANSPORT_SENT;
	rng.fill(&rng, random, sizeof(random));
	pthread_mutex_lock(&m->lock);
	if (m->count < CAUGHT_MAX) {
		struct instant now = clock.now(&clock);
		m->mails[m->count++] = (struct caught){ uuid_make(now, random), now, arena_dup(&m->arena, to),
							arena_dup(&m->arena, bytes), false };
	} else {
		(void)err_set(why, ERR_LIMIT, "the demonstration's catcher is full");
		result = TRANSPORT_LATER;
	}
	pthread_mutex_unlock(&m->lock);
	return result;
}

struct demo_mail *demo_mail_open(const struct world *w)
{
	struct demo_mail *m = calloc(1, sizeof(*m)); /* heap: lives as long as the demonstration */
	ASSERT(m != NULL);
	m->transport.send = catch_mail;
	m->world = w;
	pthread_mutex_init(&m->lock, NULL);
	arena_init(&m->arena, 64 << 20, 128 << 20);
	return m;
}

void demo_mail_close(struct demo_mail *m)
{
	arena_done(&m->arena);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

struct transport *demo_mail_transport(struct demo_mail *m)
{
	return &m->transport;
}

static struct demo_mail *mail_of(const struct request *rq)
{
	return rq->node->more;
}

ptrdiff_t demo_mail_newest(struct demo_mail *m, struct caught *out, ptrdiff_t max)
{
	pthread_mutex_lock(&m->lock);
	ptrdiff_t count = MIN(m->count, max);
	for (ptrdiff_t i = 0; i < count; i++)
		out[i] = m->mails[m->count - 1 - i]; /* the strings stay: the catcher only grows */
	pthread_mutex_unlock(&m->lock);
	return count;
}

/* The message that a mail was made of: outbound gives both the same id. */
static struct uuid message_of(const struct caught *c)
{
	str id = S("\r\nMessage-ID: <");
	struct uuid out;
	struct err ignored;
	ptrdiff_t at = str_find(c->bytes, id);
	if (at < 0 || !uuid_parse(str_sub(c->bytes, at + id.len, at + id.len + 36), &out, &ignored))
		return (struct uuid){ { 0 } };
	return out;
}

/* As in the timeline of a case: what another team must not see is not there. */
static bool mail_find(struct request *rq, struct view *v, struct caught *out, struct json **out_incident,
		      struct err *err)
{
	struct uuid id;
	struct caught *all = NEW(rq->arena, struct caught, CAUGHT_MAX);
	bool seen = false;
	if (!request_param_uuid(rq, "id", &id, err))
		return false;
	ptrdiff_t count = demo_mail_newest(mail_of(rq), all, CAUGHT_MAX);
	for (ptrdiff_t i = 0; i < count; i++) {
		*out = all[i];
		if (uuid_eq(out->id, id))
			return view_mail(v, message_of(out), &seen, out_incident, err) &&
			       (seen || err_set(err, ERR_MISSING, "there is no such mail in the catcher"));
	}
	return err_set(err, ERR_MISSING, "there is no such mail in the catcher");
}

static bool mail_open(struct request *rq, struct caught *out, struct json **out_incident, struct err *err)
{
	struct view v;
	if (!desk_open(rq, &v, err))
		return false;
	bool ok = mail_find(rq, &v, out, out_incident, err);
	desk_close(rq, &v);
	return ok;
}

static bool item(struct request *rq, const struct caught *c, struct json *incident, struct mail *out_mail,
		 struct json *j, struct err *err)
{
	struct mail_parse_options options = { .own_host = rq->node->world->mail_domain };
	if (!mail_parse(rq->arena, c->bytes, &options, out_mail, err))
		return false;
	json_set_uuid(j, "id", c->id);
	json_set_instant(j, "at", c->at);
	json_set_str(j, "direction", S("out"));
	json_set_str(j, "from", out_mail->from.count ? out_mail->from.items[0].address : S(""));
	json_set_str(j, "to", c->to);
	json_set_str(j, "to_name",
		     out_mail->to.count && out_mail->to.items[0].name.len ? out_mail->to.items[0].name
									  : c->to);
	json_set_str(j, "subject", out_mail->subject);
	json_set_bool(j, "replied", c->replied);
	json_set(j, "incident", incident);
	return true;
}

static bool list_seen(struct request *rq, struct view *v, struct json *items, struct err *err)
{
	struct caught *mails = NEW(rq->arena, struct caught, CAUGHT_MAX);
	ptrdiff_t n = demo_mail_newest(mail_of(rq), mails, CAUGHT_MAX);
	for (ptrdiff_t i = 0; i < n && json_count(items) < LIST_MAX; i++) {
		struct json *j = json_object(rq->arena), *incident;
		struct mail parsed;
		bool seen = false;
		if (!view_mail(v, message_of(&mails[i]), &seen, &incident, err))
			return false;
		if (!seen)
			continue;
		if (!item(rq, &mails[i], incident, &parsed, j, err))
			return false;
		json_append(items, j);
	}
	return true;
}

static struct reply *mail_list(struct request *rq)
{
	struct json *page = json_object(rq->arena), *items = json_array(rq->arena);
	struct view v;
	struct err err = { 0 };
	if (!desk_open(rq, &v, &err))
		return reply_error(rq, &err);
	bool ok = list_seen(rq, &v, items, &err);
	desk_close(rq, &v);
	if (!ok)
		return reply_error(rq, &err);
	json_set(page, "items", items);
	json_set(page, "next", NULL);
	json_set_int(page, "count", json_count(items));
	json_set_bool(page, "count_exact", json_count(items) < LIST_MAX);
	return reply_json(rq, 200, page);
}

static struct reply *mail_get(struct request *rq)
{
	struct caught c;
	struct err err = { 0 };
	struct mail parsed;
	struct json *j = json_object(rq->arena), *headers = json_array(rq->arena), *incident;
	if (!mail_open(rq, &c, &incident, &err) || !item(rq, &c, incident, &parsed, j, &err))
		return reply_error(rq, &err);
	str head = str_sub(c.bytes, 0, str_find(c.bytes, S("\r\n\r\n")));
	while (head.len) {
		ptrdiff_t end = str_find(head, S("\r\n"));
		str_cut_result line = str_cut(str_sub(head, 0, end < 0 ? head.len : end), ':');
		struct json *h = json_object(rq->arena);
		json_set_str(h, "name", line.head);
		json_set_str(h, "value", str_trim(line.tail));
		json_append(headers, h);
		head = end < 0 ? S("") : str_sub(head, end + 2, head.len);
	}
	json_set(j, "headers", headers);
	json_set_str(j, "text", parsed.text);
	return reply_json(rq, 200, j);
}

/* The case that an answer landed in, as far as whoever looks may know of it. */
static bool case_of(struct request *rq, struct uuid id, struct json **out, struct err *err)
{
	struct view v;
	if (!desk_open(rq, &v, err))
		return false;
	bool ok = view_case(&v, id, out, err);
	desk_close(rq, &v);
	return ok;
}

static struct reply *replied(struct request *rq, struct command *c)
{
	const struct inbound *in = (const struct inbound *)c; /* its first member */
	struct json *j = json_object(rq->arena), *incident = NULL;
	struct err err = { 0 };
	if (!c->ok)
		return reply_error(rq, &c->err);
	if (in->is_answer && !case_of(rq, in->answer.filed, &incident, &err))
		return reply_error(rq, &err);
	json_set(j, "incident", incident);
	return reply_json(rq, 200, j);
}

/* The answer as its sender's mail program would write it, into the same door as every mail. */
static bool answer_bytes(struct request *rq, const struct mail *m, const struct caught *c, str *out,
			 struct err *err)
{
	struct mail_draft d = { .from = { m->to.count ? m->to.items[0].name : S(""), c->to },
				.to = mail_answer_address(m),
				.date = rq->node->clock->now(rq->node->clock),
				.in_reply_to = m->message_id,
				.message_id = arena_printf(
					rq->arena, "answer-" STR_FMT "@reader.example",
					STR_ARG(uuid_format(rq->arena, json_get_uuid(rq->json, "nonce")))),
				.tlp = S("TLP:AMBER"),
				.number = S(""),
				.loop = S("reader.example"),
				.subject = arena_printf(rq->arena, "Re: " STR_FMT, STR_ARG(m->subject)),
				.text = json_get_str(rq->json, "text"),
				.demonstration = true };
	uint8_t random[10];
	rq->node->rng->fill(rq->node->rng, random, sizeof(random));
	d.message_id = arena_printf(rq->arena, STR_FMT "@reader.example",
				    STR_ARG(uuid_format(rq->arena, uuid_make(d.date, random))));
	return mail_compose_bytes(rq->arena, &d, out, err);
}

static struct reply *mail_reply(struct request *rq)
{
	struct caught c;
	struct mail m;
	struct inbound *in = NEW(rq->arena, struct inbound, 1);
	struct mail_parse_options options = { .own_host = rq->node->world->mail_domain };
	struct err err = { 0 };
	struct json *incident;
	str bytes;
	if (!mail_open(rq, &c, &incident, &err) || !mail_parse(rq->arena, c.bytes, &options, &m, &err) ||
	    !answer_bytes(rq, &m, &c, &bytes, &err))
		return reply_error(rq, &err);
	struct db *db = reads_take(rq->node->reads);
	bool ok = inbound_prepare(rq->node->world, rq->arena, bytes, db, in, &err);
	reads_give(rq->node->reads, db);
	return ok ? reply_after(rq, &in->command, replied) : reply_error(rq, &err);
}

static const struct field reply_fields[] = {
	{ .name = "text", .type = FIELD_TEXT, .required = true, .max = 64 << 10, .doc = "the answer" },
	{ 0 },
};
static const struct route routes[] = {
	{ "GET", "/api/demo/mail", PERM_CASE_READ, mail_list, "Mails that would have been sent", NULL, NULL,
	  0, "<MailItem>", false },
	{ "GET", "/api/demo/mail/{id}", PERM_CASE_READ, mail_get, "One of them", NULL, NULL, 0, "Mail",
	  false },
	{ "POST", "/api/demo/mail/{id}/reply", PERM_CASE_WRITE, mail_reply, "Answer as its recipient",
	  reply_fields, NULL, 128 << 10, "{incident: Case?}", false },
};
const struct route_table demo_mail_routes[1] = { { routes, COUNTOF(routes) } };
