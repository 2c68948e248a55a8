#include "mail/mime_screen.h"

struct boundary { char text[72]; ptrdiff_t len; };      /* RFC 2046: at most 70 */

struct screen {
	struct mime_screened result;
	char     *out;
	bool      in_headers;
	bool      message_follows;      /* this header block says message/...: another block comes after it */
	bool      digest;               /* parts of a digest are mails without saying so */
	bool      in_address;           /* the last header line began an address header */
	ptrdiff_t header_bytes, colons, parts;
	struct boundary boundaries[SCREEN_BOUNDARIES_MAX];
	ptrdiff_t boundary_count;
};

/* Headers that GMime reads as addresses. */
static const char *const address_headers[] = {
	"from:", "to:", "cc:", "bcc:", "sender:", "reply-to:", "resent-from:", "resent-to:", "resent-cc:",
	"resent-bcc:",
	"resent-sender:", "resent-reply-to:", "disposition-notification-to:",
};

static bool find_nocase(str s, str needle)
{
	char low = needle.ptr[0], high = (char)(low & ~0x20);
	for (ptrdiff_t i = 0; i + needle.len <= s.len; i++)
		if ((s.ptr[i] == low || s.ptr[i] == high) && str_starts_nocase(str_sub(s, i, s.len), needle))
			return true;
	return false;
}

static void screen_keep_boundary(struct screen *s, str value)
{
	if (s->boundary_count == SCREEN_BOUNDARIES_MAX) {
		/* the empty one fits every line that begins with -- */
		s->boundaries[0].len = 0;
		return;
	}
	struct boundary *b = &s->boundaries[s->boundary_count++];
	b->len = MIN(value.len, (ptrdiff_t)sizeof(b->text));
	if (b->len > 0)
		memcpy(b->text, value.ptr, (size_t)b->len);
}

/* What follows "boundary" in a header line: kept up to the first character that two readers may see
 * differently. */
static str boundary_value(str rest)
{
	if (rest.len > 0 && rest.ptr[0] == '*')
		return (str){ 0 };                      /* RFC 2231, perhaps percent-encoded: any boundary */
	str value = str_trim(str_cut(rest, '=').tail);
	bool quoted = value.len > 0 && value.ptr[0] == '"';
	value = str_sub(value, quoted, value.len);
	const char *stops = quoted ? "\"\\\r\n" : " \t\r\n;()<>@,:\\\"/[]?=";
	ptrdiff_t n = 0;
	while (n < value.len && value.ptr[n] != 0 && strchr(stops, value.ptr[n]) == NULL)
		n++;
	return str_sub(value, 0, n);
}

static void screen_add_boundaries(struct screen *s, str line)
{
	static const ptrdiff_t length = sizeof("boundary") - 1;
	for (ptrdiff_t i = 0; i + length <= line.len; i++)
		if (str_starts_nocase(str_sub(line, i, line.len), S("boundary")))
			screen_keep_boundary(s, boundary_value(str_sub(line, i + length, line.len)));
}

/* Too many rather than too few: a prefix is enough, so that no reading of a boundary by GMime goes
 * uncounted. */
static bool screen_is_boundary(const struct screen *s, str line)
{
	if (!str_starts(line, S("--")))
		return false;
	line = str_sub(line, 2, line.len);
	for (ptrdiff_t i = 0; i < s->boundary_count; i++)
		if (str_starts(line, (str){ s->boundaries[i].text, s->boundaries[i].len }))
			return true;
	return false;
}

static void screen_copy(struct screen *s, str line)
{
	memmove(s->out + s->result.len, line.ptr, (size_t)line.len);
	s->result.len += line.len;
}

static bool is_address_header(str line)
{
	for (ptrdiff_t i = 0; i < COUNTOF(address_headers); i++)
		if (str_starts_nocase(line, str_from(address_headers[i])))
			return true;
	return false;
}

static void screen_header(struct screen *s, str line)
{
	bool folded = line.ptr[0] == ' ' || line.ptr[0] == '\t';
	if (!folded) {
		s->in_address = is_address_header(line);
		s->colons = 0;
	}
	s->message_follows |= find_nocase(line, S("message/"));
	s->digest |= find_nocase(line, S("multipart/digest"));
	screen_add_boundaries(s, line);
	ptrdiff_t room = SCREEN_HEADERS_MAX - s->header_bytes;
	if (line.len > room) {
		s->result.cut_headers = true;
		return;
	}
	s->header_bytes += line.len;
	char *copy = s->out + s->result.len;
	screen_copy(s, line);
	for (ptrdiff_t i = 0; s->in_address && i < line.len; i++)
		if (copy[i] == ':' && ++s->colons > SCREEN_COLONS_MAX) {
			copy[i] = ' ';
			s->result.cut_colons = true;
		}
}

/* False: nothing after this line is to be kept. */
static bool screen_line(struct screen *s, str line)
{
	bool empty = line.ptr[0] == '\n' || (line.len > 1 && line.ptr[0] == '\r' && line.ptr[1] == '\n');
	if (screen_is_boundary(s, line)) {
		if (++s->parts > SCREEN_PARTS_MAX) {
			s->result.cut_parts = true;
			return false;
		}
		s->in_headers = true;
		s->message_follows = s->digest;
		screen_copy(s, line);
	} else if (s->in_headers && empty) {
		s->in_headers = s->message_follows;
		s->message_follows = false;
		screen_copy(s, line);
	} else if (s->in_headers) {
		screen_header(s, line);
	} else {
		screen_copy(s, line);
	}
	return true;
}

static bool has_lf(str raw)
{
	return raw.len > 0 && memchr(raw.ptr, '\n', (size_t)raw.len) != NULL;
}

struct mime_screened mime_screen(str raw, char *out)
{
	struct screen s = { .out = out, .in_headers = true };
	char end = has_lf(raw) ? '\n' : '\r';
	for (ptrdiff_t at = 0, next; at < raw.len; at = next) {
		const char *p = memchr(raw.ptr + at, end, (size_t)(raw.len - at));
		next = p ? p - raw.ptr + 1 : raw.len;
		ptrdiff_t before = s.result.len;
		str line = str_sub(raw, at, next);
		if (at == 0 && str_starts(line, S("From ")))
			continue;
		if (end == '\r') {                      /* screen_line knows LF */
			memcpy(out + before, line.ptr, (size_t)line.len);
			line = (str){ out + before, line.len };
			if (p != NULL)
				out[before + line.len - 1] = '\n';
		}
		if (!screen_line(&s, line))
			break;
	}
	return s.result;
}
