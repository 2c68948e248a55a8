#include "mail/compose.h"

#include "base/buf.h"
#include "mail/parse.h"
#include "mail/thread.h"

static struct arena test_arena;

static bool has(str text, const char *part)
{
	return str_find(text, str_from(part)) >= 0;
}

static struct mail_draft good_draft(void)
{
	return (struct mail_draft){
		.from = { S("National CERT"), S("cert@node.example") },
			.to = { S("Al\xC3\xAD, \"the\" Handler"), S("soc@bank.example") },
		.reply_to = S("reply+010000000123456789abcdef@node.example"),
		.message_id = S("m1@node.example"),
		.in_reply_to = S("q1@bank.example"), .date = { SECONDS(1795484890) },
			.automatic = MAIL_AUTO_REPLIED,
		.loop = S("node.example"), .tlp = S("TLP:AMBER+STRICT"), .number = S("DEMO-2026-7K3QF4X"),
		.subject = S("\xD8\xAA\xD8\xB5\xDB\x8C\xD8\xAF: phishing at hxxp://login.bank.example"),
		.text =
			S("Dear team,\n\n.dot first\nFrom here on\ntrailing blank \n"
			"tab\tequal=\xE2\x82\xAC\r\nlast"), .demonstration = true,
	};
}

static str compose(const struct mail_draft *d)
{
	str bytes;
	struct err err;
	bool ok = mail_compose_bytes(&test_arena, d, &bytes, &err);
	ASSERT(ok);
	return bytes;
}

static struct mail parse(str bytes)
{
	struct mail m;
	struct err err;
	struct mail_parse_options options = { S("node.example") };
	bool ok = mail_parse(&test_arena, bytes, &options, &m, &err);
	ASSERT(ok && m.problems.count == 0);
	return m;
}

static void check_wire_form(str bytes)
{
	ptrdiff_t column = 0;
	for (ptrdiff_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.ptr[i];
		ASSERT(c < 0x7F && (c >= 0x20 || c == '\r' || c == '\n' || c == '\t'));
		ASSERT((c == '\n') == (i > 0 && bytes.ptr[i - 1] == '\r'));
		column = c == '\n' ? 0 : column + 1;
		ASSERT(column <= 999);
	}
	ASSERT(str_ends(bytes, S("\r\n")));
}

static void test_round_trip(void)
{
	struct mail_draft d = good_draft();
	str bytes = compose(&d);
	struct mail m = parse(bytes);
	check_wire_form(bytes);
	ASSERT(str_eq(bytes, compose(&d)));
	ASSERT(str_starts(bytes, S("Date: Tue, 24 Nov 2026 01:48:10 +0000\r\n")));
	ASSERT(has(bytes, "\r\nSubject: [TLP:AMBER+STRICT] [DEMO-2026-7K3QF4X]\r\n =?UTF-8?B?"));
	ASSERT(has(bytes, "\r\nReferences: <q1@bank.example>\r\n") &&
		has(bytes, "\r\nX-Naubat-Demonstration: yes\r\n"));
	ASSERT(str_eq(m.subject, mail_subject_line(&test_arena, &d)));
	ASSERT(str_eq(m.to.items[0].name, d.to.name) && str_eq(m.to.items[0].address, d.to.address) &&
		m.to.count == 1);
	ASSERT(str_eq(m.from.items[0].name, d.from.name) && str_eq(m.reply_to.items[0].address, d.reply_to));
	ASSERT(str_eq(m.message_id, d.message_id) && str_eq(m.in_reply_to, d.in_reply_to) &&
		m.date.us == d.date.us);
	ASSERT(m.auto_submitted && m.is_auto_reply && m.is_loop && !m.is_bulk);
	ASSERT(str_starts(m.text, S("TLP:AMBER+STRICT\n\nDEMONSTRATION")) &&
		str_ends(m.text, S("last\n\nTLP:AMBER+STRICT")));
	ASSERT(has(m.text, "\n.dot first\nFrom here on\ntrailing blank \ntab\tequal=\xE2\x82\xAC\nlast"));
	ASSERT(!has(bytes, "\r\n.dot") && !has(bytes, "\r\nFrom here"));
}

