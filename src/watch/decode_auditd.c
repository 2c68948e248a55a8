#include "watch/decoders.h"

#include <stdio.h>

/* Fields that the kernel writes as hex when they hold blanks, quotes or control characters: without quotes,
 * they are hex.  (audit-userspace's typetab lists more, which nobody writes rules for.) */
static bool encoded(str type, str key)
{
	static const char *const keys[] = {
		"proctitle", "exe", "comm", "name", "cwd", "cmd", "data", "path", "dir", "file", "key",
		"acct", "ocomm", "vm", "old-chardev", "new-chardev", "old-disk", "new-disk",
		"invalid_context", "watch", "sw", "grp", "new_group", "device", "apparmor",
		"reason", "operation", "hostname",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(keys); i++)
		if (str_eq(key, str_from(keys[i])))
			return true;
	return str_eq(type, S("EXECVE")) && key.len >= 2 && key.ptr[0] == 'a' && key.ptr[1] >= '0'
	       && key.ptr[1] <= '9' && str_find(key, S("_len")) < 0;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_hex(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (hex_digit(s.ptr[i]) < 0)
			return false;
	return s.len >= 2 && s.len % 2 == 0;
}

/* Zeros part the words of a command line. */
static str unhex(struct pairs *p, str hex)
{
	char *at = pairs_room(p, hex.len / 2);
	if (at == NULL)
		return hex;
	for (ptrdiff_t i = 0; i + 1 < hex.len; i += 2) {
		at[i / 2] = (char)(hex_digit(hex.ptr[i]) << 4 | hex_digit(hex.ptr[i + 1]));
		if (at[i / 2] == '\0')
			at[i / 2] = ' ';
	}
	return str_trim((str){ at, hex.len / 2 });
}

/* A socket's address: AF_INET and AF_INET6 as text, a path of AF_UNIX. */
static void add_address(struct pairs *p, str hex)
{
	unsigned char b[28];
	char *at = pairs_room(p, 64);
	ptrdiff_t n = MIN(hex.len / 2, (ptrdiff_t)sizeof(b)), len = 0;
	if (at == NULL)
		return;
	for (ptrdiff_t i = 0; i < n; i++)
		b[i] = (unsigned char)(hex_digit(hex.ptr[2 * i]) << 4 | hex_digit(hex.ptr[2 * i + 1]));
	if (n >= 8 && b[0] == 2) {
		len = snprintf(at, 50, "%d.%d.%d.%d", b[4], b[5], b[6], b[7]);
	} else if (n >= 24 && b[0] == 10) {
		for (int i = 8; i < 24; i += 2)
			len += snprintf(at + len, 6, "%s%x", i > 8 ? ":" : "", b[i] << 8 | b[i + 1]);
	} else if (n >= 3 && b[0] == 1) {
		pairs_add(p, S("saddr_path"), unhex(p, str_sub(hex, 4, hex.len)));
		return;
	} else {
		return;
	}
	pairs_add(p, S("saddr_addr"), (str){ at, len });
	pairs_add(p, S("saddr_port"), (str){ at + len, snprintf(at + len, 6, "%d", b[2] << 8 | b[3]) });
}

static ptrdiff_t skip(str s, ptrdiff_t i)
{
	while (i < s.len && (s.ptr[i] == ' ' || s.ptr[i] == '\x1d' || s.ptr[i] == '\t'))
		i++;
	return i;
}

static void add_value(struct pairs *p, str type, str key, str value)
{
	if (str_eq(key, S("saddr")) && is_hex(value))
		add_address(p, value);
	if (encoded(type, key) && is_hex(value))
		value = unhex(p, value);
	pairs_add(p, key, value);
}

/* Where a value ends, and what it is without its quotes. */
static ptrdiff_t value_at(str text, ptrdiff_t i, char quote, str *out)
{
	ptrdiff_t end;
	if (quote != '\0') {
		str rest = str_sub(text, i + 1, text.len);
		end = str_find_char(rest, quote);
		end = end < 0 ? rest.len : end;
		*out = str_sub(rest, 0, end);
		return MIN(i + 1 + end + 1, text.len);
	}
	for (end = i; end < text.len && text.ptr[end] != ' ' && text.ptr[end] != '\x1d'; end++)
		;
	*out = str_sub(text, i, end);
	return end;
}

/* "avc: denied { write } for": what stands between fields is one message. */
static void add_words(struct pairs *p, str text, ptrdiff_t *words, ptrdiff_t end)
{
	if (*words >= 0)
		pairs_add_some(p, S("message"), str_trim(str_sub(text, *words, end)));
	*words = -1;
}

/* msg='op=.. exe=".."' holds fields of its own: they are the record's too. */
static void read_fields(struct pairs *p, str type, str text, int depth)
{
	ptrdiff_t words = -1;
	for (ptrdiff_t i = skip(text, 0); i < text.len; i = skip(text, i)) {
		ptrdiff_t from = i;
		str key, value;
		while (i < text.len && text.ptr[i] != '=' && text.ptr[i] != ' ' && text.ptr[i] != '\x1d')
			i++;
		key = str_sub(text, from, i);
		if (i == text.len || text.ptr[i] != '=' || key.len == 0) {
			words = words < 0 ? from : words;
			i += i < text.len;
			continue;
		}
		add_words(p, text, &words, from);
		i++;
		char c = i < text.len ? text.ptr[i] : '\0';
		bool quoted = c == '"' || c == '\'';
		i = value_at(text, i, quoted ? c : '\0', &value);
		if (c == '\'' && str_eq(key, S("msg")) && depth == 0)
			read_fields(p, type, value, 1);
		else if (quoted)
			pairs_add(p, key, value);
		else
			add_value(p, type, key, value);
	}
	add_words(p, text, &words, text.len);
}

/* The arguments of an execve, as one line: rules of process creation ask for it. */
static void add_command_line(struct pairs *p, ptrdiff_t most)
{
	char *at = pairs_room(p, most);
	ptrdiff_t len = 0;
	for (int i = 0; at != NULL && i < p->count; i++) {
		str key = p->at[i].key, text = p->at[i].text;
		bool argument = key.len >= 2 && key.ptr[0] == 'a' && key.ptr[1] >= '0' && key.ptr[1] <= '9'
		                && str_find(key, S("_len")) < 0;
		if (!argument || len + text.len + 1 > most)
			continue;
		if (len > 0)
			at[len++] = ' ';
		if (text.len > 0)
			memcpy(at + len, text.ptr, (size_t)text.len);
		len += text.len;
	}
	if (len > 0)
		pairs_add(p, S("cmdline"), (str){ at, len });
}

const char *decode_auditd(struct pairs *p, str line)
{
	str_cut_result word = str_cut(line, ' ');
	str type, stamp;
	ptrdiff_t end;
	if (str_starts(line, S("node=")) && word.ok) {
		pairs_add(p, S("node"), str_sub(word.head, 5, word.head.len));
		line = word.tail;
		word = str_cut(line, ' ');
	}
	if (!str_starts(line, S("type=")) || !word.ok || !str_starts(word.tail, S("msg=audit(")))
		return NULL;
	type = str_sub(word.head, 5, word.head.len);
	stamp = str_sub(word.tail, 10, word.tail.len);
	end = str_find(stamp, S("):"));
	if (end < 0)
		return NULL;
	str_cut_result serial = str_cut(str_sub(stamp, 0, end), ':');
	pairs_add(p, S("type"), type);
	pairs_add(p, S("timestamp"), serial.head);
	pairs_add_some(p, S("serial"), serial.tail);
	read_fields(p, type, str_sub(stamp, end + 2, stamp.len), 0);
	if (str_eq(type, S("EXECVE")))
		add_command_line(p, line.len);
	return "auditd";
}
