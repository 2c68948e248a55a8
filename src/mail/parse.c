#include "mail/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include "mail/parse_priv.h"

void mail_init(void)
{
	mime_init();
}

void parse_problem(struct parse *p, const char *fmt, ...)
{
	struct mail_strings *problems = &p->mail->problems;
	char text[200];
	va_list ap;
	if (problems->count == MAIL_PROBLEMS_MAX)
		return;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	str line = { text, MIN(MAX(n, 0), (int)sizeof(text) - 1) };
	for (ptrdiff_t i = 0; i < problems->count; i++)
		if (str_eq(problems->items[i], line))
			return;
	problems->items[problems->count++] = arena_dup(p->arena, line);
}

static void parse_note_screen(struct parse *p)
{
	const struct mime *m = &p->mime;
	if (m->unreadable)
		parse_problem(p, "no mail headers were found: the bytes are taken as text");
	if (m->screened.cut_parts)
		parse_problem(p, "more than %d parts: what follows was left out", SCREEN_PARTS_MAX);
	if (m->screened.cut_headers)
		parse_problem(p, "more than %d kB of headers: some were left out", SCREEN_HEADERS_MAX >> 10);
	if (m->screened.cut_colons)
		parse_problem(p, "an address header with too many groups was cut");
	if (m->cut_depth)
		parse_problem(p, "parts nested more than %d deep were left as they are", MAIL_DEPTH_MAX);
}

bool mail_parse(struct arena *a, str raw, const struct mail_parse_options *options,
                struct mail *out_mail, struct err *err)
{
	struct mail mail = { 0 };
	struct parse p = { .arena = a, .options = options, .mail = &mail, .text_room = PARSE_TEXT_MAX };
	if (raw.len > MAIL_SIZE_MAX)
		return err_set(err, ERR_LIMIT, "the mail has %td bytes; at most %d are read", raw.len,
			MAIL_SIZE_MAX);
	mail.problems.items = NEW(a, str, MAIL_PROBLEMS_MAX);
	mail.attachments.items = NEW(a, struct mail_attachment, MAIL_ATTACHMENTS_MAX);
	buf_init(&p.text, a, MAIL_TEXT_MAX);
	mime_open(a, raw, MAIL_DEPTH_MAX, &p.mime);
	parse_note_screen(&p);
	parse_headers(&p, p.mime.root);
	parse_reports(&p, p.mime.root);
	parse_body(&p, p.mime.root);
	mime_close(&p.mime);
	if (a->over)
		return err_set(err, ERR_LIMIT, "taking the mail of %td bytes apart needs too much memory",
			raw.len);
	*out_mail = mail;
	return true;
}

bool mail_may_answer(const struct mail *m)
{
	bool automatic = m->is_null_return_path || m->auto_submitted || m->is_auto_reply || m->is_bounce;
	return !automatic && !m->is_bulk && !m->is_loop && mail_answer_address(m).address.len > 0;
}

struct mail_address mail_answer_address(const struct mail *m)
{
	const struct mail_addresses *list = m->reply_to.count > 0 ? &m->reply_to : &m->from;
	return list->count > 0 ? list->items[0] : (struct mail_address){ 0 };
}

str mail_kind_name(enum mail_kind kind)
{
	switch (kind) {
	case MAIL_PLAIN: return S("plain");
	case MAIL_ARF:   return S("arf");
	case MAIL_XARF:  return S("xarf");
	}
	return S("plain");
}
