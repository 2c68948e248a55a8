#include "mail/parse_priv.h"

#include "format/json.h"
#include "mail/charset.h"
#include "mail/fields.h"
#include "mail/html.h"
#include "mail/words.h"
#include "mail/xarf.h"

enum {
	NESTED_TEXT_MAX = 1 << 20,
	NAME_MAX_BYTES  = 120,
	XARF_MAX        = 64,           /* reports in one mail */
};

const struct mime_part *parse_find_part(const struct mime_part *part, str type)
{
	if (str_eq(part->type, type))
		return part;
	for (const struct mime_part *c = part->is_mail ? NULL : part->first; c != NULL; c = c->next) {
		const struct mime_part *found = parse_find_part(c, type);       /* depth: MAIL_DEPTH_MAX */
		if (found != NULL)
			return found;
	}
	return NULL;
}

str parse_part_text(struct parse *p, const struct mime_part *part)
{
	ptrdiff_t max = MIN(p->text_room, MAIL_TEXT_MAX);
	str bytes = mime_bytes(p->arena, part, max + 1);
	if (bytes.len > max)
		parse_problem(p, "a text of more than %td bytes was cut", max);
	bytes = str_sub(bytes, 0, max);
	p->text_room -= bytes.len;
	if (!charset_known(part->charset))
		parse_problem(p, "unknown charset \"%.40s\": its characters are shown as U+FFFD",
			arena_cstr(p->arena, part->charset));
	str text = charset_decode(p->arena, part->charset, bytes);
	if (str_eq(part->type, S("text/html")))
		return html_to_text(p->arena, text, MAIL_TEXT_MAX);
	return charset_clean_text(p->arena, text);
}

/* Signs that shells, file systems and headers take for more than a letter; invisible and turning ones. */
static bool is_odd_in_name(uint32_t rune)
{
	static const struct { uint32_t from, to; } invisible[] = {
		{ 0, 0x1F }, { 0x61C, 0x61C }, { 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F },
		{ 0xFEFF, 0xFEFF }, { 0xFFFD, 0xFFFD },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(invisible); i++)
		if (rune >= invisible[i].from && rune <= invisible[i].to)
			return true;
	return rune < 0x80 && strchr("\"'`<>:|?*$&;%", (int)rune) != NULL;
}

/* A name that is safe as one path component and in a header: no separators, no leading dots, bounded. */
static str safe_name(struct parse *p, const struct mime_part *part)
{
	struct buf b;
	str name = words_decode(p->arena, part->name);          /* some encode it by RFC 2047 */
	for (ptrdiff_t i = name.len; i > 0; i--)
		if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\') {
			name = str_sub(name, i, name.len);
			break;
		}
	buf_init(&b, p->arena, NAME_MAX_BYTES);
	for (ptrdiff_t i = 0; i < name.len;) {
		uint32_t rune = 0;
		int n = MAX(charset_rune(str_sub(name, i, name.len), &rune), 1);
		if (is_odd_in_name(rune))
			buf_add_char(&b, '_');
		else if ((rune != '.' && rune != ' ') || b.len > 0)
			buf_add(&b, str_sub(name, i, i + n));
		i += n;
	}
	name = str_trim(buf_str(&b));
	if (name.len > 0)
		return name;
	if (part->is_mail)
		return S("message.eml");
	return arena_printf(p->arena, "part-%td", p->mail->attachments.count + 1);
}

static struct mail_attachment *add_attachment(struct parse *p, const struct mime_part *part)
{
	struct mail_attachments *list = &p->mail->attachments;
	if (list->count == MAIL_ATTACHMENTS_MAX) {
		parse_problem(p, "more than %d attachments: the others are in the original only",
			MAIL_ATTACHMENTS_MAX);
		return NULL;
	}
	struct mail_attachment *a = &list->items[list->count];
	*a = (struct mail_attachment){
		.name = safe_name(p, part), .type = part->type,
		.bytes = mime_bytes(p->arena, part, MAIL_SIZE_MAX),
	};
	list->count++;
	return a;
}

static void add_text(struct parse *p, str text)
{
	text = str_trim(text);
	if (text.len == 0)
		return;
	if (p->text.len > 0)
		buf_add(&p->text, S("\n\n"));
	ptrdiff_t room = MAX(p->text.max - p->text.len, 0);
	while (room > 0 && room < text.len && ((unsigned char)text.ptr[room] & 0xC0) == 0x80)
		room--;                                 /* not in the middle of a character */
	if (text.len > room)
		parse_problem(p, "the text was cut after %d bytes", MAIL_TEXT_MAX);
	buf_add(&p->text, str_sub(text, 0, room));
}

/* The PGP armour lines that stand at the start of a line (RFC 4880 section 6.2, 7). */
static bool has_line(str text, str start)
{
	for (str rest = text; rest.len > 0;) {
		ptrdiff_t at = str_find(rest, start);
		if (at < 0)
			return false;
		const char *p = rest.ptr + at;
		if (p == text.ptr || p[-1] == '\n')
			return true;
		rest = str_sub(rest, at + 1, rest.len);
	}
	return false;
}

/* XARF v4 travels as a JSON part, by no fixed type; so the content decides. */
static void try_xarf(struct parse *p, const struct mime_part *part, str text)
{
	struct mail *m = p->mail;
	struct xarf_report report;
	struct err err;
	if (m->kind == MAIL_ARF || m->xarf_count == XARF_MAX || !xarf_likely(text))
		return;
	if (!xarf_parse(p->arena, text, &report, &err)) {
		parse_problem(p, "%s looks like an XARF report and is none: %s",
			arena_cstr(p->arena, part->name.len ? part->name : part->type), err.text);
		return;
	}
	if (m->xarf == NULL)
		m->xarf = NEW(p->arena, struct xarf_report, XARF_MAX);
	m->xarf[m->xarf_count++] = report;
	m->kind = MAIL_XARF;
}

