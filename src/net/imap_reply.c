#include "net/imap_reply.h"

enum { NESTING_MAX = 64 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "* 12 FETCH ": the length of it, or 0. */
static ptrdiff_t fetch_prefix(str reply)
{
	ptrdiff_t i = 2;
	if (!str_starts(reply, S("* ")))
		return 0;
	while (i < reply.len && is_digit(reply.ptr[i]))
		i++;
	return i > 2 && str_starts_nocase(str_sub(reply, i, reply.len), S(" FETCH ")) ? i + 7 : 0;
}

/* The n of a line that ends in {n}; -1 without. */
static int64_t literal_at_end(str line)
{
	int64_t n;
	ptrdiff_t open = line.len - 1;
	if (line.len < 3 || line.ptr[line.len - 1] != '}')
		return -1;
	while (open > 0 && line.ptr[open] != '{')
		open--;
	return str_to_int(str_sub(line, open + 1, line.len - 1), 0, (int64_t)1 << 40, &n) &&
		line.ptr[open] == '{' ? n : -1;
}

enum imap_scanned imap_reply_scan(struct imap_scan *scan, str bytes, ptrdiff_t literals_max,
	ptrdiff_t *out_len)
{
	while (scan->at < bytes.len) {
		const char *lf = memchr(bytes.ptr + scan->at, '\n', (size_t)(bytes.len - scan->at));
		ptrdiff_t end = lf ? lf - bytes.ptr : bytes.len;
		if (end - scan->segment > IMAP_LINE_MAX)
			return IMAP_INVALID;
		if (lf == NULL) {
			scan->at = bytes.len;
			return IMAP_MORE;
		}
		bool crlf = end > scan->segment && bytes.ptr[end - 1] == '\r';
		str line = str_sub(bytes, scan->segment, end - crlf);
		int64_t literal = fetch_prefix(bytes) > 0 ? literal_at_end(line) : -1;
		if (literal < 0) {
			*out_len = end + 1;
			return IMAP_COMPLETE;
		}
		if (literal > literals_max - scan->literals)
			return IMAP_INVALID;
		scan->literals += (ptrdiff_t)literal;
		scan->segment = scan->at = end + 1 + (ptrdiff_t)literal;
	}
	return IMAP_MORE;
}

bool imap_reply_tagged(str reply, str tag, bool *out_ok, str *out_text)
{
	str_cut_result cut = str_cut(str_trim(reply), ' ');
	if (!cut.ok || !str_eq(cut.head, tag))
		return false;
	*out_ok = str_eq_nocase(str_cut(cut.tail, ' ').head, S("OK"));
	*out_text = cut.tail;
	return true;
}

bool imap_reply_is(str reply, str name)
{
	str rest = str_sub(reply, 2, reply.len);
	return str_starts(reply, S("* ")) && str_eq_nocase(str_cut(str_trim(rest), ' ').head, name);
}

bool imap_reply_has_word(str reply, str word)
{
	for (str rest = str_trim(reply); rest.len > 0;) {
		str_cut_result cut = str_cut(rest, ' ');
		if (str_eq_nocase(cut.head, word))
			return true;
		rest = cut.tail;
	}
	return false;
}

static ptrdiff_t read_number(str s, int64_t max, int64_t *out_n)
{
	ptrdiff_t n = 0;
	while (n < s.len && is_digit(s.ptr[n]))
		n++;
	return str_to_int(str_sub(s, 0, n), 0, max, out_n) ? n : 0;
}

bool imap_reply_uid_validity(str reply, uint32_t *out_value)
{
	int64_t n;
	str mark = S("* OK [UIDVALIDITY ");
	if (!str_starts_nocase(reply, mark) || read_number(str_sub(reply, mark.len, reply.len), UINT32_MAX,
	    &n) == 0)
		return false;
	*out_value = (uint32_t)n;
	return true;
}

void imap_reply_search(str reply, uint32_t *uids, ptrdiff_t max, ptrdiff_t *count)
{
	str rest = str_cut(str_trim(str_sub(reply, 2, reply.len)), ' ').tail;
	while (rest.len > 0 && *count < max) {
		str_cut_result cut = str_cut(rest, ' ');
		int64_t n;
		if (str_to_int(cut.head, 1, UINT32_MAX, &n))
			uids[(*count)++] = (uint32_t)n;
		rest = cut.tail;
	}
}

/* A quoted string at the start: its length with both quotes, or 0. */
static ptrdiff_t quoted_length(str s)
{
	for (ptrdiff_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '"')
			return i + 1;
		else if (s.ptr[i] == '\r' || s.ptr[i] == '\n')
			return 0;
	}
	return 0;
}

