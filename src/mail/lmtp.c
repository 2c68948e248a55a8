#include "mail/lmtp.h"

#include <stdlib.h>

enum {
	PATH_MAX_BYTES = 256,           /* RFC 5321 4.5.3.1.3 */
	MESSAGE_FIRST  = 16 << 10,
};

enum lmtp_state { LMTP_START, LMTP_READY, LMTP_MAIL, LMTP_RCPT, LMTP_DATA, LMTP_CLOSED };

/* Where in a line of the message we are. */
enum lmtp_data { DATA_LINE_START, DATA_DOT, DATA_DOT_CR, DATA_TEXT, DATA_CR };

struct lmtp_path { char text[PATH_MAX_BYTES]; ptrdiff_t len; };

struct lmtp_session {
	struct lmtp_options options;
	enum lmtp_state     state;
	enum lmtp_data      data;
	char                line[LMTP_LINE_MAX];
	ptrdiff_t           line_len;
	bool                line_too_long, saw_cr;
	int                 errors, messages;
	struct lmtp_path    sender, recipients[LMTP_RECIPIENTS_MAX];
	ptrdiff_t           recipient_count;
	char               *message;            /* heap: up to size_max, and gone after each mail */
	ptrdiff_t           message_len, message_cap;
	bool                too_large, no_memory;
};

static void reply(struct buf *out, const char *line)
{
	buf_add(out, str_from(line));
	buf_add(out, S("\r\n"));
}

static void reply_error(struct lmtp_session *s, struct buf *out, const char *line)
{
	reply(out, line);
	if (++s->errors < LMTP_ERRORS_MAX)
		return;
	reply(out, "421 4.7.0 too many errors");
	s->state = LMTP_CLOSED;
}

struct lmtp_session *lmtp_session_new(const struct lmtp_options *options, struct buf *out)
{
	struct lmtp_session *s = calloc(1, sizeof(*s));         /* heap: as long as its connection */
	if (s == NULL)
		abort();
	ASSERT(options->deliver != NULL && options->size_max > 0);
	s->options = *options;
	buf_printf(out, "220 " STR_FMT " LMTP Naubat\r\n", STR_ARG(s->options.host));
	return s;
}

static void message_drop(struct lmtp_session *s)
{
	if (s->options.budget != NULL)
		atomic_fetch_add(s->options.budget, s->message_cap);
	free(s->message);
	s->message = NULL;
	s->message_len = s->message_cap = 0;
	s->too_large = s->no_memory = false;
}

void lmtp_session_free(struct lmtp_session *s)
{
	if (s != NULL)
		message_drop(s);
	free(s);
}

int lmtp_session_messages(const struct lmtp_session *s)
{
	return s->messages;
}

static void transaction_reset(struct lmtp_session *s, enum lmtp_state state)
{
	message_drop(s);
	s->recipient_count = 0;
	s->sender.len = 0;
	s->state = state;
}

static bool budget_take(_Atomic(ptrdiff_t) *budget, ptrdiff_t bytes)
{
	if (budget == NULL)
		return true;
	if (atomic_fetch_sub(budget, bytes) >= bytes)
		return true;
	atomic_fetch_add(budget, bytes);
	return false;
}

static bool message_grow(struct lmtp_session *s, ptrdiff_t more)
{
	ptrdiff_t cap = MIN(MAX(MAX(s->message_cap * 2, MESSAGE_FIRST), s->message_len + more),
		s->options.size_max);
	if (!budget_take(s->options.budget, cap - s->message_cap))
		return false;
	char *p = realloc(s->message, (size_t)cap);
	if (p == NULL) {
		if (s->options.budget != NULL)
			atomic_fetch_add(s->options.budget, cap - s->message_cap);
		return false;
	}
	s->message = p;
	s->message_cap = cap;
	return true;
}

/* What is too much is read to its end and forgotten: the peer must hear why, at the place where it
 * listens. */
