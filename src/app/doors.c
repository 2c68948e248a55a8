#include "app/doors.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "base/log.h"
#include "mail/lmtp_server.h"
#include "mail/parse.h"
#include "net/imap.h"
#include "net/smtp.h"
#include "query/reads.h"

/* --- out --- */

struct smtp_door {
	struct transport transport; /* first: a transport is its door */
	struct smtp *smtp;
	struct arena arena; /* what the server's configuration points to */
	str sender;
};

static enum transport_result send_mail(struct transport *t, str to, str bytes, struct err *why)
{
	struct smtp_door *door = (struct smtp_door *)t;
	struct smtp_message m = { .sender = door->sender, .recipient = to, .bytes = bytes };
	struct smtp_result r;
	struct arena a;
	enum transport_result result = TRANSPORT_REFUSED;
	arena_init(&a, 1 << 20, 16 << 20);
	if (smtp_send(door->smtp, &a, &m, &r, why)) {
		result = r.fate == SMTP_SENT        ? TRANSPORT_SENT
			 : r.fate == SMTP_PERMANENT ? TRANSPORT_REFUSED
						    : TRANSPORT_LATER;
		if (r.fate != SMTP_SENT && r.code)
			(void)err_set(why, ERR_RETRY, "the mail server said: %d " STR_FMT, r.code,
				      STR_ARG(r.text));
		else if (r.fate != SMTP_SENT)
			(void)err_set(why, ERR_RETRY, "the mail server: " STR_FMT, STR_ARG(r.text));
	}
	arena_done(&a);
	return result;
}

bool smtp_door_open(const char *folder, const struct conf *conf, struct transport **out, struct err *err)
{
	struct net_server server = { .host = conf->smtp_host,
				     .port = (int)conf->smtp_port,
				     .user = conf->smtp_user,
				     .password = conf->smtp_password };
	*out = NULL;
	if (conf->smtp_host.len == 0)
		return true;
	if (!conf_tls_mode(conf->smtp_tls, &server.tls, err))
		return false;
	struct smtp_door *door = calloc(1, sizeof(*door)); /* heap: lives as long as the node */
	ASSERT(door != NULL);
	arena_init(&door->arena, 64 << 10, 1 << 20);
	if (conf->smtp_ca.len)
		server.ca_file = str_from(conf_path(&door->arena, folder, conf->smtp_ca));
	door->sender = arena_printf(&door->arena, "cert@" STR_FMT, STR_ARG(conf->mail_domain));
	door->transport.send = send_mail;
	if (!smtp_open(&server, conf->host, &door->smtp, err)) {
		smtp_door_close(&door->transport);
		return err_wrap(err, "smtp_host");
	}
	*out = &door->transport;
	return true;
}

void smtp_door_close(struct transport *t)
{
	struct smtp_door *door = (struct smtp_door *)t;
	if (door == NULL)
		return;
	smtp_close(door->smtp);
	arena_done(&door->arena);
	free(door);
}

/* --- in --- */

struct doors {
	const struct conf *conf;
	const struct node *node;
	struct arena arena;
	struct lmtp_server *lmtp;
	struct net_server imap_server;
	struct imap_options imap;
	pthread_t poller;
	bool polling;
	pthread_mutex_t lock; /* guards closing */
	pthread_cond_t wake;
	bool closing;
};

/* True when it is durable. */
static bool take_mail(const struct node *n, str raw, struct mail_strings envelope, struct err *err)
{
	struct arena a;
	arena_init(&a, MAIL_ARENA_SOFT, MAIL_ARENA_HARD);
	struct inbound *in = NEW(&a, struct inbound, 1);
	struct db *db = reads_take(n->reads);
	bool ok = inbound_prepare_from(n->world, &a, raw, envelope, db, in, err);
	reads_give(n->reads, db);
	if (ok && !writer_run(n->writer, &in->command)) {
		*err = in->command.err;
		ok = false;
	}
	arena_done(&a);
	return ok;
}

static enum lmtp_verdict verdict_of(const struct err *err)
{
	switch (err->code) {
	case ERR_LIMIT:
		return LMTP_TOO_LARGE;
	case ERR_INPUT:
	case ERR_MISSING:
	case ERR_DENIED:
		return LMTP_REFUSED;
	case ERR_NONE:
	case ERR_SIGN_IN:
	case ERR_CONFLICT:
	case ERR_STALE:
	case ERR_RETRY:
	case ERR_UNSURE:
	case ERR_FULL:
	case ERR_DISK:
	case ERR_SYSTEM:
		break;
	}
	return LMTP_TRY_LATER;
}

static void deliver(void *ctx, const struct lmtp_mail *mail, enum lmtp_verdict *verdicts)
{
	struct doors *d = ctx;
	struct err err = { 0 };
	struct mail_strings envelope = { NULL, mail->recipient_count };
	struct arena a;
	arena_init(&a, 1 << 20, 4 << 20);
	envelope.items = NEW(&a, str, mail->recipient_count);
	for (ptrdiff_t i = 0; i < mail->recipient_count; i++)
		envelope.items[i] = mail->recipients[i];
	bool ok = take_mail(d->node, mail->bytes, envelope, &err);
	if (!ok)
		log_event(LOG_WARNING, "lmtp.not_taken", LOG_TEXT("error", str_from(err.text)));
	for (ptrdiff_t i = 0; i < mail->recipient_count; i++)
		verdicts[i] = ok ? LMTP_STORED : verdict_of(&err);
	arena_done(&a);
}

