#include "mail/parse.h"

#include <stdio.h>
#include "mail/address.h"
#include "mail/charset.h"
#include "mail/html.h"
#include "mail/words.h"
#include "mail/xarf.h"

static struct arena test_arena;

static struct mail parse_for(str raw, str own_host)
{
	struct mail m;
	struct err err;
	struct mail_parse_options options = { own_host };
	bool ok = mail_parse(&test_arena, raw, &options, &m, &err);
	ASSERT(ok);
	return m;
}

static struct mail parse(const char *raw)
{
	return parse_for(str_from(raw), S("node.example"));
}

static bool has(str text, const char *part)
{
	return str_find(text, str_from(part)) >= 0;
}

static bool has_problem(const struct mail *m, const char *part)
{
	for (ptrdiff_t i = 0; i < m->problems.count; i++)
		if (has(m->problems.items[i], part))
			return true;
	return false;
}

static void test_words(void)
{
	struct arena *a = &test_arena;
	ASSERT(str_eq(words_decode(a, S("=?utf-8?q?Gr=C3=BC=C3=9Fe_an?= =?utf-8?b?IGFsbGU=?= hier")),
		S("Gr\xC3\xBC\xC3\x9F" "e an alle hier")));
	/* a character cut in two by the mailer */
	ASSERT(str_eq(words_decode(a, S("=?UTF-8?B?2YY=?=\r\n =?UTF-8?B?2A==?=\r\n =?UTF-8?B?qA==?=")),
		S("\xD9\x86\xD8\xA8")));
	ASSERT(str_eq(words_decode(a, S("=?windows-1256?q?=C8?=")), S("\xD8\xA8")));
	ASSERT(str_eq(words_decode(a, S("folded\r\n line\r\n\tand tab")), S("folded line and tab")));
	ASSERT(str_eq(words_decode(a, S("=?x-unknown?q?a=E9b?=")), S("a\xEF\xBF\xBD" "b")));
	ASSERT(str_eq(words_decode(a, S("=?utf-8?q?no end")), S("=?utf-8?q?no end")));
	ASSERT(str_eq(words_decode(a, S("a =? b =?x? c ?=")), S("a =? b =?x? c ?=")));
	ASSERT(str_eq(words_decode(a, S("raw \xFF byte")), S("raw \xEF\xBF\xBD byte")));
	ASSERT(str_eq(words_decode(a, S("=?utf-8?q?evil=0D=0ABcc:_x?=")), S("evil Bcc: x")));
}

static void test_charset(void)
{
	struct arena *a = &test_arena;
	ASSERT(charset_known(S("ISO-8859-1")) && !charset_known(S("ISO-2022-CN-EXT")));
	ASSERT(str_eq(charset_decode(a, S("utf-16be"), S("\0A\0B")), S("AB")));
	ASSERT(str_eq(charset_decode(a, S("gb2312"), S("\xC4\xE3\xFF")), S("\xE4\xBD\xA0\xEF\xBF\xBD")));
	ASSERT(str_eq(charset_clean_text(a, S("a\r\nb\rc\0d\x1B[2J\xC2\x9B" "e\tf")), S("a\nb\ncd[2Je\tf")));
	ASSERT(str_eq(charset_clean_line(a, S("a\nb\xED\xA0\x80")),
		S("a b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")));
}

static void test_addresses(void)
{
	struct arena *a = &test_arena;
	struct mail_addresses l = address_parse(a,
		S("\"Doe, \\\"J\\\" (x)\" <john@a.example>, bare@b.example (Bare Name),\r\n"
		" Team: c@c.example, =?utf-8?q?D=C3=BC?= <@r1,@r2:d@d.example>;, ,, <e @ e.example>"));
	ASSERT(l.count == 5);
	ASSERT(str_eq(l.items[0].name, S("Doe, \"J\" (x)")) &&
		str_eq(l.items[0].address, S("john@a.example")));
	ASSERT(str_eq(l.items[1].name, S("Bare Name")) && str_eq(l.items[1].address, S("bare@b.example")));
	ASSERT(str_eq(l.items[2].address, S("c@c.example")));
	ASSERT(str_eq(l.items[3].name, S("D\xC3\xBC")) && str_eq(l.items[3].address, S("d@d.example")));
	ASSERT(str_eq(l.items[4].address, S("e@e.example")));
	ASSERT(address_parse(a, S("undisclosed-recipients:;")).count == 0);
	ASSERT(address_parse(a, S("Doe, John <j@x.example>")).count == 1);
	ASSERT(str_eq(address_parse(a, S("MAILER-DAEMON (Mail System)")).items[0].address,
		S("MAILER-DAEMON")));
	ASSERT(str_eq(address_domain(S("a@b@c")), S("c")) && str_eq(address_local(S("a@b@c")), S("a@b")));
}