static void test_attachments(void)
{
	struct mail_draft d = good_draft();
	char every[256];
	for (int i = 0; i < 256; i++)
		every[i] = (char)i;
	struct mail_attachment files[] = {
		{ .name = S("list.csv"), .type = S("text/csv"), .bytes = S("a,b\r\n") },
		{ .name = S("\xD9\x86\xD9\x88 \"1\".bin"), .type = S("application/octet-stream"),
			.bytes = { every, 256 } },
		{ .name = S("m.eml"), .type = S("message/rfc822"), .bytes = S("From: a@b.example\n\nx") },
		{ .name = S("empty"), .type = S("text/plain") },
	};
	d.attachments = files;
	d.attachment_count = COUNTOF(files);
	str bytes = compose(&d);
	struct mail m = parse(bytes);
	check_wire_form(bytes);
	ASSERT(m.attachments.count == 4 && str_starts(m.text, S("TLP:AMBER+STRICT\n")));
	for (ptrdiff_t i = 0; i < 4; i++)
		ASSERT(str_eq(m.attachments.items[i].bytes, files[i].bytes));
	ASSERT(str_eq(m.attachments.items[0].name, S("list.csv")) &&
		str_eq(m.attachments.items[0].type, S("text/csv")));
	ASSERT(str_eq(m.attachments.items[1].name, S("\xD9\x86\xD9\x88 _1_.bin")));
	ASSERT(!m.attachments.items[2].is_mail);
}

static void test_long_words(void)
{
	struct mail_draft d = good_draft();
	struct buf b;
	buf_init(&b, &test_arena, 400);
	for (int i = 0; i < 130; i++)
		buf_add(&b, i % 2 ? S("\xE2\x82\xAC") : S("x"));
	d.subject = buf_str(&b);
	d.references.items = NEW(&test_arena, str, 300);
	for (d.references.count = 0; d.references.count < 300; d.references.count++)
		d.references.items[d.references.count] = arena_printf(&test_arena, "%d-%0200d@x.example",
			(int)d.references.count, 7);
	d.references.items[299] = S("bad id\r\nBcc: x");
	str bytes = compose(&d);
	struct mail m = parse(bytes);
	check_wire_form(bytes);
	ASSERT(str_eq(m.subject, mail_subject_line(&test_arena, &d)));
	ASSERT(m.references.count == 19 && str_starts(m.references.items[18], S("298-")) &&
		!has(bytes, "Bcc"));
}

#define REFUSED(field, value) do { \
	struct mail_draft d_ = good_draft(); \
	struct err err_; \
	str bytes_; \
	d_.field = (value); \
	ASSERT(!mail_compose_bytes(&test_arena, &d_, &bytes_, &err_) && err_.code == ERR_INPUT); \
} while (0)

static void test_refused(void)
{
	struct mail_attachment bad_name = { .name = S("a\r\nX: y"), .type = S("text/plain") };
	struct mail_attachment bad_type = { .name = S("a"), .type = S("text/plain\r\nX: y") };
	struct mail_draft d = good_draft();
	struct err err;
	str bytes;
	REFUSED(subject, S("x\r\nBcc: victim@x.example"));
	REFUSED(subject, S("x\ny"));
	REFUSED(subject, S("x\0y"));
	REFUSED(subject, S("\xFF"));
	REFUSED(from.name, S("a\rb"));
	REFUSED(to.name, S("a\nb"));
	REFUSED(to.address, S("a@b.example, c@d.example"));
	REFUSED(to.address, S("a@b.example\r\nBcc: c@d.example"));
	REFUSED(to.address, S("a@b.example>"));
	REFUSED(to.address, S(""));
	REFUSED(reply_to, S("a b@c.example"));
	REFUSED(message_id, S("a@b>\r\nX: y"));
	REFUSED(message_id, S("no-at-sign"));
	REFUSED(in_reply_to, S("a@b c"));
	REFUSED(loop, S("node\nexample"));
	REFUSED(number, S("DEMO 1"));
	REFUSED(tlp, S(""));
	REFUSED(tlp, S("TLP:WHITE"));
	REFUSED(tlp, S("TLP:AMBER\r\nX: y"));
	REFUSED(text, S("a\0b"));
	REFUSED(text, S("\xED\xA0\x80"));
	d.attachments = &bad_name;
	d.attachment_count = 1;
	ASSERT(!mail_compose_bytes(&test_arena, &d, &bytes, &err) && err.code == ERR_INPUT);
	d.attachments = &bad_type;
	ASSERT(!mail_compose_bytes(&test_arena, &d, &bytes, &err) && err.code == ERR_INPUT);
}

