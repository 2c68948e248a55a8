/* Bounces (RFC 3464) and abuse reports (RFC 5965).  Both are "fields" in a part of their own, next to the
 * mail that they are about. */
#include "mail/parse_priv.h"

#include "mail/address.h"
#include "mail/charset.h"
#include "mail/fields.h"
#include "mail/words.h"

enum { REPORT_BYTES_MAX = 256 << 10, REPORT_ITEMS_MAX = 100 };

/* "rfc822; a@b" -> "a@b"; "smtp; 550 no" -> "550 no". */
static str without_type(str value)
{
	str_cut_result cut = str_cut(value, ';');
	return cut.ok ? str_trim(cut.tail) : value;
}

/* The mail a report is about: a nested mail, or its headers as text. */
static str original_header(struct parse *p, const struct mime_part *root, const char *name)
{
	const struct mime_part *mail = parse_find_part(root, S("message/rfc822"));
	const struct mime_part *headers = parse_find_part(root, S("text/rfc822-headers"));
	if (mail != NULL && mail->is_mail)
		return mime_header(mail->first, str_from(name));
	if (headers != NULL)
		return fields_find(mime_bytes(p->arena, headers, REPORT_BYTES_MAX), str_from(name));
	return (str){ 0 };
}

static struct mail_failure bounce_failure(struct parse *p, struct fields *f)
{
	struct mail_failure failure = { 0 };
	struct field field;
	str final = { 0 }, original = { 0 };
	while (fields_next(f, &field)) {
		if (str_eq_nocase(field.name, S("Original-Recipient")))
			original = without_type(field.value);
		else if (str_eq_nocase(field.name, S("Final-Recipient")))
			final = without_type(field.value);
		else if (str_eq_nocase(field.name, S("Action")))
			failure.action = charset_clean_line(p->arena, str_cut(field.value, ' ').head);
		else if (str_eq_nocase(field.name, S("Status")))
			failure.status = charset_clean_line(p->arena, str_cut(field.value, ' ').head);
		else if (str_eq_nocase(field.name, S("Diagnostic-Code")))
			failure.diagnostic = words_decode(p->arena, without_type(field.value));
	}
	/* The original is what we wrote to; the final one may be an address behind it that we never knew. */
	str recipient = original.len > 0 && str_find_char(original, '@') >= 0 ? original : final;
	struct mail_addresses list = address_parse(p->arena, recipient);
	failure.recipient = list.count > 0 ? list.items[0].address : (str){ 0 };
	return failure;
}

static void parse_bounce(struct parse *p, const struct mime_part *status)
{
	struct mail_bounce *b = &p->mail->bounce;
	struct fields f = { mime_bytes(p->arena, status, REPORT_BYTES_MAX) };
	p->mail->is_bounce = true;
	b->items = NEW(p->arena, struct mail_failure, REPORT_ITEMS_MAX);
	do {    /* the first block is about the mail, and names no recipient */
		struct mail_failure failure = bounce_failure(p, &f);
		bool failed = str_eq_nocase(failure.action, S("failed"));
		if (failure.recipient.len == 0)
			continue;
		b->permanent |= failed && (failure.status.len == 0 || failure.status.ptr[0] == '5');
		b->items[b->count++] = failure;
	} while (b->count < REPORT_ITEMS_MAX && fields_next_block(&f));
	if (b->count == 0)
		parse_problem(p, "a delivery report that names no recipient");
}

struct arf_text { const char *name; ptrdiff_t offset; };

#define ARF(field)      offsetof(struct mail_arf, field)

static const struct arf_text arf_single[] = {
	{ "Feedback-Type", ARF(feedback_type) }, { "User-Agent", ARF(user_agent) },
	{ "Version", ARF(version) },
	{ "Source-IP", ARF(source_ip) }, { "Source-Port", ARF(source_port) },
	{ "Arrival-Date", ARF(arrival_date) },
	{ "Received-Date", ARF(arrival_date) }, { "Incidents", ARF(incidents) },
	{ "Reporting-MTA", ARF(reporting_mta) },
	{ "Original-Mail-From", ARF(original_mail_from) },
	{ "Original-Envelope-Id", ARF(original_envelope_id) },
	{ "Auth-Failure", ARF(auth_failure) }, { "Authentication-Results", ARF(authentication_results) },
};

static const struct arf_text arf_multiple[] = {
	{ "Original-Rcpt-To", ARF(original_rcpt_to) }, { "Reported-Domain", ARF(reported_domain) },
	{ "Reported-URI", ARF(reported_uri) },
};

static void arf_field(struct parse *p, const struct field *field)
{
	char *arf = (char *)&p->mail->arf;
	str value = words_decode(p->arena, field->value);
	for (ptrdiff_t i = 0; i < COUNTOF(arf_single); i++)
		if (str_eq_nocase(field->name, str_from(arf_single[i].name))) {
			str *to = (str *)(void *)(arf + arf_single[i].offset);
			if (to->len == 0)
				*to = value;
		}
	for (ptrdiff_t i = 0; i < COUNTOF(arf_multiple); i++)
		if (str_eq_nocase(field->name, str_from(arf_multiple[i].name))) {
			struct mail_strings *list =
				(struct mail_strings *)(void *)(arf + arf_multiple[i].offset);
			if (list->items == NULL)
				list->items = NEW(p->arena, str, REPORT_ITEMS_MAX);
			if (list->count < REPORT_ITEMS_MAX && value.len > 0)
				list->items[list->count++] = value;
		}
}

static void parse_arf(struct parse *p, const struct mime_part *root, const struct mime_part *report)
{
	struct mail_arf *arf = &p->mail->arf;
	struct fields f = { mime_bytes(p->arena, report, REPORT_BYTES_MAX) };
	struct field field;
	do {    /* some put an empty line between the fields: all blocks count */
		for (int n = 0; n < MIME_HEADERS_MAX && fields_next(&f, &field); n++)
			arf_field(p, &field);
	} while (fields_next_block(&f));
	const struct mime_part *original = parse_find_part(root, S("message/rfc822"));
	if (original == NULL)
		original = parse_find_part(root, S("text/rfc822-headers"));
	if (original != NULL)
		arf->original = mime_bytes(p->arena, original, MAIL_SIZE_MAX);
	arf->original_subject = words_decode(p->arena, original_header(p, root, "Subject"));
	arf->original_from = words_decode(p->arena, original_header(p, root, "From"));
	str id = original_header(p, root, "Message-ID");
	arf->original_message_id = parse_next_message_id(p->arena, &id);
	p->mail->kind = MAIL_ARF;
	if (arf->feedback_type.len == 0 || arf->user_agent.len == 0 || arf->version.len == 0)
		parse_problem(p, "the abuse report lacks Feedback-Type, User-Agent or Version (RFC 5965)");
	if (original == NULL)
		parse_problem(p, "the abuse report has no mail that it is about");
}

void parse_reports(struct parse *p, const struct mime_part *root)
{
	const struct mime_part *status = parse_find_part(root, S("message/delivery-status"));
	const struct mime_part *feedback = parse_find_part(root, S("message/feedback-report"));
	bool is_report = str_eq(root->type, S("multipart/report"));
	if (status == NULL)
		status = parse_find_part(root, S("message/global-delivery-status"));
	if (status != NULL && (is_report || p->mail->is_bounce || p->mail->is_null_return_path))
		parse_bounce(p, status);
	if (feedback != NULL)
		parse_arf(p, root, feedback);
	if (p->mail->is_bounce) {
		str id = original_header(p, root, "Message-ID");
		p->mail->bounce.message_id = parse_next_message_id(p->arena, &id);
	}
}