/* {n} CRLF and n bytes at the start: all of its length, or 0. */
static ptrdiff_t literal_length(str s, str *out_value)
{
	ptrdiff_t close = str_find_char(str_sub(s, 0, 24), '}');
	int64_t n;
	if (close < 2 || !str_to_int(str_sub(s, 1, close), 0, s.len, &n))
		return 0;
	str rest = str_sub(s, close + 1, s.len);
	ptrdiff_t end = str_starts(rest, S("\r\n")) ? 2 : str_starts(rest, S("\n")) ? 1 : 0;
	if (end == 0 || n > rest.len - end)
		return 0;
	*out_value = str_sub(rest, end, end + (ptrdiff_t)n);
	return close + 1 + end + (ptrdiff_t)n;
}

static bool ends_atom(char c)
{
	return c == ' ' || c == '(' || c == ')' || c == '\r' || c == '\n' || c == '"' || c == '{';
}

/* A name may hold brackets with blanks in them: BODY[HEADER.FIELDS (To)]<0>. */
static ptrdiff_t name_length(str s)
{
	ptrdiff_t n = 0;
	int brackets = 0;
	while (n < s.len && s.ptr[n] != '\n' && (brackets > 0 || !ends_atom(s.ptr[n]))) {
		brackets += s.ptr[n] == '[' ? 1 : s.ptr[n] == ']' ? -1 : 0;
		n++;
	}
	return n;
}

/* One value at the start; parenthesised lists are passed over whole.  Its length, or 0. */
static ptrdiff_t value_length(str s, str *out_value)
{
	int depth = 0;
	ptrdiff_t at = 0;
	do {
		str rest = str_sub(s, at, s.len);
		ptrdiff_t n = 1;
		if (rest.len == 0)
			return 0;
		*out_value = str_sub(rest, 0, 1);
		if (rest.ptr[0] == '(') {
			if (++depth > NESTING_MAX)
				return 0;
		} else if (rest.ptr[0] == ')') {
			depth--;
		} else if (rest.ptr[0] == '"') {
			n = quoted_length(rest);
			*out_value = str_sub(rest, 1, n - 1);
		} else if (rest.ptr[0] == '{') {
			n = literal_length(rest, out_value);
		} else if (rest.ptr[0] != ' ' || depth == 0) {
			n = name_length(rest);
			*out_value = str_sub(rest, 0, n);
		}
		if (n == 0)
			return 0;
		at += n;
	} while (depth > 0);
	return depth == 0 ? at : 0;
}

/* Empty for NIL; escapes of a quoted body are not undone: a mail never comes so with a quote in it. */
static void take_item(str name, str value, bool is_nil, struct imap_item *item)
{
	int64_t n;
	if (str_eq_nocase(name, S("UID")) && str_to_int(value, 1, UINT32_MAX, &n)) {
		item->uid = (uint32_t)n;
	} else if (str_eq_nocase(name, S("RFC822.SIZE")) && str_to_int(value, 0, INT64_MAX, &n)) {
		item->size = n;
	} else if (str_eq_nocase(name, S("BODY[]"))) {
		item->has_body = true;
		item->body = is_nil ? (str){ 0 } : value;
	}
}

bool imap_reply_fetch(str reply, struct imap_item *out_item)
{
	struct imap_item item = { .size = -1 };
	ptrdiff_t at = fetch_prefix(reply);
	str rest = str_sub(reply, at, reply.len);
	if (at == 0 || !str_starts(rest, S("(")))
		return false;
	rest = str_sub(rest, 1, rest.len);
	while (rest.len > 0 && rest.ptr[0] != ')') {
		ptrdiff_t blanks = rest.ptr[0] == ' ';
		str name = str_sub(rest, blanks, blanks + name_length(str_sub(rest, blanks, rest.len))),
			value = { 0 };
		rest = str_sub(rest, blanks + name.len, rest.len);
		if (name.len == 0 || !str_starts(rest, S(" ")))
			return false;
		rest = str_sub(rest, 1, rest.len);
		bool is_nil = str_starts_nocase(rest, S("NIL"));
		ptrdiff_t n = value_length(rest, &value);
		if (n == 0)
			return false;
		take_item(name, value, is_nil, &item);
		rest = str_sub(rest, n, rest.len);
	}
	if (rest.len == 0)
		return false;
	*out_item = item;
	return true;
}