static void test_html(void)
{
	struct arena *a = &test_arena;
	str t = html_to_text(a, S("<html><head><title>no</title><style>p{x:'</p>'}</style></head><body>"
		"<p>Dear&nbsp;customer &lt;you&gt; &amp;amp; &#8364; &euro; "
		"&#x41;</p><script>evil(\"<p>\")</script >"
		"<!-- hidden --><div>see <a class=x href='http://login.bank.example/?a=1&amp;b=2'>your "
		"bank</a></div>"
		"<a href=\"https://x.example/\">https://x.example/</a><ul><li>one<li>two</ul>a<b>b</b>c "
		"&unknown; 1 < 2"
		"<a href='javascript:alert(1)'>js</a>"), 1 << 20);
	ASSERT(has(t, "Dear customer <you> &amp; \xE2\x82\xAC \xE2\x82\xAC A"));
	ASSERT(has(t, "see your bank [http://login.bank.example/?a=1&b=2]"));
	ASSERT(has(t, "\nhttps://x.example/\n") && !has(t, "[https://x.example/]"));
	ASSERT(has(t, "- one\n- two") && has(t, "abc &unknown; 1 < 2"));
	ASSERT(!has(t, "evil") && !has(t, "hidden") && !has(t, "no\n") && !has(t, "javascript") &&
		!has(t, "{x"));
	ASSERT(html_to_text(a, S("a<script>never closed"), 100).len == 1);
	ASSERT(html_to_text(a, S("a<!-- never closed"), 100).len == 1);
	ASSERT(html_to_text(a, S("<p>0123456789abcdefghij"), 10).len == 10);
}