static void message_add(struct lmtp_session *s, str bytes)
{
	if (s->too_large || s->no_memory || bytes.len == 0)
		return;
	s->too_large = bytes.len > s->options.size_max - s->message_len;
	if (!s->too_large && bytes.len > s->message_cap - s->message_len)
		s->no_memory = !message_grow(s, bytes.len);
	if (s->too_large || s->no_memory)
		return;
	memcpy(s->message + s->message_len, bytes.ptr, (size_t)bytes.len);
	s->message_len += bytes.len;
}

static void reply_verdict(struct lmtp_session *s, struct buf *out, enum lmtp_verdict verdict)
{
	switch (verdict) {
	case LMTP_STORED:
		reply(out, "250 2.0.0 stored");
		return;
	case LMTP_TRY_LATER:
		reply(out, s->no_memory ? "452 4.3.1 no room now, try again later" :
			"451 4.3.0 try again later");
		return;
	case LMTP_REFUSED:
		reply(out, "550 5.7.1 refused");
		return;
	case LMTP_TOO_LARGE:
		reply(out, "552 5.3.4 the message is too large");
		return;
	}
}

static void message_end(struct lmtp_session *s, struct buf *out)
{
	enum lmtp_verdict verdicts[LMTP_RECIPIENTS_MAX];
	str recipients[LMTP_RECIPIENTS_MAX];
	for (ptrdiff_t i = 0; i < s->recipient_count; i++) {
		verdicts[i] = s->too_large ? LMTP_TOO_LARGE : LMTP_TRY_LATER;
		recipients[i] = (str){ s->recipients[i].text, s->recipients[i].len };
	}
	struct lmtp_mail mail = {
		.sender = { s->sender.text, s->sender.len },
		.recipients = recipients, .recipient_count = s->recipient_count,
		.bytes = { s->message, s->message_len },
	};
	if (!s->too_large && !s->no_memory)
		s->options.deliver(s->options.ctx, &mail, verdicts);
	for (ptrdiff_t i = 0; i < s->recipient_count; i++)
		reply_verdict(s, out, verdicts[i]);
	s->messages++;
	transaction_reset(s, LMTP_READY);
}

/* One byte of the message that is not ordinary text; RFC 5321 section 4.5.2 (transparency). */
static void data_byte(struct lmtp_session *s, char c, struct buf *out)
{
	str byte = { &c, 1 };
	switch (s->data) {
	case DATA_LINE_START:
		if (c == '.') {
			s->data = DATA_DOT;
			return;
		}
		break;
	case DATA_DOT:
		if (c == '\r') {
			s->data = DATA_DOT_CR;
			return;
		}
		break;                                  /* the dot was stuffing */
	case DATA_DOT_CR:
		if (c == '\n') {
			message_end(s, out);
			return;
		}
		message_add(s, S("\r"));
		break;
	case DATA_CR:
		if (c == '\n') {
			message_add(s, byte);
			s->data = DATA_LINE_START;
			return;
		}
		break;
	case DATA_TEXT:
		break;
	}
	message_add(s, byte);
	s->data = c == '\r' ? DATA_CR : DATA_TEXT;
}

/* Returns how many bytes it took. */
static ptrdiff_t data_feed(struct lmtp_session *s, str bytes, struct buf *out)
{
	if (s->data != DATA_TEXT) {
		data_byte(s, bytes.ptr[0], out);
		return 1;
	}
	const char *cr = memchr(bytes.ptr, '\r', (size_t)bytes.len);
	ptrdiff_t n = cr ? cr - bytes.ptr : bytes.len;
	message_add(s, str_sub(bytes, 0, n));
	if (cr != NULL) {
		data_byte(s, '\r', out);
		n++;
	}
	return n;
}

/* <path> at the start of args: route dropped; what follows is in *out_rest. */
static bool parse_path(str args, struct lmtp_path *out, str *out_rest)
{
	bool quoted = false;
	ptrdiff_t i = 1;
	if (args.len < 2 || args.ptr[0] != '<')
		return false;
	for (; i < args.len && (quoted || args.ptr[i] != '>'); i++) {
		char c = args.ptr[i];
		if (c < 0x20 || c >= 0x7F || (c == ' ' && !quoted) || (c == '<' && !quoted))
			return false;
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
	}
	if (i >= args.len)
		return false;
	str path = str_sub(args, 1, i);
	if (path.len > 0 && path.ptr[0] == '@')         /* RFC 5321 appendix C: accept a route, ignore it */
		path = str_cut(path, ':').tail;
	if (path.len > PATH_MAX_BYTES)
		return false;
	if (path.len > 0)
		memcpy(out->text, path.ptr, (size_t)path.len);
	out->len = path.len;
	*out_rest = str_trim(str_sub(args, i + 1, args.len));
	return true;
}

