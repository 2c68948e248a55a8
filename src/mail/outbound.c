#include "mail/outbound.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "base/log.h"
#include "cases/message.h"
#include "format/json.h"
#include "journal/backup.h"
#include "mail/compose.h"
#include "mail/thread.h"
#include "model/observable.h"
#include "outbound_sql.h"
#include "release/release.h"

enum { PAGE = 50, RETRY_FIRST_S = 30, RETRY_MAX_S = 3600, CACHE_KIB = 2 << 10 };

struct outbound {
	struct outbound_options options;
	struct db *db;
	pthread_t thread;
	pthread_mutex_t lock; /* guards woken, closing */
	pthread_cond_t wake;
	bool woken, closing;
	int retry_s; /* after passing trouble: waits this long, then everything again */
};

typedef struct sql_outbound_queued_row row;

/* What a person wrote is sent defanged; what the node wrote may say where it is to be found. */
static str words_sent(struct arena *a, const row *m, const struct released *x, const char *member)
{
	str words = json_get_str(released_fields(x), member);
	return m->automatic ? words : observable_defang(a, words);
}

/* The gate's word on this mail; what is sent is what it let through. */
static bool released_words(struct arena *a, const row *m, const struct json *words, struct mail_draft *out,
			   struct err *err)
{
	struct json *fields = json_object(a);
	json_set_str(fields, "subject", json_get_str(words, "subject"));
	json_set_str(fields, "text", json_get_str(words, "text"));
	struct record r = { .kind = RECORD_MESSAGE,
			    .id = m->id,
			    .subject = uuid_is_nil(m->incident) ? m->report : m->incident,
			    .tlp = (enum tlp)m->tlp,
			    .coordinator = m->team,
			    .teams = &m->team,
			    .team_count = 1,
			    .fields = fields };
	bool reporter = uuid_is_nil(m->party) && !uuid_is_nil(m->report);
	struct audience to = { .kind = AUDIENCE_PARTY,
			       .in_case = !uuid_is_nil(m->party) || reporter,
			       .in_community = true,
			       .name = json_get_str(words, "to_name") };
	const struct released *x;
	if (!release_check(a, &r, &to, &x, err))
		return false;
	bool notice = released_as_notice(x);
	out->subject = notice ? S("A message waits for you") : words_sent(a, m, x, "subject");
	out->text = notice ? S("A message waits for you. Its marking does not allow it to be sent by mail; "
			       "sign in to read it, or call the duty desk.\n")
			   : words_sent(a, m, x, "text");
	return true;
}

/* Mail to the team's own people is in nobody's case. */
static bool is_staff_mail(const row *m)
{
	return uuid_is_nil(m->incident) && uuid_is_nil(m->report) && uuid_is_nil(m->party);
}

/* Who it was written to may have left the team since, or have another address now. */
static bool released_reminder(struct outbound *o, struct arena *a, const row *m, const struct json *words,
			      struct mail_draft *out, struct err *err)
{
	struct json *fields = json_object(a), *body = NULL;
	struct sql_outbound_person_row p = { 0 };
	struct uuid account = json_get_uuid(words, "account");
	bool found = false;
	json_set_str(fields, "subject", json_get_str(words, "subject"));
	json_set_str(fields, "text", json_get_str(words, "text"));
	struct record r = { .kind = RECORD_REMINDER,
			    .id = m->id,
			    .tlp = (enum tlp)m->tlp,
			    .coordinator = m->team,
			    .teams = &m->team,
			    .team_count = 1,
			    .fields = fields };
	const struct sql_outbound_person by_id = { .id = account };
	if (!uuid_is_nil(account) &&
	    (!sql_outbound_person(o->db, a, &by_id, &p, &found, err) ||
	     (found && p.body.len && !json_parse(a, p.body, (struct json_limits){ 0 }, &body, err))))
		return false;
	struct identity who = { .account = account,
				.login = p.login,
				.team = p.team,
				.roles = (unsigned)p.roles,
				.scopes = ~0u };
	struct audience person = { .kind = AUDIENCE_PERSON, .person = &who },
			desk = { .kind = AUDIENCE_DESK, .name = m->team };
	bool to_desk = uuid_is_nil(account);
	str address = to_desk ? world_desk(o->options.world, m->team)
		      : found && p.active ? json_get_str(body, "mail")
					  : S("");
	const struct released *x;
	if (address.len == 0 || !str_eq(address, json_get_str(words, "to")))
		return err_set(err, ERR_DENIED, "its recipient has gone, or has another address now");
	if (!release_check(a, &r, to_desk ? &desk : &person, &x, err))
		return false;
	out->subject = json_get_str(released_fields(x), "subject");
	out->text = json_get_str(released_fields(x), "text");
	return true;
}

static bool compose(struct outbound *o, struct arena *a, const row *m, const struct json *words, str *out,
		    struct err *err)
{
	const struct world *w = o->options.world;
	str reply = json_get_str(words, "reply");
	bool staff = is_staff_mail(m);
	struct mail_draft d = {
		.from = { S("CERT duty desk"), arena_printf(a, "cert@" STR_FMT, STR_ARG(w->mail_domain)) },
		.to = { json_get_str(words, "to_name"), json_get_str(words, "to") },
		.reply_to = reply.len ? thread_reply_address(a, S("reply"), reply, w->mail_domain) : S(""),
		.message_id = arena_printf(a, STR_FMT "@" STR_FMT, STR_ARG(uuid_format(a, m->id)),
					   STR_ARG(w->mail_domain)),
		.date = m->at,
		.automatic = staff	    ? MAIL_AUTO_GENERATED
			     : m->automatic ? MAIL_AUTO_REPLIED
					    : MAIL_AUTO_NONE,
		.loop = w->mail_domain,
		.tlp = tlp_format((enum tlp)m->tlp),
		.number = json_get_str(words, "number").ptr ? json_get_str(words, "number") : S(""),
		.demonstration = o->options.demonstration,
	};
	return (staff ? released_reminder(o, a, m, words, &d, err) : released_words(a, m, words, &d, err)) &&
	       mail_compose_bytes(a, &d, out, err);
}

