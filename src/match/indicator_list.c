/* indicator_list.c - plain lists: one indicator a line; a line that starts with #, ;, // or ! and a blank
 * is a comment; behind a TAB stands a label.
 *
 * Also behind a blank and a #: "192.0.2.1 # seen 2026".  Hosts files ("0.0.0.0 evil.example") are lists of
 * names. */
#include "match/indicator_load.h"

static bool is_comment(str line)
{
	/* "//x" is a path, as servers are asked for it */
	return line.ptr[0] == '#' || line.ptr[0] == ';' || str_starts(line, S("// ")) ||
	       str_starts(line, S("! "));
}

static str trim(str s)
{
	while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\r' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = str_sub(s, 1, s.len);
	return s;
}

/* The name behind the address that a hosts file sends it to; else the value as it is. */
static str without_sink(str value)
{
	static const char *const sinks[] = { "0.0.0.0 ", "127.0.0.1 ", "::1 ", ":: " };
	for (ptrdiff_t i = 0; i < COUNTOF(sinks); i++)
		if (str_starts(value, str_from(sinks[i])))
			return trim(str_sub(value, (ptrdiff_t)strlen(sinks[i]), value.len));
	return value;
}

static void take_line(struct indicator_loader *l, str line, int64_t number)
{
	line = trim(line);
	if (line.len == 0 || is_comment(line))
		return;
	str value = line, label = { NULL, 0 };
	const char *tab = memchr(line.ptr, '\t', (size_t)line.len);
	if (tab != NULL) {
		value = trim(str_sub(line, 0, tab - line.ptr));
		label = trim(str_sub(line, tab + 1 - line.ptr, line.len));
	} else if (memchr(line.ptr, '#', (size_t)line.len) != NULL) {
		ptrdiff_t mark = str_find(line, S(" #"));
		if (mark > 0) {
			value = trim(str_sub(line, 0, mark));
			label = trim(str_sub(line, mark + 2, line.len));
		}
	}
	if (value.len > 4 && (value.ptr[0] == '0' || value.ptr[0] == '1' || value.ptr[0] == ':'))
		value = without_sink(value);
	loader_take(l, value, -1, label, number);
}

void loader_add_list(struct indicator_loader *l, str bytes)
{
	int64_t number = 1;
	for (ptrdiff_t at = 0; at < bytes.len; number++) {
		const char *from = bytes.ptr + at;
		const char *end = memchr(from, '\n', (size_t)(bytes.len - at));
		ptrdiff_t len = end != NULL ? end - from : bytes.len - at;
		take_line(l, (str){ from, len }, number);
		at += len + 1;
	}
}