/* Mail for another domain is not ours to take: 550 tells the operator that the route is wrong. */
static bool is_ours(void *ctx, str recipient)
{
	const struct doors *d = ctx;
	str domain = d->conf->mail_domain;
	str tail = str_sub(recipient, recipient.len - domain.len, recipient.len);
	return recipient.len > domain.len + 1 && str_eq_nocase(tail, domain) &&
	       recipient.ptr[recipient.len - domain.len - 1] == '@';
}

static bool open_lmtp(struct doors *d, struct err *err)
{
	struct lmtp_server_options options = { .session = { .host = d->conf->host,
							    .size_max = MAIL_SIZE_MAX,
							    .ctx = d,
							    .accept = is_ours,
							    .deliver = deliver } };
	if (d->conf->lmtp_listen.len == 0)
		return true;
	if (!lmtp_server_open(d->conf->lmtp_listen, &options, &d->lmtp, err))
		return err_wrap(err, "lmtp_listen");
	log_event(LOG_INFO, "lmtp.started", LOG_TEXT("address", d->conf->lmtp_listen),
		  LOG_INT("port", lmtp_server_port(d->lmtp)));
	return true;
}

static bool is_closing(struct doors *d)
{
	pthread_mutex_lock(&d->lock);
	bool closing = d->closing;
	pthread_mutex_unlock(&d->lock);
	return closing;
}

static enum imap_take take_fetched(void *ctx, const struct imap_message *message)
{
	struct doors *d = ctx;
	struct err err = { 0 };
	if (is_closing(d))
		return IMAP_STOP;
	if (take_mail(d->node, message->bytes, (struct mail_strings){ 0 }, &err))
		return IMAP_STORED;
	log_event(LOG_WARNING, "imap.not_taken", LOG_INT("uid", message->uid),
		  LOG_TEXT("error", str_from(err.text)));
	return verdict_of(&err) == LMTP_TRY_LATER ? IMAP_STOP : IMAP_LEAVE;
}

/* False when closing. */
static bool wait_round(struct doors *d)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += d->conf->imap_seconds;
	pthread_mutex_lock(&d->lock);
	while (!d->closing && pthread_cond_timedwait(&d->wake, &d->lock, &until) == 0)
		;
	bool go = !d->closing;
	pthread_mutex_unlock(&d->lock);
	return go;
}

static void *poll_folder(void *arg)
{
	struct doors *d = arg;
	do {
		struct imap_round round;
		struct err err = { 0 };
		if (!imap_fetch(&d->imap_server, &d->imap, &round, &err))
			log_event(LOG_WARNING, "imap.failed", LOG_TEXT("error", str_from(err.text)));
		if (round.stored || round.left || round.too_large)
			log_event(LOG_INFO, "imap.fetched", LOG_INT("stored", round.stored),
				  LOG_INT("left", round.left), LOG_INT("too_large", round.too_large));
	} while (wait_round(d));
	return NULL;
}

static bool open_imap(struct doors *d, const char *folder, struct err *err)
{
	const struct conf *c = d->conf;
	if (c->imap_host.len == 0)
		return true;
	d->imap_server = (struct net_server){ .host = c->imap_host,
					      .port = (int)c->imap_port,
					      .user = c->imap_user,
					      .password = c->imap_password };
	if (c->imap_ca.len)
		d->imap_server.ca_file = str_from(conf_path(&d->arena, folder, c->imap_ca));
	if (!conf_tls_mode(c->imap_tls, &d->imap_server.tls, err))
		return err_wrap(err, "imap_tls");
	d->imap = (struct imap_options){
		.folder = c->imap_folder, .move_to = c->imap_move_to, .ctx = d, .take = take_fetched
	};
	if (pthread_create(&d->poller, NULL, poll_folder, d) != 0)
		return err_set(err, ERR_SYSTEM, "cannot start the thread that fetches mail");
	d->polling = true;
	return true;
}

bool doors_open(const char *folder, const struct conf *conf, const struct node *node, struct doors **out,
		struct err *err)
{
	struct doors *d = calloc(1, sizeof(*d)); /* heap: lives as long as the node */
	ASSERT(d != NULL);
	d->conf = conf;
	d->node = node;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	arena_init(&d->arena, 64 << 10, 1 << 20);
	if (!open_lmtp(d, err) || !open_imap(d, folder, err)) {
		doors_close(d);
		return false;
	}
	*out = d;
	return true;
}

void doors_close(struct doors *d)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->closing = true;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	lmtp_server_close(d->lmtp);
	if (d->polling)
		pthread_join(d->poller, NULL);
	arena_done(&d->arena);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->wake);
	free(d);
}
