#include "mail/inbound.h"

#include "base/buf.h"
#include "format/json.h"
#include "inbound_sql.h"
#include "mail/compose.h"
#include "mail/receipts.h"
#include "mail/thread.h"
#include "mail/xarf.h"
#include "model/number.h"

enum { MACHINE_PARTS_MOST = 16 << 10, XARF_WORDS_MOST = 2000 };

static bool known_token(struct db *db, struct arena *a, struct mail_strings recipients, const struct world *w,
			str *out, struct err *err)
{
	struct mail_strings tokens = thread_find_tokens(a, recipients, S("reply"), w->mail_domain);
	*out = (str){ 0 };
	for (ptrdiff_t i = 0; i < tokens.count && out->len == 0; i++) {
		struct sql_inbound_token_row row;
		bool found = false;
		if (!sql_inbound_token(db, a, &(struct sql_inbound_token){ .token = tokens.items[i] }, &row,
				       &found, err))
			return false;
		if (found)
			*out = tokens.items[i];
	}
	return true;
}

static bool known_number(struct db *db, struct arena *a, const struct mail *m, str *out, struct err *err)
{
	struct mail_strings numbers = thread_find_numbers(a, m->subject);
	*out = (str){ 0 };
	for (ptrdiff_t i = 0; i < numbers.count && out->len == 0; i++) {
		struct sql_inbound_number_row row;
		struct err not_one;
		bool found = false;
		str number;
		if (!number_parse(a, numbers.items[i], &number, &not_one))
			continue;
		if (!sql_inbound_number(db, a, &(struct sql_inbound_number){ .number = number }, &row, &found,
					err))
			return false;
		if (found)
			*out = number;
	}
	return true;
}

/* What the reporter gets at once.  A receipt is no answer: nothing is acknowledged by it. */
static void add_receipt(struct decision *d, const struct intake *in, str reply)
{
	struct json *p = json_object(d->arena), *words = json_object(d->arena);
	json_set_uuid(p, "report", in->id);
	json_set_str(p, "team", in->world->team);
	json_set_int(p, "tlp", in->tlp);
	json_set_bool(p, "automatic", true);
	json_set_str(p, "delivery", S("queued"));
	json_set_str(words, "subject", S("We have your report"));
	json_set_str(words, "text",
		     arena_printf(d->arena,
				  "Your report has arrived and has the number " STR_FMT
				  ". A person will read it.\n\n"
				  "To add to it, answer this mail. This receipt was sent by a program.\n",
				  STR_ARG(in->number)));
	json_set_str(words, "number", in->number);
	json_set_str(words, "to", in->reporter_contact);
	json_set_str(words, "to_name", in->reporter_name);
	json_set_str(words, "reply", reply);
	struct draft m =
		draft_of("message.queued", decision_new_id(d), in->world->team, in->tlp, p);
	m.content = words;
	decision_add(d, m);
}

static bool report_and_receipt(struct decision *d, void *arg, struct err *err)
{
	const struct intake *in = arg;
	if (!intake_decide(d, arg, err))
		return false;
	if (receipts_take(in->world->receipts, in->world->secret, in->reporter_contact, d->now))
		add_receipt(d, in, in->reply);
	return true;
}

static bool wants_receipt(const struct world *w, const struct mail *m)
{
	struct err no_address;
	str to = mail_answer_address(m).address, domain = w->mail_domain;
	bool ours = str_eq_nocase(str_sub(to, str_find_char(to, '@') + 1, to.len), domain);
	return mail_may_answer(m) && !ours && mail_address_check(to, &no_address);
}

static void add_line(struct buf *b, const char *what, str value)
{
	if (value.len)
		buf_printf(b, "%s: " STR_FMT "\n", what, STR_ARG(value));
}

/* What a machine said in a part of its own stands in the words, where people read and clues are found. */
static str with_machine_parts(struct arena *a, const struct mail *m, str text)
{
	struct buf b;
	if (m->kind != MAIL_ARF && m->xarf_count == 0)
		return text;
	buf_init(&b, a, INTAKE_TEXT_MAX);
	buf_add(&b, text);
	if (m->kind == MAIL_ARF) {
		add_line(&b, "\n\nAbuse report (ARF)", m->arf.feedback_type);
		add_line(&b, "Source address", m->arf.source_ip);
	}
	for (ptrdiff_t i = 0; i < m->xarf_count; i++) {
		const struct xarf_report *x = &m->xarf[i];
		buf_printf(&b, "\n\nAbuse report (XARF " STR_FMT "): " STR_FMT ", " STR_FMT "\n",
			   STR_ARG(x->version), STR_ARG(x->category), STR_ARG(x->type));
		add_line(&b, "Source", x->source_identifier);
		add_line(&b, "URL", x->url);
		add_line(&b, "Reported by", x->reporter.org);
		add_line(&b, "Description", str_sub(x->description, 0, XARF_WORDS_MOST));
	}
	return b.over ? text : buf_str(&b);
}