static void test_controls(void)
{
	struct mail_draft d = good_draft();
	d.subject = S("gpj.\xE2\x80\xAE" "exe\xE2\x81\xA6!");
	d.text = S("a\x1B[31m\xE2\x80\xAE" "b");
	struct mail m = parse(compose(&d));
	ASSERT(str_ends(m.subject, S("] gpj.exe!")) && has(m.text, "\na[31mb\n"));
}

static void test_address_check(void)
{
	static const char *const good[] = { "a@b.example", "a.b+c-d_e@x-y.example", "o'neil@localhost" };
	static const char *const bad[] = {
		"", "a", "@b", "a@", "a@b..c", ".a@b", "a.@b", "a..b@c", "a b@c", "a@-b.c", "a@b-.c",
			"a@[1.2.3.4]", "\"a\"@b.c",
		"a@b@c", "<a@b>", "a@b_c.example", "\xC3\xBC@b.example",
	};
	struct err err;
	for (ptrdiff_t i = 0; i < COUNTOF(good); i++)
		ASSERT(mail_address_check(str_from(good[i]), &err));
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!mail_address_check(str_from(bad[i]), &err) && err.code == ERR_INPUT);
}

static void test_threads(void)
{
	struct arena *a = &test_arena;
	str token = S("01ZW00400S0M30Y20G1G70H0"), domain = S("node.example"), reply = S("reply");
	str address = thread_reply_address(a, reply, token, domain);
	ASSERT(token.len == THREAD_TOKEN_LENGTH && str_starts(address, S("reply+01zw")) &&
		str_ends(address, S("@node.example")));
	ASSERT(str_eq(thread_token_of(a, address, reply, domain), token));
	ASSERT(str_eq(thread_token_of(a, S("Reply+01ZW0000ZWO10000000000OI@NODE.example"), reply, domain),
		S("01ZW0000ZW01000000000001")));
	ASSERT(thread_token_of(a, address, reply, S("other.example")).len == 0);
	ASSERT(thread_token_of(a, S("reply+short@node.example"), reply, domain).len == 0);
	ASSERT(thread_token_of(a, S("reply+010000000123456789ABCDEU@node.example"), reply, domain).len == 0);
	ASSERT(thread_token_of(a, S("replyx010000000123456789ABCDEF@node.example"), reply, domain).len == 0);
	str all[] = { S("cert@node.example"), address, address,
		S("reply+000000000000000000000000@node.example") };
	ASSERT(thread_find_tokens(a, (struct mail_strings){ all, 4 }, reply, domain).count == 2);
	struct mail_strings n = thread_find_numbers(a,
		S("Re: [TLP:RED] [pk-ncert-2026-7k3qf] and DEMO-2026-7K3QF4X, "
		"not CVE-2026-1234, 2026-11-24 or X-1999-ABCDE"));
	ASSERT(n.count == 2 && str_eq(n.items[0], S("PK-NCERT-2026-7K3QF")) &&
		str_eq(n.items[1], S("DEMO-2026-7K3QF4X")));
}

int main(void)
{
	static void (*const tests[])(void) = {
		test_round_trip, test_attachments, test_long_words, test_refused, test_controls,
			test_address_check, test_threads,
	};
	mail_init();
	for (ptrdiff_t i = 0; i < COUNTOF(tests); i++) {
		arena_init(&test_arena, MAIL_ARENA_SOFT, MAIL_ARENA_HARD);
		tests[i]();
		arena_done(&test_arena);
	}
	return 0;
}