static void test_plain(void)
{
	struct mail m =
		parse("From: =?utf-8?q?J=C3=BCrg?= <j@a.example>\r\n"
		"To: cert@node.example, reply+x@node.example\r\n"
		"Cc: c@c.example\r\nDelivered-To: cert@node.example\r\nX-Original-To: abuse@node.example\r\n"
		"Subject: phishing\r\nDate: Tue, 24 Nov 2026 06:48:10 +0500 (PKT)\r\n"
		"Message-ID: <1@a.example>\r\n"
		"In-Reply-To: <0@node.example> (of yesterday)\r\nReferences: <a@node.example>\r\n"
		"\t<0@node.example>\r\n"
		"Content-Type: text/plain; charset=iso-8859-1\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		"See hxxp://x.example =A9\r\nBye\r\n");
	ASSERT(str_eq(m.message_id, S("1@a.example")) && str_eq(m.in_reply_to, S("0@node.example")));
	ASSERT(m.references.count == 2 && str_eq(m.references.items[1], S("0@node.example")));
	ASSERT(m.from.count == 1 && str_eq(m.from.items[0].name, S("J\xC3\xBCrg")));
	ASSERT(m.to.count == 2 && m.cc.count == 1 && m.recipients.count == 4);
	ASSERT(str_eq(instant_format_seconds(&test_arena, m.date), S("2026-11-24T01:48:10Z")));
	ASSERT(str_eq(m.text, S("See hxxp://x.example \xC2\xA9\nBye")) && m.attachments.count == 0 &&
		m.problems.count == 0);
	ASSERT(m.kind == MAIL_PLAIN && mail_may_answer(&m) &&
		str_eq(mail_answer_address(&m).address, S("j@a.example")));
}

static void test_line_ends(void)
{
	struct mail lf = parse("From: a@b.example\nSubject: x\n y\n\none\ntwo\n"),
		cr = parse("From: a@b.example\rSubject: x\r y\r\rone\rtwo\r");
	struct mail mbox =
		parse("From a@b.example Tue Nov 24 01:00:00 2026\nFrom: a@b.example\nSubject: x\n y\n\none\n"
		"two\n");
	ASSERT(str_eq(lf.text, S("one\ntwo")) && str_eq(cr.text, lf.text) && str_eq(mbox.text, lf.text));
	ASSERT(str_eq(lf.subject, S("x y")) && str_eq(cr.subject, S("x y")) &&
		str_eq(mbox.subject, S("x y")));
	ASSERT(str_eq(cr.from.items[0].address, S("a@b.example")) && mbox.from.count == 1);
}

static void test_parts(void)
{
	struct mail m =
		parse("From: a@b.example\nContent-Type: multipart/mixed; boundary=o\n\npreamble\n--o\n"
		"Content-Type: multipart/alternative; boundary=\"i i\"\n\n--i i\nContent-Type: text/plain\n"
		"\nplain text\n"
		"--i i\nContent-Type: text/html\n\n<p>html text\n--i i--\n"
		"--o\nContent-Type: application/pdf; name=\"=?utf-8?q?..=2F..=2Fetc=2Fpass=3Cwd.pdf?=\"\n"
		"Content-Transfer-Encoding: base64\n\nJVBERi0=\n"
		"--o\nContent-Type: text/plain\nContent-Disposition: attachment; "
		"filename*=utf-8''%D9%86%D9%88.txt\n\nnot text\n"
		"--o\nContent-Type: message/rfc822\n\nFrom: evil@x.example\nSubject: win\n"
		"Content-Type: text/html\n\n"
		"<a href=\"http://evil.example/p\">click</a>\n--o--\nepilogue\n");
	ASSERT(str_eq(m.text, S("plain text")) && !m.text_from_html && m.attachments.count == 3);
	ASSERT(str_eq(m.attachments.items[0].name, S("pass_wd.pdf")) &&
		str_eq(m.attachments.items[0].bytes, S("%PDF-")));
	ASSERT(str_eq(m.attachments.items[1].name, S("\xD9\x86\xD9\x88.txt")) &&
		has(m.attachments.items[1].bytes, "not text"));
	ASSERT(m.attachments.items[2].is_mail && has(m.attachments.items[2].text, "Subject: win"));
	ASSERT(has(m.attachments.items[2].text, "click [http://evil.example/p]"));
	m = parse("From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<b>only</b> html");
	ASSERT(str_eq(m.text, S("only html")) && m.text_from_html);
	m = parse("From: a@b.example\nContent-Type: text/plain; charset=x-made-up\n\ncaf\xE9 ok");
	ASSERT(str_eq(m.text, S("caf\xEF\xBF\xBD ok")) && has_problem(&m, "x-made-up"));
}

static void test_broken(void)
{
	struct mail m = parse("");
	ASSERT(m.text.len == 0 && m.from.count == 0);
	m = parse_for((str){ 0 }, S(""));
	ASSERT(m.text.len == 0);
	m = parse("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\nthe boundary never comes");
	ASSERT(has_problem(&m, "without parts") && has(m.text, "never comes"));
	m = parse("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ncut here, but rea");
	ASSERT(str_eq(m.text, S("cut here, but rea")));
	m = parse("From: a@b.example\nContent-Transfer-Encoding: base64\n\nSGVsbG8gd29ybG");
	ASSERT(str_starts(m.text, S("Hello wor")));
	m = parse_for(S("\xD0\xCF\x11\xE0\0\0\0binary"), S(""));
	ASSERT(has_problem(&m, "no mail headers") && m.attachments.count == 1 && m.text.len == 0);
	m = parse("From: a@b.example\nDate: yesterday\nX-Naubat-Loop:\n\nx");
	ASSERT(has_problem(&m, "date") && m.date.us == 0 && !m.is_loop);
	m = parse("Message-ID: \x01 \x02<a@b>\nIn-Reply-To: \x01\nReferences: x y@z <no end@q\n\nx");
	ASSERT(str_eq(m.message_id, S("a@b")) && m.in_reply_to.len == 0 && m.references.count == 1);
}

static void append(struct buf *b, const char *text, int times)
{
	for (int i = 0; i < times; i++)
		buf_add(b, str_from(text));
}

/* What would cost a library its stack or gigabytes. */
static void test_hostile(void)
{
	struct buf b;
	buf_init(&b, &test_arena, 64 << 20);
	append(&b, "From: ", 1);
	append(&b, "a:", 200000);
	append(&b, "x@y.example;\nSubject: groups\n\nhi\n", 1);
	struct mail m = parse_for(buf_str(&b), S(""));
	ASSERT(has_problem(&m, "groups"));
	b.len = 0;
	append(&b, "From: a@b.example\n", 1);
	for (int i = 0; i < 3000; i++)
		buf_printf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	m = parse_for(buf_str(&b), S(""));
	ASSERT(has_problem(&m, "nested more than") && m.from.count == 1);
	b.len = 0;
	append(&b, "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n", 1);
	append(&b, "--x\n\np\n", 100000);
	m = parse_for(buf_str(&b), S(""));
	ASSERT(has_problem(&m, "parts") && has(m.text, "p\n\np"));
	b.len = 0;
	append(&b, "From: a@b.example\n", 1);
	append(&b, "To: x@y.example\n", 500000);
	append(&b, "\nbody\n", 1);
	m = parse_for(buf_str(&b), S(""));
	ASSERT(has_problem(&m, "headers") && str_eq(m.text, S("body")) && m.recipients.count == 1);
	b.len = 0;
	append(&b, "From: a@b.example\nContent-Type: message/rfc822\n\n", 30000);
	m = parse_for(buf_str(&b), S(""));
	ASSERT(m.from.count == 1);
	b.len = 0;
	append(&b, "Subject: ", 1);
	append(&b, "=?a?q?x", 9000);
	append(&b, "\n\n", 1);
	m = parse_for(buf_str(&b), S(""));
	ASSERT(m.subject.len > 0);
}

static void test_too_large(void)
{
	struct err err;
	struct mail m;
	str huge = { "x", (ptrdiff_t)MAIL_SIZE_MAX + 1 };       /* refused before a byte is read */
	ASSERT(!mail_parse(&test_arena, huge, NULL, &m, &err) && err.code == ERR_LIMIT);
}

static void test_flags(void)
{
	static const struct { const char *raw; bool encrypted, is_signed, automatic, reply, bulk, loop,
		bounce, answer; } cases[] = {
		{ "From: a@b.example\n\nhi", .answer = true },
		{ "From: a@b.example\nAuto-Submitted: no\n\nhi", .answer = true },
		{ "From: a@b.example\nAuto-Submitted: auto-generated (rejected)\n\nhi", .automatic = true },
		{ "From: a@b.example\nAuto-Submitted: auto-replied\n\nhi", .automatic = true, .reply = true },
		{ "From: a@b.example\nSubject: Out of Office: x\n\nhi", .reply = true },
		{ "From: a@b.example\nX-Autoreply: yes\n\nhi", .reply = true },
		{ "From: a@b.example\nPrecedence: bulk\n\nhi", .bulk = true },
		{ "From: a@b.example\nList-Id: <l.example>\n\nhi", .bulk = true },
		{ "From: a@b.example\nX-Naubat-Loop: node.example\n\nhi", .loop = true },
		{ "From: a@b.example\nX-Naubat-Loop: other.example\n\nhi", .answer = true },
		{ "From: a@b.example\nMessage-ID: <x@Node.Example>\n\nhi", .loop = true },
		{ "Return-Path: <>\nFrom: MAILER-DAEMON@b.example\n\nhi", .bounce = true },
		{ "Return-Path: <>\nFrom: vacation@b.example\n\nhi", .answer = false },
		{ "From: a@b.example\n\n-----BEGIN PGP MESSAGE-----\nx", .encrypted = true, .answer = true },
		{ "From: a@b.example\n\nquoting -----BEGIN PGP MESSAGE-----\nx", .answer = true },
		{ "From: a@b.example\n\n-----BEGIN PGP SIGNED MESSAGE-----\nx", .is_signed = true,
			.answer = true },
		{ "From: a@b.example\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx",
			.encrypted = true, .answer = true },
		{ "From: a@b.example\nContent-Type: application/pkcs7-mime; smime-type=signed-data\n\nx",
			.is_signed = true, .answer = true },
		{ "From: a@b.example\nContent-Type: multipart/encrypted; "
		"protocol=\"application/pgp-encrypted\"; boundary=x\n\n"
		  "--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--x\n"
		  "Content-Type: application/octet-stream\n\nx\n--x--\n",
		  .encrypted = true, .answer = true },
		{ "From: a@b.example\nContent-Type: multipart/signed; boundary=x\n\n--x\n\nhi\n--x\n"
		"Content-Type: application/pgp-signature\n\ns\n--x--\n",
		  .is_signed = true, .answer = true },
		{ "Subject: nobody to answer\n\nhi", .answer = false },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct mail m = parse(cases[i].raw);
		bool same = m.encrypted == cases[i].encrypted && m.is_signed == cases[i].is_signed &&
			m.auto_submitted == cases[i].automatic && m.is_auto_reply == cases[i].reply &&
			m.is_bulk == cases[i].bulk && m.is_loop == cases[i].loop &&
			m.is_bounce == cases[i].bounce && mail_may_answer(&m) == cases[i].answer;
		if (!same)
			fprintf(stderr, "flags of:\n%s\n", cases[i].raw);
		ASSERT(same);
	}
}

static void test_bounce(void)
{
	struct mail m = parse("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: reply+abc@node.example\n"
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n"
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
		"Original-Recipient: rfc822;gone@a.example\nFinal-Recipient: rfc822; box7@inner.example\n"
		"Action: failed\n"
		"Status: 5.1.1 (unknown)\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\n\n"
		"Final-Recipient: rfc822; slow@a.example\nAction: delayed\nStatus: 4.4.1\n"
		"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <m7@node.example>\nSubject: x\n"
		"--b--\n");
	ASSERT(m.is_bounce && m.bounce.permanent && m.bounce.count == 2);
	ASSERT(str_eq(m.bounce.items[0].recipient, S("gone@a.example")) &&
		str_eq(m.bounce.items[0].status, S("5.1.1")));
	ASSERT(str_eq(m.bounce.items[0].diagnostic, S("550 5.1.1 no such user")));
	ASSERT(str_eq(m.bounce.items[1].action, S("delayed")) &&
		str_eq(m.bounce.message_id, S("m7@node.example")));
	ASSERT(!mail_may_answer(&m) && !m.is_loop);
}

static void test_arf(void)
{
	struct mail m =
		parse("From: fbl@isp.example\nContent-Type: multipart/report; report-type=feedback-report; "
		"boundary=b\n\n"
		"--b\n\nThis is an abuse report.\n--b\nContent-Type: message/feedback-report\n\n"
		"Feedback-Type: abuse\n"
		"User-Agent: X/1\nVersion: 1\nSource-IP: 203.0.113.7\nReported-Domain: a.example\n"
		"Reported-Domain: b.example\n"
		"Original-Rcpt-To: <v@isp.example>\nArrival-Date: Thu,\n 8 Mar 2005 14:00:00 EDT\n"
		"--b\nContent-Type: message/rfc822\n\nFrom: spam@a.example\nSubject: =?utf-8?q?win=21?=\n"
		"Message-ID: <s@a.example>\n\nbuy\n--b--\n");
	ASSERT(m.kind == MAIL_ARF && str_eq(m.arf.feedback_type, S("abuse")) &&
		str_eq(m.arf.source_ip, S("203.0.113.7")));
	ASSERT(m.arf.reported_domain.count == 2 && m.arf.original_rcpt_to.count == 1);
	ASSERT(str_eq(m.arf.arrival_date, S("Thu, 8 Mar 2005 14:00:00 EDT")));
	ASSERT(str_eq(m.arf.original_subject, S("win!")) && str_eq(m.arf.original_message_id,
		S("s@a.example")));
	ASSERT(has(m.arf.original, "buy") && has(m.text, "abuse report") && m.problems.count == 0);
}

#define XARF_CONTACT    "{\"org\":\"O\",\"contact\":\"r@o.example\",\"domain\":\"o.example\"}"
#define XARF_HEAD       "{\"xarf_version\":\"4.2.0\",\"report_id\":\"r1\"," \
	"\"timestamp\":\"2026-01-02T03:04:05Z\"," \
	"\"reporter\":" XARF_CONTACT ",\"sender\":" XARF_CONTACT "," \
	"\"source_identifier\":\"203.0.113.7\","

#define XARF_V3_NO_SOURCE "{\"ReporterInfo\":{\"ReporterOrg\":\"O\"},\"Report\":{\"ReportType\":\"Spam\"," \
	"\"Date\":\"2026-01-02T03:04:05Z\"}}"

static void test_xarf(void)
{
	static const char *const bad[] = {
		"[]", "{\"xarf_version\":\"4.2.0\"}", XARF_HEAD "\"category\":\"nonsense\",\"type\":\"x\"}",
		XARF_HEAD "\"category\":\"messaging\",\"type\":\"spam\"}",
			XARF_HEAD "\"category\":\"content\",\"type\":\"phishing\"}",
		XARF_HEAD "\"category\":\"connection\",\"type\":\"ddos\",\"source_port\":0}",
			XARF_HEAD "\"category\":\"connection\"}",
		XARF_V3_NO_SOURCE,
	};
	struct xarf_report r;
	struct err err;
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!xarf_parse(&test_arena, str_from(bad[i]), &r, &err) && err.code == ERR_INPUT);
	ASSERT(xarf_parse(&test_arena,
		S("{\"Version\":\"3\",\"ReporterInfo\":{\"ReporterOrg\":\"O\","
		"\"ReporterOrgEmail\":\"r@o.example\"},"
		"\"Report\":{\"ReportType\":\"Spam\",\"SourceIp\":\"203.0.113.7\",\"SourcePort\":25,"
		"\"Date\":\"2026-01-02T03:04:05Z\","
		"\"Samples\":[{}]}}"), &r, &err));
	ASSERT(r.lifted && str_eq(r.category, S("messaging")) && str_eq(r.type, S("spam")) &&
		r.source_port == 25 && r.evidence_count == 1);
	struct mail m =
		parse("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nA report.\n"
		"--b\nContent-Type: application/json; name=xarf.json\n\n" XARF_HEAD
		"\"category\":\"content\",\"type\":\"phishing\",\"url\":\"http://p.example/\"}\n--b--\n");
	ASSERT(m.kind == MAIL_XARF && m.xarf_count == 1 && str_eq(m.xarf[0].url, S("http://p.example/")));
	ASSERT(str_eq(m.xarf[0].reporter.domain, S("o.example")) && m.attachments.count == 1);
	m =
		parse("From: a@b.example\nContent-Type: application/json\n\n"
		"" XARF_HEAD "\"category\":\"nonsense\",\"type\":\"x\"}");
	ASSERT(m.kind == MAIL_PLAIN && has_problem(&m, "nonsense") && m.attachments.count == 1);
}

int main(void)
{
	static void (*const tests[])(void) = {
		test_words, test_charset, test_addresses, test_html, test_plain, test_line_ends, test_parts,
			test_broken,
		test_hostile, test_too_large, test_flags, test_bounce, test_arf, test_xarf,
	};
	mail_init();
	for (ptrdiff_t i = 0; i < COUNTOF(tests); i++) {
		arena_init(&test_arena, MAIL_ARENA_SOFT, MAIL_ARENA_HARD);
		tests[i]();
		arena_done(&test_arena);
	}
	return 0;
}