static bool as_report(struct arena *a, const struct world *w, const struct mail *m, str raw,
		      struct inbound *out, struct err *err)
{
	struct mail_address from = mail_answer_address(m);
	struct intake_file *files = NEW(a, struct intake_file, m->attachments.count);
	for (ptrdiff_t i = 0; i < m->attachments.count; i++) {
		const struct mail_attachment *x = &m->attachments.items[i];
		files[i] = (struct intake_file){ x->name, x->type, x->bytes.len, hash256_of(x->bytes) };
	}
	str text = str_sub(m->text, 0, INTAKE_TEXT_MAX - MACHINE_PARTS_MOST);
	if (m->encrypted && str_trim(text).len == 0)
		text = S("[This mail is encrypted. It was kept as it came and could not be read here.]");
	text = with_machine_parts(a, m, text);
	out->report = (struct intake){ .world = w,
				       .channel = S("mail"),
				       .title = str_sub(m->subject, 0, INTAKE_TITLE_MAX),
				       .text = text,
				       .reporter_name = str_sub(from.name, 0, INTAKE_NAME_MAX),
				       .reporter_contact = str_sub(from.address, 0, INTAKE_NAME_MAX),
				       .unreadable = m->encrypted,
				       .raw = raw,
				       .files = files,
				       .file_count = m->attachments.count };
	out->command.decide = wants_receipt(w, m) ? report_and_receipt : intake_decide;
	out->command.arg = &out->report;
	out->command.name = "mail.report";
	return intake_prepare(&out->report, a, err);
}

/* A delivery report about a mail of ours names it: that message bounced, and is no report of anybody's.
 * (A bounce that became a report would alert the duty desk; if that address fails, for ever.) */
static bool known_bounce(struct db *db, struct arena *a, const struct world *w, const struct mail *m,
			 struct uuid *out_message, struct err *err)
{
	struct sql_inbound_message_row row;
	struct err not_ours;
	str_cut_result id = str_cut(m->bounce.message_id, '@');
	bool found = false;
	*out_message = (struct uuid){ { 0 } };
	if (!m->is_bounce || !m->bounce.permanent || !str_eq_nocase(id.tail, w->mail_domain) ||
	    !uuid_parse(id.head, out_message, &not_ours))
		return true;
	const struct sql_inbound_message by_id = { .id = *out_message };
	if (!sql_inbound_message(db, a, &by_id, &row, &found, err))
		return false;
	if (!found)
		*out_message = (struct uuid){ { 0 } };
	return true;
}

/* What the report says of the first recipient who did not get it. */
static str diagnostic(struct arena *a, const struct mail_bounce *b)
{
	for (ptrdiff_t i = 0; i < b->count; i++) {
		const struct mail_failure *f = &b->items[i];
		const char *between = f->status.len && f->diagnostic.len ? ", " : "";
		if (str_eq_nocase(f->action, S("failed")))
			return arena_printf(a, "the mail came back: " STR_FMT "%s" STR_FMT,
					    STR_ARG(f->status), between, STR_ARG(f->diagnostic));
	}
	return S("the mail came back");
}

static struct mail_strings join(struct arena *a, struct mail_strings x, struct mail_strings y)
{
	struct mail_strings all = { NEW(a, str, x.count + y.count), x.count + y.count };
	for (ptrdiff_t i = 0; i < all.count; i++)
		all.items[i] = i < x.count ? x.items[i] : y.items[i - x.count];
	return all;
}

bool inbound_prepare(const struct world *w, struct arena *a, str raw, struct db *db, struct inbound *out,
		     struct err *err)
{
	return inbound_prepare_from(w, a, raw, (struct mail_strings){ 0 }, db, out, err);
}

bool inbound_prepare_from(const struct world *w, struct arena *a, str raw, struct mail_strings envelope,
			  struct db *db, struct inbound *out, struct err *err)
{
	struct mail m;
	struct mail_parse_options options = { .own_host = w->mail_domain };
	struct uuid bounced;
	str token, number = { 0 };
	if (!mail_parse(a, raw, &options, &m, err) ||
	    !known_token(db, a, join(a, m.recipients, envelope), w, &token, err) ||
	    (token.len == 0 && !known_number(db, a, &m, &number, err)) ||
	    !known_bounce(db, a, w, &m, &bounced, err))
		return false;
	*out = (struct inbound){ .is_answer = token.len || number.len, .answerable = mail_may_answer(&m) };
	out->command.actor = actor_public();
	out->command.regime = w->regime_id;
	out->command.keyed = true;
	out->command.key = hash256_of(raw);
	out->command.request = out->command.key;
	if (!out->is_answer && !uuid_is_nil(bounced)) {
		out->delivery = (struct message_delivery){ bounced, S("bounce"), diagnostic(a, &m.bounce) };
		out->command.decide = message_delivery_decide;
		out->command.arg = &out->delivery;
		out->command.name = "mail.bounce";
		return true;
	}
	if (!out->is_answer)
		return as_report(a, w, &m, raw, out, err);
	out->answer = (struct message_in){ .world = w,
					   .reply = token,
					   .number = number,
					   .from = mail_answer_address(&m).address,
					   .subject = m.subject,
					   .text = m.text,
					   .raw = raw,
					   .verified = token.len > 0,
					   .automatic = !mail_may_answer(&m) };
	out->command.decide = message_in_decide;
	out->command.arg = &out->answer;
	out->command.name = "mail.answer";
	return true;
}
