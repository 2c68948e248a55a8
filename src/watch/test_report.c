#include "watch/report.h"

#include <stdio.h>
#include "base/instant.h"
#include "format/csv.h"
#include "format/json.h"
#include "watch/report_stream.h"
#include "watch/timeline.h"

#define EVIL                                                           \
	"\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\xE2\x80\xAE" \
	"exe.gpj\xFF=cmd|'/c calc'!A0"
#define T0 INT64_C(1600637935290000) /* 2020-09-20T21:38:55.290Z */

static const struct report_style plain = { .width = 100 };
static const str tags[] = { { "attack.credential-access", 24 }, { "attack.t1003.001", 16 } };

static struct finding_rule rule_with(str title, enum rule_level level, ptrdiff_t number)
{
	struct finding_rule r = { .number = number, .shown = true };
	r.about.id = S("06d71506-7beb-4f22-8888-e2e5e2ca7fd8");
	r.about.title = title;
	r.about.author = S("Ada, Grace");
	r.about.level = level;
	r.about.status = STATUS_TEST;
	r.about.tags = tags;
	r.about.tag_count = COUNTOF(tags);
	r.about.logsource = (struct logsource){ S("windows"), S("process_creation"), { 0 } };
	return r;
}

static const struct match_reason reasons[] = {
	{ { "CommandLine", 11 },
	  { "mimikatz.exe privilege::debug", 29 },
	  13,
	  29,
	  { "CommandLine|contains: privilege::debug", 38 } },
	{ { NULL, 0 }, { "anything", 8 }, 0, 0, { "keyword", 7 } },
};
static const struct finding_detail details[] = {
	{ "user", { "User", 4 }, { "SHIRE\\ada", 9 } },
	{ "command", { "CommandLine", 11 }, { "mimikatz.exe privilege::debug", 29 } },
};

static struct finding finding_of(const struct finding_rule *r)
{
	return (struct finding){
		.rule = r,
		.file = S("logs/a.jsonl"),
		.line = 7,
		.at_us = T0,
		.host = S("WS5.theshire.local"),
		.details = details,
		.detail_count = COUNTOF(details),
		.reasons = reasons,
		.reason_count = COUNTOF(reasons),
		.event = S("{\"EventID\":1,\"CommandLine\":\"mimikatz.exe privilege::debug\"}")
	};
}

/* Nothing that a terminal, or a reader's eye, would obey. */
static void assert_harmless(str s, bool colour)
{
	ASSERT(str_utf8_valid(s));
	for (ptrdiff_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool ours = colour && c == 0x1b && i + 1 < s.len && s.ptr[i + 1] == '[' &&
			    str_find(str_sub(s, i, i + 10), S("m")) > 0;
		ASSERT(c == '\n' || c == '\r' || ours || (c >= ' ' && c != 0x7F));
	}
	ASSERT(str_find(s, S("\xE2\x80\xAE")) < 0);
}

static const struct json *read_json(struct arena *a, str line)
{
	struct json *j;
	struct err err = { 0 };
	if (!json_parse(a, line, (struct json_limits){ 0 }, &j, &err)) {
		(void)fprintf(stderr, "%s\n" STR_FMT "\n", err.text, STR_ARG(line));
		ASSERT(false);
	}
	return j;
}