/* `why`: of what was not sent; NULL: it was. */
static bool note(struct outbound *o, struct uuid message, str event, const struct err *why)
{
	struct message_delivery x = { message, event, why ? str_from(why->text) : S("") };
	struct command c = { .name = "message.delivery",
			     .actor = actor_system(),
			     .regime = o->options.world->regime_id,
			     .decide = message_delivery_decide,
			     .arg = &x };
	bool ok = writer_run(o->options.writer, &c);
	if (!ok)
		log_event(LOG_ERROR, "mail.delivery_not_noted", LOG_TEXT("error", str_from(c.err.text)));
	return ok;
}

static bool later(struct outbound *o, const struct err *err)
{
	o->retry_s = o->retry_s ? MIN(o->retry_s * 2, RETRY_MAX_S) : RETRY_FIRST_S;
	log_event(LOG_WARNING, "mail.later", LOG_TEXT("error", str_from(err->text)),
		  LOG_INT("seconds", o->retry_s));
	return false;
}

/* False: stop for now. */
static bool send_one(struct outbound *o, struct arena *a, const row *m)
{
	struct json *words = json_object(a);
	struct err err = { 0 };
	str bytes;
	if (m->body.ptr && !json_parse(a, m->body, (struct json_limits){ 0 }, &words, &err))
		return note(o, m->id, S("fail"), &err);
	if (!compose(o, a, m, words, &bytes, &err)) {
		if (err.code == ERR_RETRY || err.code == ERR_SYSTEM || err.code == ERR_DISK)
			return later(o, &err); /* the store's trouble is not the mail's */
		log_event(LOG_WARNING, "mail.refused", LOG_TEXT("message", uuid_format(a, m->id)));
		return note(o, m->id, S("fail"), &err);
	}
	switch (o->options.transport->send(o->options.transport, json_get_str(words, "to"), bytes, &err)) {
	case TRANSPORT_SENT:
		o->retry_s = 0;
		return note(o, m->id, S("send"), NULL);
	case TRANSPORT_REFUSED:
		return note(o, m->id, S("bounce"), &err);
	case TRANSPORT_LATER:
		break;
	}
	return later(o, &err);
}

/* A node restored from a backup does not know what its former self has sent since: an operator lets it
 * go. */
static bool may_send(struct outbound *o)
{
	struct err err = { 0 };
	bool held = true;
	if (o->options.transport == NULL)
		return false;
	if (!backup_outbound_held(o->db, &held, &err))
		log_event(LOG_WARNING, "mail.queue", LOG_TEXT("error", str_from(err.text)));
	return !held;
}

static void run_queue(struct outbound *o)
{
	int64_t after = 0;
	struct uuid after_id = { { 0 } };
	bool more = may_send(o);
	while (more) {
		struct arena a;
		row *rows;
		ptrdiff_t count = 0;
		struct err err = { 0 };
		arena_init(&a, 64 << 20, 256 << 20);
		more = sql_outbound_queued(o->db, &a,
					   &(struct sql_outbound_queued){ .after_at = after,
									  .after_id = uuid_bytes(&after_id),
									  .count = PAGE },
					   &rows, &count, &err) &&
		       count > 0;
		for (ptrdiff_t i = 0; more && i < count; i++) {
			after = rows[i].at.us;
			after_id = rows[i].id;
			more = send_one(o, &a, &rows[i]);
		}
		arena_done(&a);
	}
}

/* Waits to be woken, or for the time of a retry; false when closing. */
static bool wait_for_work(struct outbound *o)
{
	pthread_mutex_lock(&o->lock);
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += o->retry_s ? o->retry_s : RETRY_MAX_S;
	while (!o->woken && !o->closing && pthread_cond_timedwait(&o->wake, &o->lock, &until) == 0)
		;
	o->woken = false;
	bool go = !o->closing;
	pthread_mutex_unlock(&o->lock);
	return go;
}

static void *outbound_main(void *arg)
{
	struct outbound *o = arg;
	do
		run_queue(o);
	while (wait_for_work(o));
	return NULL;
}

bool outbound_open(struct outbound_options options, struct outbound **out, struct err *err)
{
	struct outbound *o = calloc(1, sizeof(*o)); /* heap: lives as long as the node */
	ASSERT(o != NULL);
	o->options = options;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->wake, NULL);
	struct db_options reading = { .read_only = true, .cache_kib = CACHE_KIB };
	if (!db_open(options.store, reading, &o->db, err)) {
		free(o);
		return false;
	}
	if (pthread_create(&o->thread, NULL, outbound_main, o) != 0) {
		db_close(o->db);
		free(o);
		return err_set(err, ERR_SYSTEM, "cannot start the mailer's thread");
	}
	*out = o;
	return true;
}

void outbound_wake(struct outbound *o)
{
	pthread_mutex_lock(&o->lock);
	o->woken = true;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

void outbound_close(struct outbound *o)
{
	if (o == NULL)
		return;
	pthread_mutex_lock(&o->lock);
	o->closing = true;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
	pthread_join(o->thread, NULL);
	db_close(o->db);
	pthread_mutex_destroy(&o->lock);
	pthread_cond_destroy(&o->wake);
	free(o);
}