static bool is_inline_text(const struct mime_part *part)
{
	return !part->is_attachment && part->name.len == 0 &&
		(str_eq(part->type, S("text/plain")) || str_eq(part->type, S("text/html")));
}

static void note_crypto(struct parse *p, const struct mime_part *part)
{
	bool smime = str_eq(part->type, S("application/pkcs7-mime")) ||
		str_eq(part->type, S("application/x-pkcs7-mime"));
	bool smime_signed = smime && str_starts(part->smime_type, S("signed-"));
	bool smime_other = smime && (str_eq(part->smime_type, S("certs-only")) ||
		str_starts(part->smime_type, S("compressed-")));
	p->mail->encrypted |= (smime && !smime_signed && !smime_other) ||
		str_eq(part->type, S("multipart/encrypted")) ||
		str_eq(part->type, S("application/pgp-encrypted"));
	p->mail->is_signed |= str_eq(part->type, S("multipart/signed")) || smime_signed;
}

static bool is_blank(str text)
{
	return str_trim(text).len == 0;
}

/* multipart/alternative: the plain text when there is any, else the last that we can read (RFC 2046
 * 5.1.4). */
static const struct mime_part *best_alternative(struct parse *p, const struct mime_part *part)
{
	const struct mime_part *best = NULL;
	for (const struct mime_part *c = part->first; c != NULL; c = c->next) {
		if (str_eq(c->type, S("text/plain")) && !is_blank(parse_part_text(p, c)))
			return c;
		if (c->is_multipart || str_eq(c->type, S("text/html")))
			best = c;
	}
	return best;
}

static void nested_line(struct parse *p, struct buf *b, const struct mime_part *root, const char *name)
{
	str value = words_decode(p->arena, mime_header(root, str_from(name)));
	if (value.len > 0) {
		buf_add(b, str_from(name));
		buf_add(b, S(": "));
		buf_add(b, value);
		buf_add_char(b, '\n');
	}
}

/* Depth is bounded: the tree is no deeper than MAIL_DEPTH_MAX. */
static void nested_walk(struct parse *p, const struct mime_part *part, struct buf *b)
{
	bool alternative = str_eq(part->type, S("multipart/alternative"));
	const struct mime_part *best = alternative ? best_alternative(p, part) : NULL;
	if (part->is_mail) {
		static const char *const shown[] = { "From", "To", "Date", "Subject" };
		for (ptrdiff_t i = 0; i < COUNTOF(shown); i++)
			nested_line(p, b, part->first, shown[i]);
	}
	for (const struct mime_part *c = part->first; c != NULL && !b->over; c = c->next)
		if (c == best || !alternative)
			nested_walk(p, c, b);
	if (part->first == NULL && is_inline_text(part)) {
		buf_add_char(b, '\n');
		buf_add(b, str_sub(parse_part_text(p, part), 0, MAX(b->max - b->len - 8, 0)));
		buf_add(b, S("\n\n"));
	}
}

/* What a person would read in a nested mail. */
static str nested_text(struct parse *p, const struct mime_part *part)
{
	struct buf b;
	buf_init(&b, p->arena, NESTED_TEXT_MAX);
	nested_walk(p, part, &b);
	return charset_clean_text(p->arena, str_trim(buf_str(&b)));
}

static void body_leaf(struct parse *p, const struct mime_part *part)
{
	if (is_inline_text(part)) {
		str text = parse_part_text(p, part);
		p->mail->encrypted |= has_line(text, S("-----BEGIN PGP MESSAGE-----"));
		p->mail->is_signed |= has_line(text, S("-----BEGIN PGP SIGNED MESSAGE-----"));
		p->mail->text_from_html |= str_eq(part->type, S("text/html")) && text.len > 0;
		try_xarf(p, part, text);
		add_text(p, text);
		return;
	}
	struct mail_attachment *a = add_attachment(p, part);
	if (a != NULL && part->is_mail) {
		a->is_mail = true;
		a->text = nested_text(p, part);
	} else if (a != NULL && str_eq(part->type, S("text/rfc822-headers"))) {
		a->is_mail = true;
		a->text = charset_clean_text(p->arena, str_sub(a->bytes, 0, NESTED_TEXT_MAX));
	} else if (a != NULL) {
		try_xarf(p, part, a->bytes);
	}
}

static bool is_text_type(str type)
{
	return str_eq(type, S("text/plain")) || str_eq(type, S("text/html"));
}

/* Depth is bounded: the tree is no deeper than MAIL_DEPTH_MAX. */
static void body_walk(struct parse *p, const struct mime_part *part)
{
	note_crypto(p, part);
	if (part->is_multipart && part->first == NULL && part->object == NULL) {
		parse_problem(p, "a multipart without parts: it was cut, or its boundary is wrong");
		add_text(p, charset_clean_text(p->arena, mime_bytes(p->arena, part, MAIL_TEXT_MAX)));
		return;
	}
	/* a multipart too deep to be taken apart is a leaf */
	if (part->first == NULL || !part->is_multipart) {
		body_leaf(p, part);
		return;
	}
	bool alternative = str_eq(part->type, S("multipart/alternative"));
	const struct mime_part *best = alternative ? best_alternative(p, part) : NULL;
	for (const struct mime_part *c = part->first; c != NULL; c = c->next)
		if (c == best || !alternative || (!is_text_type(c->type) && !c->is_multipart))
			body_walk(p, c);
}

void parse_body(struct parse *p, const struct mime_part *root)
{
	body_walk(p, root);
	p->mail->text = buf_str(&p->text);
}
