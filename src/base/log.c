#include "base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"

enum { LINE_MOST = 8 << 10, LINE_END = 16 };

static atomic_int threshold = LOG_INFO;

void log_threshold(enum log_level least)
{
	atomic_store(&threshold, (int)least);
}

static void add_escaped(struct buf *b, str text)
{
	for (ptrdiff_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c >= 0x7F)
			buf_printf(b, "\\x%02x", c);
		else
			buf_add_char(b, (char)c);
	}
}

static void add_field(struct buf *line, const struct log_field *f)
{
	buf_printf(line, " %s=", f->name);
	if (f->is_number) {
		buf_printf(line, "%lld", (long long)f->number);
	} else {
		buf_add_char(line, '"');
		add_escaped(line, str_sub(f->text, 0, 1000));
		buf_add_char(line, '"');
	}
}

void log_event_list(enum log_level level, const char *name, const struct log_field *fields, ptrdiff_t count)
{
	static const char *const words[] = { "debug", "info", "warning", "error" };
	if ((int)level < atomic_load(&threshold))
		return;
	struct arena tmp;
	struct buf line;
	struct timespec now;
	arena_init(&tmp, 64 << 10, 1 << 20);
	buf_init(&line, &tmp, LINE_MOST);
	clock_gettime(CLOCK_REALTIME, &now);
	buf_add(&line, instant_format_seconds(&tmp, (struct instant){ SECONDS(now.tv_sec) }));
	buf_printf(&line, " %s %s", words[level], name);
	for (ptrdiff_t i = 0; i < count; i++) {
		ptrdiff_t before = line.len;
		add_field(&line, &fields[i]);
		if (line.over || line.len > line.max - LINE_END) {      /* whole fields, and always an end */
			line.len = before;
			line.over = false;
			buf_add(&line, S(" cut=1"));
			break;
		}
	}
	buf_add_char(&line, '\n');
	/* One write: lines do not mix. */
	ssize_t ignored = write(STDERR_FILENO, line.ptr, (size_t)line.len);
	(void)ignored;
	arena_done(&tmp);
}
