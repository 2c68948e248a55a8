#include "mail/compose.h"

#include "base/buf.h"
#include "mail/address.h"
#include "mail/charset.h"
#include "mail/encode.h"

enum {
	SUBJECT_MAX       = 500,
	MESSAGE_ID_MAX    = 250,
	REFERENCES_SENT   = 20,         /* the last ones: enough to thread, and short */
	TEXT_MAX          = 4 << 20,
	BYTES_MAX         = 40 << 20,
	NAME_MAX_BYTES    = 120,
	LOCAL_MAX         = 64,         /* RFC 5321 4.5.3.1 */
	ADDRESS_MAX       = 254,
	LABEL_MAX         = 63,
};

/* Neither quoted-printable ("=" is followed by hex digits) nor base64 can make this. */
#define BOUNDARY        "=_naubat-part"
#define BANNER          "DEMONSTRATION: this message was made by a demonstration. Names, addresses and " \
	"events are invented."

static const char *const tlp_labels[] = {
	"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED",
};

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool domain_is_good(str domain)
{
	ptrdiff_t label = 0;
	for (ptrdiff_t i = 0; i <= domain.len; i++) {
		bool end = i == domain.len || domain.ptr[i] == '.';
		if (end && (label == 0 || label > LABEL_MAX || domain.ptr[i - 1] == '-'))
			return false;
		if (!end && !is_alnum(domain.ptr[i]) && (domain.ptr[i] != '-' || label == 0))
			return false;
		label = end ? 0 : label + 1;
	}
	return true;
}

static bool local_is_good(str local)
{
	if (local.len == 0 || local.len > LOCAL_MAX || local.ptr[0] == '.' || local.ptr[local.len - 1] == '.')
		return false;
	for (ptrdiff_t i = 0; i < local.len; i++) {
		char c = local.ptr[i];
		if (!is_alnum(c) && (c == 0 || strchr(".!#$%&'*+-/=?^_`{|}~", c) == NULL))
			return false;
		if (c == '.' && local.ptr[i - 1] == '.')
			return false;
	}
	return true;
}

bool mail_address_check(str address, struct err *err)
{
	str domain = address_domain(address);
	if (address.len > ADDRESS_MAX || domain.len == 0 || !domain_is_good(domain) ||
	    !local_is_good(address_local(address)))
		return err_set(err, ERR_INPUT,
			"not a mail address that can be written to: name@host in ASCII is needed");
	return true;
}

static bool is_line(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\r' || s.ptr[i] == '\n' || s.ptr[i] == 0)
			return false;
	return str_utf8_valid(s);
}

/* What stands in a header as it is: visible ASCII without blanks and brackets. */
static bool is_token(str s, ptrdiff_t max)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7F || s.ptr[i] == '<' || s.ptr[i] == '>')
			return false;
	return s.len > 0 && s.len <= max;
}

static bool is_message_id(str s)
{
	return is_token(s, MESSAGE_ID_MAX) && str_find_char(s, '@') > 0;
}

static bool is_media_type(str s)
{
	str_cut_result cut = str_cut(s, '/');
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) && (s.ptr[i] == 0 || strchr("/.+-_", s.ptr[i]) == NULL))
			return false;
	return cut.ok && cut.head.len > 0 && cut.tail.len > 0 && str_find_char(cut.tail, '/') < 0 &&
		s.len <= 100;
}

static bool is_tlp(str label)
{
	for (ptrdiff_t i = 0; i < COUNTOF(tlp_labels); i++)
		if (str_eq(label, str_from(tlp_labels[i])))
			return true;
	return false;
}

static bool check_addresses(const struct mail_draft *d, struct err *err)
{
	if (!mail_address_check(d->from.address, err))
		return err_wrap(err, "From");
	if (!mail_address_check(d->to.address, err))
		return err_wrap(err, "To");
	if (d->reply_to.len > 0 && !mail_address_check(d->reply_to, err))
		return err_wrap(err, "Reply-To");
	return true;
}