static bool has_8bit(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return true;
	return false;
}

/* NULL, or the reply to a parameter of MAIL that is not good. */
static const char *mail_parameter(const struct lmtp_session *s, str parameter)
{
	int64_t size;
	if (str_eq_nocase(parameter, S("BODY=8BITMIME")) || str_eq_nocase(parameter, S("BODY=7BIT")))
		return NULL;
	if (str_eq_nocase(parameter, S("SMTPUTF8")))
		return "555 5.6.7 SMTPUTF8 is not supported here: please send with ASCII addresses";
	if (!str_starts_nocase(parameter, S("SIZE=")))
		return "555 5.5.4 a parameter that was not offered";
	if (!str_to_int(str_sub(parameter, 5, parameter.len), 0, INT64_MAX, &size))
		return "501 5.5.4 SIZE needs a number";
	return size > s->options.size_max ? "552 5.3.4 the message is too large" : NULL;
}

static void on_mail(struct lmtp_session *s, str args, struct buf *out)
{
	struct lmtp_path path = { .len = 0 };
	str rest = { 0 };
	if (s->state != LMTP_READY) {
		reply_error(s, out, s->state == LMTP_START ? "503 5.5.1 LHLO first" :
			"503 5.5.1 a sender was given already");
		return;
	}
	if (has_8bit(args)) {
		reply_error(s, out,
			"553 5.6.7 SMTPUTF8 is not supported here: please send with ASCII addresses");
		return;
	}
	if (!str_starts_nocase(args, S("FROM:")) ||
	    !parse_path(str_trim(str_sub(args, 5, args.len)), &path, &rest)) {
		reply_error(s, out, "501 5.5.4 MAIL FROM:<address>");
		return;
	}
	while (rest.len > 0) {
		str_cut_result cut = str_cut(rest, ' ');
		const char *bad = mail_parameter(s, cut.head);
		if (bad != NULL) {
			reply_error(s, out, bad);
			return;
		}
		rest = str_trim(cut.tail);
	}
	s->sender = path;
	s->state = LMTP_MAIL;
	reply(out, "250 2.1.0 OK");
}

static bool is_ours(const struct lmtp_session *s, str recipient)
{
	return s->options.accept == NULL || s->options.accept(s->options.ctx, recipient);
}

static void on_rcpt(struct lmtp_session *s, str args, struct buf *out)
{
	struct lmtp_path path = { .len = 0 };
	str rest = { 0 };
	if (s->state != LMTP_MAIL && s->state != LMTP_RCPT) {
		reply_error(s, out, "503 5.5.1 MAIL first");
	} else if (has_8bit(args)) {
		reply_error(s, out,
			"553 5.6.7 SMTPUTF8 is not supported here: please send with ASCII addresses");
	} else if (!str_starts_nocase(args, S("TO:")) ||
	           !parse_path(str_trim(str_sub(args, 3, args.len)), &path, &rest) || path.len == 0) {
		reply_error(s, out, "501 5.5.4 RCPT TO:<address>");
	} else if (rest.len > 0) {
		reply_error(s, out, "555 5.5.4 a parameter that was not offered");
	} else if (s->recipient_count == LMTP_RECIPIENTS_MAX) {
		reply(out, "452 4.5.3 too many recipients: send the others in another transaction");
	} else if (!is_ours(s, (str){ path.text, path.len })) {
		reply_error(s, out, "550 5.1.1 no such address here");
	} else {
		s->recipients[s->recipient_count++] = path;
		s->state = LMTP_RCPT;
		reply(out, "250 2.1.5 OK");
	}
}

