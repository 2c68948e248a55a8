/* parse_priv.h - what the files of the mail parser share: parse.c the order of things, parse_headers.c who
 * and what, parse_body.c text and attachments, parse_report.c bounces and abuse reports. */
#pragma once
#include "base/buf.h"
#include "mail/mime.h"
#include "mail/parse.h"

enum { PARSE_TEXT_MAX = 4 * MAIL_TEXT_MAX };

struct parse {
	struct arena *arena;
	const struct mail_parse_options *options;
	struct mail  *mail;
	struct mime   mime;
	struct buf    text;
	ptrdiff_t     text_room;        /* bytes that may still be turned into text, all parts together */
};

void parse_problem(struct parse *p, const char *fmt, ...) PRINTF(2, 3);

void parse_headers(struct parse *p, const struct mime_part *root);
void parse_body(struct parse *p, const struct mime_part *root);
void parse_reports(struct parse *p, const struct mime_part *root);

/* <a@b> out of a Message-ID, In-Reply-To or References value, without <>; empty at the end. */
str  parse_next_message_id(struct arena *a, str *rest);

/* Text of a text part as UTF-8 with LF. */
str  parse_part_text(struct parse *p, const struct mime_part *part);

/* The first part of that type in the tree, not looking into nested mails; NULL if none. */
const struct mime_part *parse_find_part(const struct mime_part *part, str type);
