/* Any bytes as a mail: no crash, bounded memory, and what comes out is what parse.h promises. */
#include "mail/parse.h"
#include "mail/thread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(str s)
{
	ASSERT(str_utf8_valid(s) && (s.len == 0 || memchr(s.ptr, 0, (size_t)s.len) == NULL));
}

static void check_line(str s)
{
	check_text(s);
	ASSERT(str_find_char(s, '\n') < 0 && str_find_char(s, '\r') < 0);
}

static void check_addresses(struct mail_addresses list)
{
	for (ptrdiff_t i = 0; i < list.count; i++) {
		check_line(list.items[i].name);
		check_line(list.items[i].address);
		ASSERT(list.items[i].address.len > 0);
	}
}

static void check_mail(struct arena *a, const struct mail *m)
{
	check_line(m->subject);
	check_line(m->message_id);
	check_text(m->text);
	check_addresses(m->from);
	check_addresses(m->reply_to);
	check_addresses(m->to);
	for (ptrdiff_t i = 0; i < m->attachments.count; i++) {
		str name = m->attachments.items[i].name;
		check_line(name);
		check_text(m->attachments.items[i].text);
		ASSERT(name.len > 0 && name.ptr[0] != '.' && str_find_char(name, '/') < 0 &&
			str_find_char(name, '\\') < 0);
	}
	for (ptrdiff_t i = 0; i < m->bounce.count; i++)
		check_line(m->bounce.items[i].diagnostic);
	for (ptrdiff_t i = 0; i < m->problems.count; i++)
		ASSERT(m->problems.items[i].len > 0);
	(void)mail_may_answer(m);
	(void)thread_find_tokens(a, m->recipients, S("reply"), S("node.example"));
	(void)thread_find_numbers(a, m->subject);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct mail m;
	struct err err;
	mail_init();
	arena_init(&a, MAIL_ARENA_SOFT, MAIL_ARENA_HARD);
	if (mail_parse(&a, (str){ (const char *)data, (ptrdiff_t)size }, NULL, &m, &err))
		check_mail(&a, &m);
	else
		ASSERT(err.code == ERR_LIMIT);
	arena_done(&a);
	return 0;
}