static bool check_attachments(const struct mail_draft *d, struct err *err)
{
	ptrdiff_t total = 0;
	for (ptrdiff_t i = 0; i < d->attachment_count; i++) {
		const struct mail_attachment *a = &d->attachments[i];
		if (!is_line(a->name) || a->name.len == 0 || a->name.len > NAME_MAX_BYTES)
			return err_set(err, ERR_INPUT,
				"attachment %td: its name must be one line of 1 to %d bytes of UTF-8",
				i + 1, NAME_MAX_BYTES);
		if (!is_media_type(a->type))
			return err_set(err, ERR_INPUT, "attachment %td: its type must look like \"text/csv\"",
				i + 1);
		total += MIN(a->bytes.len, BYTES_MAX);
	}
	if (total > BYTES_MAX / 2)
		return err_set(err, ERR_LIMIT, "the attachments are larger than %d MiB together",
			BYTES_MAX / 2 >> 20);
	return true;
}

static bool check_draft(const struct mail_draft *d, struct err *err)
{
	const struct { const char *what; str line; } lines[] = {
		{ "From", d->from.name }, { "To", d->to.name }, { "Subject", d->subject },
		{ "the number", d->number },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(lines); i++)
		if (!is_line(lines[i].line) || lines[i].line.len > SUBJECT_MAX)
			return err_set(err, ERR_INPUT,
				"%s: must be one line of UTF-8, at most %d bytes, without control characters",
				lines[i].what, SUBJECT_MAX);
	if (!is_tlp(d->tlp))
		return err_set(err, ERR_INPUT, "a mail needs a TLP 2.0 label, such as TLP:AMBER");
	if (!is_message_id(d->message_id) || (d->in_reply_to.len > 0 && !is_message_id(d->in_reply_to)))
		return err_set(err, ERR_INPUT, "Message-ID and In-Reply-To must look like unique@host");
	if (!is_token(d->loop, ADDRESS_MAX))
		return err_set(err, ERR_INPUT, "X-Naubat-Loop needs the node's host name");
	if (d->number.len > 0 && !is_token(d->number, 64))
		return err_set(err, ERR_INPUT, "the number must be letters, digits and hyphens");
	if (!str_utf8_valid(d->text) || str_find_char(d->text, '\0') >= 0)
		return err_set(err, ERR_INPUT, "the text must be UTF-8 without NUL");
	if (d->text.len > TEXT_MAX)
		return err_set(err, ERR_LIMIT, "the text is longer than %d MiB", TEXT_MAX >> 20);
	return check_addresses(d, err) && check_attachments(d, err);
}

/* I5.  Embeddings, overrides and isolates (UAX 9) can make quoted text look like something else. */
static str without_bidi(struct arena *a, str text)
{
	struct buf b;
	if (str_find(text, S("\xE2\x80")) < 0 && str_find(text, S("\xE2\x81")) < 0)
		return text;
	buf_init(&b, a, text.len + 1);
	for (ptrdiff_t i = 0; i < text.len;) {
		uint32_t rune = 0;
		int n = MAX(charset_rune(str_sub(text, i, text.len), &rune), 1);
		if ((rune < 0x202A || rune > 0x202E) && (rune < 0x2066 || rune > 0x2069))
			buf_add(&b, str_sub(text, i, i + n));
		i += n;
	}
	return buf_str(&b);
}

static str clean_line(struct arena *a, str text)
{
	return str_trim(without_bidi(a, charset_clean_line(a, text)));
}

str mail_subject_line(struct arena *a, const struct mail_draft *d)
{
	str subject = clean_line(a, d->subject);
	if (d->number.len == 0)
		return arena_printf(a, "[" STR_FMT "] " STR_FMT, STR_ARG(d->tlp), STR_ARG(subject));
	return arena_printf(a, "[" STR_FMT "] [" STR_FMT "] " STR_FMT, STR_ARG(d->tlp), STR_ARG(d->number),
		STR_ARG(subject));
}

static void add_address(struct buf *b, const char *header, struct mail_address who)
{
	str name = clean_line(b->arena, who.name);
	str value = name.len == 0 ? who.address : arena_printf(b->arena, STR_FMT " <" STR_FMT ">",
		STR_ARG(encode_phrase(b->arena, name)), STR_ARG(who.address));
	encode_header_ascii(b, str_from(header), value);
}

static void add_date(struct buf *b, struct instant t)
{
	static const char days[] = "MonTueWedThuFriSatSun", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil c = instant_civil(t, 0);
	buf_printf(b, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000\r\n",
		days + (ptrdiff_t)3 * civil_weekday(c.year, c.month, c.day), c.day,
		months + (ptrdiff_t)3 * (c.month - 1), c.year, c.hour, c.minute, c.second);
}