static void test_json(struct arena *a)
{
	struct buf b;
	struct finding_rule r = rule_with(S("Mimikatz"), LEVEL_CRITICAL, 0);
	struct finding f = finding_of(&r);
	buf_init(&b, a, 1 << 20);
	report_json(&b, &f, &plain);
	const struct json *j = read_json(a, buf_str(&b));
	ASSERT(str_eq(json_get_str(j, "rule_id"), r.about.id));
	ASSERT(str_eq(json_get_str(j, "author"), S("Ada, Grace")));
	ASSERT(str_eq(json_get_str(j, "level"), S("critical")));
	ASSERT(str_eq(json_get_str(j, "time"), S("2020-09-20T21:38:55.290Z")));
	ASSERT(json_get_int(j, "line") == 7);
	ASSERT(json_get_int(json_get(j, "event"), "EventID") == 1);
	const struct json *m = json_at(json_get(j, "matched"), 0);
	ASSERT(str_eq(json_get_str(m, "field"), S("CommandLine")) && json_get_int(m, "from") == 13 &&
	       json_get_int(m, "to") == 29);
	ASSERT(json_type(json_get(json_at(json_get(j, "matched"), 1), "field")) == JSON_NULL);
	f.rule = NULL;
	struct indicator i = { .kind = INDICATOR_DOMAIN,
			       .value = S("evil.example"),
			       .label = S("malware/x"),
			       .source = S("domains.txt"),
			       .line = 3 };
	f.indicator = &i;
	f.at_us = FINDING_NO_TIME;
	f.event = S(EVIL);
	b.len = 0;
	report_json(&b, &f, &plain);
	j = read_json(a, buf_str(&b));
	ASSERT(str_eq(json_get_str(j, "indicator"), S("evil.example")));
	ASSERT(json_type(json_get(j, "time")) == JSON_NULL);
	ASSERT(str_starts(json_get_str(j, "event"), S("\x1b[2J")));
	assert_harmless(buf_str(&b), false);
}