static void on_data(struct lmtp_session *s, str args, struct buf *out)
{
	if (s->state != LMTP_RCPT) {
		reply_error(s, out, "503 5.5.1 no valid recipients");
	} else if (args.len > 0) {
		reply_error(s, out, "501 5.5.4 DATA takes no parameter");
	} else {
		s->state = LMTP_DATA;
		s->data = DATA_LINE_START;
		reply(out, "354 end with a dot alone on a line");
	}
}

static void on_lhlo(struct lmtp_session *s, str args, struct buf *out)
{
	if (args.len == 0) {
		reply_error(s, out, "501 5.5.4 LHLO your.host.name");
		return;
	}
	transaction_reset(s, LMTP_READY);
	buf_printf(out, "250-" STR_FMT "\r\n", STR_ARG(s->options.host));
	buf_printf(out, "250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE %td\r\n",
		s->options.size_max);
}

static void on_rset(struct lmtp_session *s, str args UNUSED, struct buf *out)
{
	transaction_reset(s, s->state == LMTP_START ? LMTP_START : LMTP_READY);
	reply(out, "250 2.0.0 OK");
}

static void on_noop(struct lmtp_session *s UNUSED, str args UNUSED, struct buf *out)
{
	reply(out, "250 2.0.0 OK");
}

static void on_quit(struct lmtp_session *s, str args UNUSED, struct buf *out)
{
	reply(out, "221 2.0.0 bye");
	s->state = LMTP_CLOSED;
}

static void on_helo(struct lmtp_session *s, str args UNUSED, struct buf *out)
{
	reply_error(s, out, "500 5.5.1 this is LMTP: say LHLO (RFC 2033)");
}

static void on_vrfy(struct lmtp_session *s, str args UNUSED, struct buf *out)
{
	reply_error(s, out, "252 2.5.0 send some mail, and see");
}

static const struct lmtp_command {
	const char *verb;
	void (*run)(struct lmtp_session *s, str args, struct buf *out);
} lmtp_commands[] = {
	{ "LHLO", on_lhlo }, { "MAIL", on_mail }, { "RCPT", on_rcpt }, { "DATA", on_data },
	{ "RSET", on_rset },
	{ "NOOP", on_noop }, { "QUIT", on_quit }, { "HELO", on_helo }, { "EHLO", on_helo },
	{ "VRFY", on_vrfy },
};

static void run_command(struct lmtp_session *s, struct buf *out)
{
	str_cut_result cut = str_cut((str){ s->line, s->line_len }, ' ');
	bool too_long = s->line_too_long;
	s->line_len = 0;
	s->line_too_long = false;
	if (too_long) {
		reply_error(s, out, "500 5.5.6 the line is too long");
		return;
	}
	for (ptrdiff_t i = 0; i < COUNTOF(lmtp_commands); i++)
		if (str_eq_nocase(cut.head, str_from(lmtp_commands[i].verb))) {
			lmtp_commands[i].run(s, str_trim(cut.tail), out);
			return;
		}
	reply_error(s, out, "500 5.5.2 no such command");
}

static void command_byte(struct lmtp_session *s, char c, struct buf *out)
{
	bool after_cr = s->saw_cr;
	s->saw_cr = c == '\r' && !after_cr;
	if (after_cr && c == '\n') {
		run_command(s, out);
	} else if (after_cr || c == '\n') {
		reply(out, "421 5.5.2 lines must end in CR LF");
		s->state = LMTP_CLOSED;
	} else if (c != '\r' && s->line_len < LMTP_LINE_MAX) {
		s->line[s->line_len++] = c;
	} else if (c != '\r') {
		s->line_too_long = true;
	}
}

bool lmtp_session_feed(struct lmtp_session *s, str bytes, struct buf *out)
{
	for (ptrdiff_t at = 0; at < bytes.len && s->state != LMTP_CLOSED;) {
		if (s->state == LMTP_DATA) {
			at += data_feed(s, str_sub(bytes, at, bytes.len), out);
		} else {
			command_byte(s, bytes.ptr[at], out);
			at++;
		}
	}
	return s->state != LMTP_CLOSED;
}
