#include "mail/address.h"

#include "base/buf.h"
#include "mail/charset.h"
#include "mail/words.h"

enum { ADDRESS_MAX = 320 };

/* What has been read of one mailbox. */
struct address_reader {
	struct arena *arena;
	struct buf    phrase;           /* outside of <>, quotes undone */
	struct buf    angle;            /* inside of <> */
	struct buf    comment;          /* the old place of a name: a@b (Name) */
	bool          in_angle, in_quotes;
	int           comment_depth;
	struct mail_addresses list;
};

str address_domain(str address)
{
	ptrdiff_t i = address.len;
	while (i > 0 && address.ptr[i - 1] != '@')
		i--;
	return i > 0 ? str_sub(address, i, address.len) : (str){ 0 };
}

str address_local(str address)
{
	str domain = address_domain(address);
	return domain.ptr ? str_sub(address, 0, domain.ptr - address.ptr - 1) : address;
}

str address_clean(struct arena *a, str raw)
{
	struct buf b;
	buf_init(&b, a, ADDRESS_MAX);
	for (ptrdiff_t i = 0; i < raw.len; i++)
		if ((unsigned char)raw.ptr[i] > 0x20 && raw.ptr[i] != 0x7F)
			buf_add_char(&b, raw.ptr[i]);
	return b.over ? (str){ 0 } : charset_clean_line(a, buf_str(&b));
}

static bool has_blank(str s)
{
	return str_find_char(s, ' ') >= 0 || str_find_char(s, '\t') >= 0 || str_find_char(s, '\n') >= 0;
}

static void address_finish(struct address_reader *r)
{
	str phrase = str_trim(buf_str(&r->phrase)), angle = str_trim(buf_str(&r->angle));
	struct mail_address item = { 0 };
	if (r->list.count == MAIL_ADDRESSES_MAX) {
		/* full: nothing more is made, so that memory stays bounded */
	} else if (angle.len > 0) {
		ptrdiff_t route = angle.ptr[0] == '@' ? str_find_char(angle, ':') : -1;
		item.address = address_clean(r->arena, str_sub(angle, route + 1, angle.len));
		item.name = words_decode(r->arena, arena_dup(r->arena, phrase));
	} else if (str_find_char(phrase, '@') >= 0 || !has_blank(phrase)) {
		item.address = address_clean(r->arena, phrase);         /* MAILER-DAEMON has no @ */
		item.name = words_decode(r->arena, arena_dup(r->arena, buf_str(&r->comment)));
	}
	r->phrase.len = r->angle.len = r->comment.len = 0;
	r->in_angle = false;
	if (item.address.len > 0)
		r->list.items[r->list.count++] = item;
}

static void address_char(struct address_reader *r, char c)
{
	struct buf *to = r->in_angle ? &r->angle : &r->phrase;
	bool in_route = r->in_angle && r->angle.len > 0 && r->angle.ptr[0] == '@';
	switch (c) {
	case '"': r->in_quotes = true;  return;
	case '(': r->comment_depth = 1; return;
	case '<': r->in_angle = true;   return;
	case '>': r->in_angle = false;  return;
	case ',':
	case ';':
		if (!in_route) {                        /* also in an angle that was never closed */
			address_finish(r);
			return;
		}
		break;
	case ':':
		if (!r->in_angle) {
			r->phrase.len = 0;              /* the name of a group */
			return;
		}
		break;
	}
	buf_add_char(to, c);
}

static void address_comment_char(struct address_reader *r, char c)
{
	r->comment_depth += c == '(' ? 1 : c == ')' ? -1 : 0;
	if (r->comment_depth > 0)
		buf_add_char(&r->comment, c);
}

/* "From: Doe, John <john@x>" lacks its quotes: a word without @ counts only where it stands alone. */
static void address_drop_words(struct mail_addresses *list)
{
	ptrdiff_t kept = 0;
	for (ptrdiff_t i = 0; i < list->count; i++)
		if (list->count == 1 || str_find_char(list->items[i].address, '@') >= 0)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

struct mail_addresses address_parse(struct arena *a, str raw)
{
	struct address_reader r = { .arena = a };
	raw = str_trim(str_sub(raw, 0, WORDS_VALUE_MAX));
	if (raw.len == 0)
		return r.list;
	ptrdiff_t separators = 1;
	for (ptrdiff_t i = 0; i < raw.len; i++)
		separators += raw.ptr[i] == ',' || raw.ptr[i] == ';';
	r.list.items = NEW(a, struct mail_address, MIN(separators, MAIL_ADDRESSES_MAX));
	buf_init(&r.phrase, a, raw.len);
	buf_init(&r.angle, a, raw.len);
	buf_init(&r.comment, a, raw.len);
	for (ptrdiff_t i = 0; i < raw.len; i++) {
		bool escaped = raw.ptr[i] == '\\' && (r.in_quotes || r.comment_depth) && i + 1 < raw.len;
		char c = raw.ptr[i += escaped];
		struct buf *quoted = r.in_angle ? &r.angle : &r.phrase;
		if (r.in_quotes && !escaped && c == '"')
			r.in_quotes = false;
		else if (r.in_quotes)
			buf_add_char(quoted, c);
		else if (r.comment_depth && escaped)
			buf_add_char(&r.comment, c);
		else if (r.comment_depth)
			address_comment_char(&r, c);
		else
			address_char(&r, c);
	}
	address_finish(&r);
	address_drop_words(&r.list);
	return r.list;
}