static void test_json_event(struct arena *a)
{
	static const struct {
		const char *in, *out;
	} v[] = {
		{ "{\"a\":1,\"b\":[true,null,-1.5e+3]}", "{\"a\":1,\"b\":[true,null,-1.5e+3]}" },
		{ " { \"a\" : 1 } ", "{\"a\":1}" },
		{ "{}", "{}" },
		{ "{\"a\":[]}", "{\"a\":[]}" },
		{ "{\"a\":\"x\ty\"}", "{\"a\":\"x\\ty\"}" },
		{ "{\"a\":\"\\q\\'\\u12\"}", "{\"a\":\"q'u12\"}" },
		{ "{\"a\":\"\\ud800x\\ud83d\\ude00\"}", "{\"a\":\"\\ufffdx\\ud83d\\ude00\"}" },
		{ "{\"a\":\"\xFF\"}", "{\"a\":\"\\ufffd\"}" },
		{ "{\"a\":\"\x1b\xE2\x80\xAE\x7F\"}", "{\"a\":\"\\u001b\\u202e\\u007f\"}" },
		{ "{\"a\":\"\\\"\\\\\"}", "{\"a\":\"\\\"\\\\\"}" },
		/* no JSON: a string */
		{ "{\"a\":1", "\"{\\\"a\\\":1\"" },
		{ "{\"a\" 1}", "\"{\\\"a\\\" 1}\"" },
		{ "{\"a\":01}", "\"{\\\"a\\\":01}\"" },
		{ "{\"a\":1,}", "\"{\\\"a\\\":1,}\"" },
		{ "[1}", "\"[1}\"" },
		{ "]", "\"]\"" },
		{ ",", "\",\"" },
		{ "\"", "\"\\\"\"" },
		{ "\"a\\", "\"\\\"a\\\\\"" },
		{ "{1:2}", "\"{1:2}\"" },
		{ "{\"a\":1}{", "\"{\\\"a\\\":1}{\"" },
		{ "", "\"\"" },
		{ "-", "\"-\"" },
		{ "1.", "\"1.\"" },
		{ "trux", "\"trux\"" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(v); i++) {
		struct buf b;
		buf_init(&b, a, 1 << 16);
		report_json_event(&b, str_from(v[i].in));
		if (!str_eq(buf_str(&b), str_from(v[i].out)))
			(void)fprintf(stderr, "%s gave " STR_FMT "\n", v[i].in, STR_ARG(buf_str(&b)));
		ASSERT(str_eq(buf_str(&b), str_from(v[i].out)));
	}
	struct buf b, deep;
	buf_init(&b, a, 1 << 16);
	buf_init(&deep, a, 1 << 16);
	for (int i = 0; i < 10000; i++)
		buf_add_char(&deep, '[');
	report_json_event(&b, buf_str(&deep));
	ASSERT(b.ptr[0] == '"' && b.len == 10002);
}

static void test_csv(struct arena *a)
{
	struct buf b;
	struct csv c;
	struct csv_row names, row;
	struct err err = { 0 };
	struct finding_rule r = rule_with(S("=HYPERLINK(\"http://x\")"), LEVEL_HIGH, 0);
	struct finding f = finding_of(&r);
	f.host = S(EVIL);
	buf_init(&b, a, 1 << 20);
	report_csv_head(&b);
	report_csv(&b, &f, &plain);
	assert_harmless(buf_str(&b), false);
	ASSERT(csv_open(buf_str(&b), ',', (struct csv_limits){ 0 }, &c, &err));
	ASSERT(csv_read(&c, a, &names, &err) && csv_read(&c, a, &row, &err) && row.count == names.count);
	ASSERT(str_starts(csv_field(&row, csv_find_column(&names, S("title"))), S("'=HYPERLINK")));
	ASSERT(str_eq(csv_field(&row, csv_find_column(&names, S("level"))), S("high")));
	ASSERT(str_eq(csv_field(&row, csv_find_column(&names, S("details"))),
		      S("user: SHIRE\\ada | command: mimikatz.exe privilege::debug")));
	ASSERT(str_eq(csv_field(&row, csv_find_column(&names, S("line"))), S("7")));
}

static void test_timesketch(struct arena *a)
{
	struct buf b;
	struct finding_rule r = rule_with(S("Mimikatz"), LEVEL_HIGH, 0);
	struct finding f = finding_of(&r);
	buf_init(&b, a, 1 << 20);
	report_timesketch(&b, &f);
	const struct json *j = read_json(a, buf_str(&b));
	ASSERT(str_eq(json_get_str(j, "datetime"), S("2020-09-20T21:38:55.290+00:00")));
	ASSERT(json_get_int(j, "timestamp") == T0);
	ASSERT(str_starts(json_get_str(j, "message"), S("high: Mimikatz | user: SHIRE\\ada")));
	ASSERT(json_get_str(j, "timestamp_desc").len > 0 && json_count(json_get(j, "tag")) == 2);
}

static void test_line(struct arena *a)
{
	struct buf b;
	struct finding_rule r = rule_with(S(EVIL), LEVEL_HIGH, 0);
	struct finding f = finding_of(&r);
	struct report_style colour = { .colour = true };
	buf_init(&b, a, 1 << 20);
	report_line(&b, &f, &colour);
	assert_harmless(buf_str(&b), true);
	/* what was met stands out, its blank before it stays */
	ASSERT(str_find(buf_str(&b), S("mimikatz.exe \x1b[1mprivilege::debug\x1b[0m")) > 0);
	ASSERT(str_find(buf_str(&b), S("2020-09-20 21:38:55")) > 0);
}

/* Every line fits, whatever the width. */
static void assert_fits(str s, int width)
{
	for (str_cut_result c = str_cut(s, '\n'); c.ok; c = str_cut(c.tail, '\n')) {
		if (report_columns(c.head) > width)
			(void)fprintf(stderr, "%td > %d: " STR_FMT "\n", report_columns(c.head), width,
				      STR_ARG(c.head));
		ASSERT(report_columns(c.head) <= width);
	}
}

static struct tally *sample(struct arena *a)
{
	struct tally *t = tally_new(a);
	struct finding_rule *r = NEW(a, struct finding_rule, 3);
	struct indicator i = {
		.kind = INDICATOR_IP, .value = S("203.0.113.9"), .label = S(EVIL), .source = S("ips.txt")
	};
	r[0] = rule_with(S("Whoami Execution"), LEVEL_MEDIUM, 0);
	r[1] = rule_with(S("Mimikatz " EVIL), LEVEL_CRITICAL, 1);
	r[2] = rule_with(
		S("A very long title of a rule that does not fit into the width of a narrow terminal at all"),
		LEVEL_HIGH, 2);
	for (int n = 0; n < 40; n++) {
		struct finding f = finding_of(&r[n % 3]);
		f.at_us = T0 + SECONDS(n) * 400;
		f.host = n % 4 ? arena_printf(a, "host-%d", n / 3 % 10) : S(EVIL);
		struct finding_detail d[2] = { details[0], details[1] };
		d[1].value = arena_printf(
			a, "C:\\Windows\\System32\\cmd.exe /c \xE6\x97\xA5\xE6\x9C\xAC %d " EVIL, n % 9);
		f.details = d;
		tally_add(t, &f);
	}
	struct finding f = finding_of(NULL);
	f.indicator = &i;
	f.at_us = FINDING_NO_TIME;
	f.host = S("");
	tally_add(t, &f);
	return t;
}

static void test_table(struct arena *a)
{
	static const int widths[] = { 60, 80, 132, 200 };
	static const str unseen[] = { { "12 rules had no event of their kind: windows/registry_set 4, " EVIL,
					80 } };
	struct report_run run = { .events = 352757,
				  .bytes = 788800000,
				  .files = 4,
				  .duration_us = 3100000,
				  .rules_tried = 3024,
				  .unseen = unseen,
				  .unseen_count = 1 };
	struct tally *t = sample(a);
	for (ptrdiff_t i = 0; i < COUNTOF(widths); i++) {
		struct buf b;
		struct report_style s = { .width = widths[i] };
		buf_init(&b, a, 1 << 20);
		report_table(&b, t, &s);
		report_summary(&b, t, &s);
		report_closing(&b, t, &run, &s);
		assert_fits(buf_str(&b), widths[i]);
		assert_harmless(buf_str(&b), false);
		/* worst first */
		ptrdiff_t critical = str_find(buf_str(&b), S("CRITICAL")),
			  medium = str_find(buf_str(&b), S("MEDIUM"));
		ASSERT(critical >= 0 && critical < str_find(buf_str(&b), S("HIGH")) && critical < medium);
		ASSERT(str_find(buf_str(&b), S("by Ada, Grace")) > 0);
		ASSERT(str_find(buf_str(&b), S("352,757 events in 4 files, 788.8 MB, in")) > 0);
		ASSERT(str_find(buf_str(&b), S("What could not be seen")) > 0);
		s.colour = true;
		b.len = 0;
		report_table(&b, t, &s);
		assert_harmless(buf_str(&b), true);
	}
}

static void test_html(struct arena *a)
{
	struct buf b;
	struct report_run run = { .events = 41, .files = 1, .unseen_count = 0 };
	buf_init(&b, a, 8 << 20);
	report_html(&b, sample(a), &run, &plain);
	str page = buf_str(&b);
	assert_harmless(page, false);
	ASSERT(str_find(page, S("<script>alert")) < 0 && str_find(page, S("&lt;script&gt;alert")) > 0);
	ASSERT(str_find(page, S("http://")) < 0 && str_find(page, S("https://")) < 0);
	ASSERT(str_find(page, S("<mark>privilege::debug</mark>")) > 0);
	ASSERT(str_find(page, S("by Ada, Grace")) > 0);
	ASSERT(str_find(page, S("<svg")) > 0);
}

static void test_tally(struct arena *a)
{
	struct tally *t = sample(a);
	struct tally_totals totals = tally_totals(t);
	ptrdiff_t count, hosts, techniques, hours, bars;
	int64_t step, sum = 0;
	ASSERT(totals.count == 41 && totals.rules == 3 && totals.indicators == 1 && totals.untimed == 1);
	ASSERT(totals.by_level[LEVEL_HIGH] == 14 && totals.first_us == T0 &&
	       totals.last_us == T0 + SECONDS(39 * 400));
	const struct tally_group *const *g = tally_groups(t, a, &count);
	for (ptrdiff_t i = 0; i < count; i++)
		sum += g[i]->count;
	ASSERT(sum == 41 && finding_level(&g[0]->examples[0].what) == LEVEL_CRITICAL);
	ASSERT(tally_hosts(t, a, &hosts)[0]->count > 0 && hosts == totals.hosts);
	const struct tally_name *const *names = tally_techniques(t, a, &techniques);
	ASSERT(techniques == 1 && str_eq(names[0]->text, S("T1003.001")) && names[0]->count == 40);
	ASSERT(tally_hours(t, a, &hours) && hours == 5);
	const struct report_bar *b = report_bars(t, a, 3, &bars, &step);
	ASSERT(bars <= 3 && step == HOURS(3));
	sum = 0;
	for (ptrdiff_t i = 0; i < bars; i++)
		sum += b[i].count;
	ASSERT(sum == 40);
}

/* More hosts than there is room for: counted, not kept. */
static void test_bounds(void)
{
	struct arena a, tmp;
	arena_init(&a, 1 << 29, 1 << 30);
	arena_init(&tmp, 64 << 20, 256 << 20);
	struct tally *t = tally_new(&a);
	struct finding_rule r = rule_with(S("x"), LEVEL_LOW, 70000);
	for (int n = 0; n < TALLY_GROUPS + 100; n++) {
		struct finding f = finding_of(&r);
		char host[32];
		f.host = (str){ host, snprintf(host, sizeof(host), "h%d", n) };
		f.reason_count = f.detail_count = 0;
		f.event = (str){ 0 };
		f.at_us = HOURS(n);
		tally_add(t, &f);
	}
	struct tally_totals totals = tally_totals(t);
	ASSERT(totals.dropped == 100 && totals.count == TALLY_GROUPS + 100);
	ASSERT(totals.hosts == TALLY_NAMES);
	ptrdiff_t bars;
	int64_t step;
	ASSERT(report_bars(t, &tmp, 20, &bars, &step) && bars <= 20);
	arena_done(&tmp);
	arena_done(&a);
}

static void test_timeline(struct arena *a)
{
	struct timeline *t = timeline_new(a, &plain);
	struct finding_rule r = rule_with(S("Mimikatz"), LEVEL_HIGH, 0);
	static const int64_t at[] = { 500, 10, 12, 14, 3000 };
	struct buf b;
	for (ptrdiff_t i = 0; i < COUNTOF(at); i++) {
		struct finding f = finding_of(&r);
		f.at_us = T0 + SECONDS(at[i]);
		timeline_add(t, &f, a);
	}
	struct finding f = finding_of(&r);
	f.at_us = FINDING_NO_TIME;
	timeline_add(t, &f, a);
	timeline_sort(t);
	buf_init(&b, a, 1 << 20);
	int rows = 0;
	while (timeline_row(t, &b))
		rows++;
	str s = buf_str(&b);
	ASSERT(rows == 4 && timeline_dropped(t) == 0);
	ASSERT(str_starts(s, S("2020-09-20 21:39:05  high")) &&
	       str_find(s, S("  3\xC3\x97  a.jsonl:7\n")) > 0);
	ASSERT(str_find(s, S("21:47:15")) > 0 && str_find(s, S("no time ")) > str_find(s, S("22:28:55")));
}

static void test_texts(struct arena *a)
{
	ASSERT(str_eq(report_number(a, 0), S("0")) && str_eq(report_number(a, 352757), S("352,757")));
	ASSERT(str_eq(report_number(a, -1234), S("-1,234")) &&
	       str_eq(report_number(a, 1000000), S("1,000,000")));
	ASSERT(report_columns(S("\xE6\x97\xA5\xE6\x9C\xAC")) == 4 && report_columns(S("e\xCC\x81")) == 1);
	ASSERT(str_eq(report_cut(a, S("abcdef"), 4), S("abc\xE2\x80\xA6")));
	ASSERT(str_eq(report_cut(a, S("\xE6\x97\xA5\xE6\x9C\xAC"), 3), S("\xE6\x97\xA5\xE2\x80\xA6")));
	ASSERT(str_eq(report_cut_front(a, S("abcdef"), 4), S("\xE2\x80\xA6"
							     "def")));
	ASSERT(report_cut(a, S("abc"), 0).len == 0);
	ASSERT(report_time(a, FINDING_NO_TIME, false).len == 0 && report_time(a, INT64_MAX, false).len == 0);
	ASSERT(str_eq(tally_technique(a, S("attack.t1059")), S("T1059")));
	ASSERT(tally_technique(a, S("attack.tactic")).len == 0 &&
	       tally_technique(a, S("cve.2020.1")).len == 0);
}

int main(void)
{
	void (*const tests[])(struct arena *) = { test_texts,      test_json,    test_json_event, test_csv,
						  test_timesketch, test_line,    test_table,      test_html,
						  test_tally,      test_timeline };
	for (ptrdiff_t i = 0; i < COUNTOF(tests); i++) {
		struct arena a;
		arena_init(&a, 256 << 20, 1 << 30);
		tests[i](&a);
		arena_done(&a);
	}
	test_bounds();
	return 0;
}
