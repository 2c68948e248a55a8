/* A line is one line, whatever the fields hold.  stderr is a pipe while an event is logged. */
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What log_event_list wrote, without the time in front. */
static str logged(struct arena *a, enum log_level level, const char *name, const struct log_field *fields,
                  ptrdiff_t count)
{
	int ends[2], kept = dup(STDERR_FILENO);
	ASSERT(kept >= 0 && pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	log_event_list(level, name, fields, count);
	ASSERT(dup2(kept, STDERR_FILENO) >= 0 && close(kept) == 0 && close(ends[1]) == 0);
	char *line = NEW(a, char, 16384);
	ssize_t n = read(ends[0], line, 16384);
	ASSERT(n >= 0 && close(ends[0]) == 0);
	str s = { line, n };
	struct instant t;
	struct err err;
	if (n == 0)
		return s;
	ASSERT(instant_parse(str_sub(s, 0, 20), &t, &err) && s.ptr[20] == ' ' && str_ends(s, S("\n")));
	return str_sub(s, 21, s.len - 1);
}

static void test_line(struct arena *a)
{
	const struct log_field f[] = { LOG_TEXT("address", S("127.0.0.1:8080")), LOG_INT("count", -5),
		LOG_TEXT("empty", ((str){ 0 })) };
	ASSERT(str_eq(logged(a, LOG_INFO, "http.started", f, 3),
		S("info http.started address=\"127.0.0.1:8080\" count=-5 empty=\"\"")));
	ASSERT(str_eq(logged(a, LOG_ERROR, "journal.full", NULL, 0), S("error journal.full")));
	const struct log_field big = LOG_INT("n", INT64_MIN);
	ASSERT(str_eq(logged(a, LOG_WARNING, "x.y", &big, 1), S("warning x.y n=-9223372036854775808")));
}

static void test_escaping(struct arena *a)
{
	const struct log_field f = LOG_TEXT("x",
		S("\"\\\n\r\t\0\x1b[2J\x7f\xd9\x86 2026-01-01T00:00:00Z info forged"));
	ASSERT(str_eq(logged(a, LOG_INFO, "a.b", &f, 1),
		S("info a.b x=\"\\\"\\\\\\x0a\\x0d\\x09\\x00\\x1b[2J\\x7f"
		"\\xd9\\x86 2026-01-01T00:00:00Z info forged\"")));
}

/* However long the texts are, the line ends, and the next one starts on its own. */
static void test_long(struct arena *a)
{
	char *long_text = NEW(a, char, 5000);
	memset(long_text, '\n', 5000);
	struct log_field f[20];
	for (int i = 0; i < 20; i++)
		f[i] = LOG_TEXT("f", ((str){ long_text, 5000 }));
	str line = logged(a, LOG_INFO, "a.b", f, 1);
	ASSERT(line.len == (ptrdiff_t)strlen("info a.b f=\"\"") + 4000);
	line = logged(a, LOG_INFO, "a.b", f, 20);
	ASSERT(str_ends(line, S("\\x0a\" cut=1")) && str_find_char(line, '\n') < 0);
}

static void test_threshold(struct arena *a)
{
	ASSERT(logged(a, LOG_DEBUG, "a.b", NULL, 0).len == 0);
	log_threshold(LOG_DEBUG);
	ASSERT(str_eq(logged(a, LOG_DEBUG, "a.b", NULL, 0), S("debug a.b")));
	log_threshold(LOG_ERROR);
	ASSERT(logged(a, LOG_WARNING, "a.b", NULL, 0).len == 0);
	ASSERT(logged(a, LOG_ERROR, "a.b", NULL, 0).len > 0);
	log_threshold(LOG_INFO);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 20, 1 << 24);
	test_line(&a);
	test_escaping(&a);
	test_long(&a);
	test_threshold(&a);
	arena_done(&a);
	return 0;
}
