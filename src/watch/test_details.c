#include "watch/details.h"

#include <stdio.h>
#include "base/buf.h"
#include "base/instant.h"
#include "watch/event_titles.h"
#include "watch/report_grid.h"
#include "watch/sight.h"

/* An event as pairs of name and value. */
struct pair {
	const char *name, *value;
};

static str read_pair(void *who, str name)
{
	for (const struct pair *p = who; p->name; p++)
		if (str_eq(name, str_from(p->name)))
			return str_from(p->value);
	return S("");
}

static struct event_reader reader(struct pair *pairs)
{
	return (struct event_reader){ pairs, read_pair };
}

static str line_of(struct arena *a, const struct details *d, struct pair *pairs,
		   const struct match_reason *reasons, ptrdiff_t count)
{
	struct buf b;
	ptrdiff_t n;
	const struct finding_detail *f = details_make(d, reader(pairs), true, reasons, count, a, &n);
	buf_init(&b, a, 1 << 16);
	for (ptrdiff_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s=" STR_FMT, i ? " " : "", f[i].label, STR_ARG(f[i].value));
	return buf_str(&b);
}

static void test_lines(struct arena *a)
{
	const struct details *d = details_load(a);
	static struct pair sysmon[] = { { "Channel", "Microsoft-Windows-Sysmon/Operational" },
					{ "EventID", "1" },
					{ "User", "CORP\\ada" },
					{ "ParentImage", "C:\\Windows\\explorer.exe" },
					{ "CommandLine", "whoami /all" },
					{ 0 } };
	static struct pair security[] = { { "Channel", "Security" },
					  { "EventID", "4688" },
					  { "SubjectUserName", "ada" },
					  { "SubjectDomainName", "CORP" },
					  { "ParentProcessName", "C:\\x\\cmd.exe" },
					  { "NewProcessName", "C:\\w.exe" },
					  { 0 } };
	static struct pair logon[] = { { "Channel", "Security" },
				       { "EventID", "4624" },
				       { "TargetUserName", "bob" },
				       { "TargetDomainName", "-" },
				       { "LogonType", "10" },
				       { "IpAddress", "10.0.0.1" },
				       { 0 } };
	static struct pair eve[] = { { "event_type", "dns" },
				     { "src_ip", "10.0.0.5" },
				     { "dest_ip", "10.0.0.1" },
				     { "dns.rrname", "evil.example" },
				     { 0 } };
	static struct pair other[] = {
		{ "_path", "ntlm" }, { "id.orig_h", "10.0.0.5" }, { "name", "x" }, { 0 }
	};
	static struct pair unknown[] = { { "colour", "red" }, { 0 } };
	static const struct match_reason reasons[] = {
		{ { "colour", 6 }, { "red", 3 }, 0, 3, { "colour: red", 11 } },
		{ { NULL, 0 }, { "", 0 }, 0, 0, { "x", 1 } }
	};
	ASSERT(str_eq(line_of(a, d, sysmon, NULL, 0),
		      S("user=CORP\\ada parent=explorer.exe command=whoami /all")));
	ASSERT(str_eq(line_of(a, d, security, NULL, 0),
		      S("user=CORP\\ada parent=cmd.exe command=C:\\w.exe")));
	ASSERT(str_eq(line_of(a, d, logon, NULL, 0), S("user=bob type=10 from=10.0.0.1")));
	ASSERT(str_eq(line_of(a, d, eve, NULL, 0), S("from=10.0.0.5 to=10.0.0.1 asks=evil.example")));
	ASSERT(str_eq(line_of(a, d, other, NULL, 0), S("from=10.0.0.5 what=x")));
	/* nothing usual: what was met; and what was met where the usual line does not show it */
	ASSERT(str_eq(line_of(a, d, unknown, reasons, 2), S("colour=red")));
	ASSERT(str_eq(line_of(a, d, other, reasons, 2), S("from=10.0.0.5 what=x colour=red")));
	ptrdiff_t n;
	(void)details_make(d, reader(other), false, reasons, 2, a, &n);
	ASSERT(n == 2 && line_of(a, d, unknown, NULL, 0).len == 0);
}

static void test_heads(void)
{
	static struct pair flat[] = { { "Channel", "Security" },
				      { "EventID", "4624" },
				      { "Computer", "dc1" },
				      { "EventTime", "2020-09-20 17:38:55" },
				      { "@timestamp", "2020-09-20T21:38:55Z" },
				      { 0 } };
	static struct pair eve[] = {
		{ "event_type", "dns" }, { "src_ip", "10.0.0.5" }, { "timestamp", "soon" }, { 0 }
	};
	struct event_reader r = reader(flat);
	/* the time with a zone, not the one without */
	ASSERT(details_time(r, 0) == INT64_C(1600637935000000));
	ASSERT(str_eq(details_channel(r), S("Security")) && str_eq(details_id(r), S("4624")));
	ASSERT(str_eq(details_host(r), S("dc1")));
	r = reader(eve);
	ASSERT(str_eq(details_channel(r), S("suricata")) && str_eq(details_id(r), S("dns")));
	ASSERT(str_eq(details_host(r), S("10.0.0.5")) && details_time(r, 0) == FINDING_NO_TIME);
	ASSERT(str_eq(event_title(S("Microsoft-Windows-Sysmon/Operational"), S("22")), S("DNS query")));
	ASSERT(event_title(S("Elsewhere"), S("22")).len == 0);
	ASSERT(str_eq(event_logon_type(S("10")), S("remote desktop")));
	ASSERT(str_eq(event_logon_failure(S("0xC000006A")), S("wrong password")));
}

static str told(const struct sight *s, struct arena *a)
{
	struct sight_lines l = { 0 };
	struct buf b;
	buf_init(&b, a, 1 << 20);
	sight_tell(s, a, false, &l);
	for (ptrdiff_t i = 0; i < l.count; i++) {
		buf_add(&b, l.at[i]);
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

static void see(struct sight *s, const char *host, const char *id, int64_t hour, struct pair *pairs)
{
	const struct sight_event e = { str_from(host), S("Security"), str_from(id), HOURS(hour) };
	sight_add(s, &e, reader(pairs));
}

static void test_sight(struct arena *a)
{
	static struct pair none[] = { { 0 } }, who[] = { { "SubjectUserName", "mallory" }, { 0 } };
	struct sight *one = sight_new(a), *two = sight_new(a), *all = sight_new(a);
	/* two workers saw every other hour; together there is one gap, of five hours */
	for (int h = 0; h < 40; h++)
		if (h < 20 || h >= 25)
			see(h % 2 ? one : two, "dc1", "4634", h, none);
	/* minutes here and there are no gap */
	for (int h = 0; h < 20; h++)
		see(one, "laptop", "4634", h * 30, none);
	see(two, "dc1", "1102", 3, who);
	see(two, "dc1", "1102", 9, who);
	see(one, "dc1", "4688", 3, none);
	sight_merge(all, one);
	sight_merge(all, two);
	str s = told(all, a);
	ASSERT(str_find(s, S("dc1, Security: no events for 5 hours, 1970-01-01 20:00 to 1970-01-02 01:00")) >=
	       0);
	ASSERT(str_find(s, S("laptop")) < 0);
	ASSERT(str_find(
		       s,
		       S("dc1: the Security log was cleared by mallory, 2 times, from 1970-01-01 03:00:00 to "
			 "1970-01-01 09:00:00")) >= 0);
	ASSERT(str_find(s, S("1 process creation (4688) has no command line")) >= 0);
	ASSERT(told(sight_new(a), a).len == 0);
}

/* More hosts than are watched: said, and no memory without end. */
static void test_sight_bounds(struct arena *a)
{
	static struct pair none[] = { { 0 } };
	struct sight *s = sight_new(a);
	for (int i = 0; i < SIGHT_PAIRS + 10; i++) {
		char host[16];
		(void)snprintf(host, sizeof(host), "h%d", i);
		for (int h = 0; h < 200; h++)
			see(s, host, "1", h * 100, none);
	}
	ASSERT(str_find(told(s, a), S("more hosts and hours than are watched")) >= 0);
}

static void test_grid(struct arena *a)
{
	static const struct grid_column columns[] = { { "HOST", "host", false, true },
						      { "N", "count", true, false },
						      { "ONLY SHOWN", NULL, false, true } };
	const str cells[] = {
		S("a-long-name-of-a-host.example"), S("12345"), S("x\x1b[2J"), S("=b"), S(""), S("y")
	};
	const struct grid g = { "kind", columns, 3, cells, 2 };
	struct report_style narrow = { .width = 30 };
	struct buf b;
	buf_init(&b, a, 1 << 16);
	report_grid(&b, &g, GRID_TABLE, &narrow);
	str s = buf_str(&b);
	ASSERT(str_find(s, S("12,345")) > 0 && str_find(s, S("\x1b")) < 0 &&
	       str_find(s, S("\xE2\x80\xA6")) > 0);
	for (str_cut_result c = str_cut(s, '\n'); c.ok; c = str_cut(c.tail, '\n'))
		ASSERT(report_columns(c.head) <= 30);
	b.len = 0;
	report_grid(&b, &g, GRID_JSON, &narrow);
	ASSERT(str_eq(buf_str(&b),
		      S("{\"kind\":\"kind\",\"host\":\"a-long-name-of-a-host.example\",\"count\":12345}\n"
			"{\"kind\":\"kind\",\"host\":\"=b\",\"count\":null}\n")));
	b.len = 0;
	report_grid_head(&b, &g);
	report_grid(&b, &g, GRID_CSV, &narrow);
	ASSERT(str_starts(buf_str(&b), S("kind,host,count\r\nkind,a-long-name-of-a-host.example,12345\r\n")));
	ASSERT(str_find(buf_str(&b), S(",'=b,")) > 0 || str_find(buf_str(&b), S(",\"'=b\",")) > 0);
}

int main(void)
{
	void (*const tests[])(struct arena *) = { test_lines, test_sight, test_sight_bounds, test_grid };
	test_heads();
	for (ptrdiff_t i = 0; i < COUNTOF(tests); i++) {
		struct arena a;
		arena_init(&a, 512 << 20, 1 << 30);
		tests[i](&a);
		arena_done(&a);
	}
	return 0;
}