static void add_references(struct buf *b, const struct mail_draft *d)
{
	struct buf ids;
	buf_init(&ids, b->arena, (REFERENCES_SENT + 1) * (MESSAGE_ID_MAX + 3));
	for (ptrdiff_t i = MAX(d->references.count - REFERENCES_SENT, 0); i < d->references.count; i++)
		/* they came from outside: a bad one is no reason to be silent */
		if (is_message_id(d->references.items[i]))
			buf_printf(&ids, "%s<" STR_FMT ">", ids.len ? " " : "",
				STR_ARG(d->references.items[i]));
	if (ids.len == 0 && d->in_reply_to.len > 0)
		buf_printf(&ids, "<" STR_FMT ">", STR_ARG(d->in_reply_to));
	if (ids.len > 0)
		encode_header_ascii(b, S("References"), buf_str(&ids));
}

static void add_headers(struct buf *b, const struct mail_draft *d)
{
	static const char *const automatic[] = { NULL, "auto-generated", "auto-replied" };
	add_date(b, d->date);
	add_address(b, "From", d->from);
	add_address(b, "To", d->to);
	if (d->reply_to.len > 0)
		encode_header_ascii(b, S("Reply-To"), d->reply_to);
	buf_printf(b, "Message-ID: <" STR_FMT ">\r\n", STR_ARG(d->message_id));
	if (d->in_reply_to.len > 0)
		buf_printf(b, "In-Reply-To: <" STR_FMT ">\r\n", STR_ARG(d->in_reply_to));
	add_references(b, d);
	encode_header(b, S("Subject"), mail_subject_line(b->arena, d));
	if (d->automatic != MAIL_AUTO_NONE)
		buf_printf(b, "Auto-Submitted: %s\r\nX-Auto-Response-Suppress: All\r\n",
			automatic[d->automatic]);
	buf_printf(b, "X-Naubat-Loop: " STR_FMT "\r\n", STR_ARG(d->loop));
	if (d->demonstration)
		buf_add(b, S("X-Naubat-Demonstration: yes\r\n"));
	buf_add(b, S("MIME-Version: 1.0\r\n"));
}

static void add_text(struct buf *b, const struct mail_draft *d)
{
	str text = without_bidi(b->arena, charset_clean_text(b->arena, d->text));
	while (str_ends(text, S("\n")))
		text.len--;
	buf_add(b, S("Content-Type: text/plain; charset=UTF-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n"));
	encode_quoted(b, d->tlp);
	buf_add(b, S("\r\n"));
	if (d->demonstration)
		buf_add(b, S(BANNER "\r\n\r\n"));
	encode_quoted(b, text);
	buf_add(b, S("\r\n"));
	encode_quoted(b, d->tlp);
}

static void add_attachment(struct buf *b, const struct mail_attachment *a)
{
	str name = clean_line(b->arena, a->name);
	/* A nested mail may not be base64 (RFC 2046 5.2.1): as plain bytes no relay touches it. */
	str type = str_starts_nocase(a->type, S("message/")) || str_starts_nocase(a->type, S("multipart/")) ?
		S("application/octet-stream") : a->type;
	buf_printf(b, "--" BOUNDARY "\r\nContent-Type: " STR_FMT, STR_ARG(type));
	buf_add(b, S("\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment"));
	encode_parameter(b, S("filename"), name);
	buf_add(b, S("\r\n\r\n"));
	encode_base64(b, a->bytes);
}

bool mail_compose_bytes(struct arena *a, const struct mail_draft *d, str *out_bytes, struct err *err)
{
	struct buf b;
	if (!check_draft(d, err))
		return false;
	buf_init(&b, a, BYTES_MAX);
	add_headers(&b, d);
	if (d->attachment_count > 0)
		buf_add(&b, S("Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n\r\n"
			"--" BOUNDARY "\r\n"));
	add_text(&b, d);
	for (ptrdiff_t i = 0; i < d->attachment_count; i++)
		add_attachment(&b, &d->attachments[i]);
	if (d->attachment_count > 0)
		buf_add(&b, S("--" BOUNDARY "--\r\n"));
	if (b.over)
		return err_set(err, ERR_LIMIT, "the mail is larger than %d MiB", BYTES_MAX >> 20);
	*out_bytes = buf_str(&b);
	return true;
}
