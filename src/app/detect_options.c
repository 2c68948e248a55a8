#include "app/detect_options.h"

#include <stdio.h>
#include <unistd.h>
#include "base/instant.h"
#include "format/yaml.h"
#include "match/rule.h"
#include "os/clock.h"
#include "os/files.h"

enum { THREADS_MAX = 64 };

#define COMMON_OUTPUT                                                             \
	"  --json               one JSON object a line, as soon as it is found\n" \
	"  --csv                a table for spreadsheets\n"
#define COMMON_REST                                                                                         \
	"  --since T, --until T only events of that time (2020-09-20, 2020-09-20T17:38:00Z)\n"              \
	"  --where FIELD=VALUE  only events whose field is that; * and ? are wildcards; several: all\n"     \
	"  --format NAME        what the logs are, if it is seen wrongly: evtx, json, eve, zeek, auditd,\n" \
	"                       syslog, csv, access ...\n"                                                  \
	"  --sources FILE       which events a logsource means, instead of the builtin\n"                   \
	"  --output FILE        instead of standard output\n"                                               \
	"  --local              times as this machine's clock has them, else UTC\n"                         \
	"  -j N                 threads, else one a core\n"                                                 \
	"  --quiet              no progress, no closing words\n"                                            \
	"A LOG is a file, a folder, an archive (.zip, .tar) or - for standard input; .gz and .zst too.\n"   \
	"Exit status: 0 nothing found, 1 found, 2 could not do what was asked.\n"

static const char DETECT_HELP[] =
	"usage: naubat detect --rules DIR... [--indicators FILE...] [OPTION]... LOG...\n\n"
	"Which rules (else --profile core)\n"
	"  --rules DIR          Sigma rules: a folder or a file; several\n"
	"  --profile P          core: stable and test, high and critical; core+: medium too; all\n"
	"  --level L            this level and above; with commas: exactly these\n"
	"  --status S           stable,test,experimental,...\n"
	"  --tag T              attack.t1059, attack.credential-access, cve.2021.44228; several: any\n"
	"  --rule-id ID         this rule, whatever the profile says; several\n"
	"  --overrides FILE     YAML: exclude: [ID], levels: {ID: low}\n"
	"  --placeholders FILE  YAML: values of %name% in rules\n"
	"  --logsource L        product=..,category=..,service=..: what all events are, whatever they say\n"
	"  --no-cache           compile rules and indicators afresh\n"
	"Which indicators\n"
	"  --indicators FILE    plain list, CSV, STIX 2.1, MISP; several\n"
	"  --allow FILE         warninglists: what never counts; several\n"
	"  --force              also indicators that would match half the world\n"
	"Output (else a table by rule and host)\n" COMMON_OUTPUT
	"  --summary            bars by level, rule, technique, host and time\n"
	"  --timeline           one line a finding, in the order of time\n"
	"  --timesketch         JSON lines for Timesketch\n"
	"  --html FILE          besides, a page with charts that needs nothing else\n"
	"Rest\n" COMMON_REST;

static const char SEARCH_HELP[] =
	"usage: naubat search TERM... LOG... [OPTION]...        looks through logs\n"
	"       naubat search WORDS [--kind K] [--node FOLDER]  asks the running node\n\n"
	"All TERMs must be in an event:\n"
	"  words                anywhere in it, without case; * and ? are wildcards\n"
	"  FIELD=VALUE          the whole value, without case; FIELD=*part*\n"
	"  /regex/              anywhere in it, with case; -i: without\n"
	"  FIELD=/regex/\n"
	"A word that is also the name of a file goes behind --term.\n"
	"  --term TERM          the same as TERM; several\n"
	"  -i                   regexes without case\n" COMMON_OUTPUT COMMON_REST;

static const char LOGONS_HELP[] =
	"usage: naubat logons [OPTION]... LOG...\n\n"
	"Who logged on where and from where, which attempts failed, and failures that ended "
	"in success.\n" COMMON_OUTPUT COMMON_REST;

static const char METRICS_HELP[] =
	"usage: naubat metrics [OPTION]... LOG...\n\n"
	"Events by host, channel and id, with the first and the last.\n" COMMON_OUTPUT COMMON_REST;

const char *detect_options_help(enum detect_command command)
{
	static const char *const of[] = { DETECT_HELP, SEARCH_HELP, LOGONS_HELP, METRICS_HELP };
	return of[command];
}

enum row_kind { FLAG, TEXT, LIST };
struct row {
	const char *name;
	enum row_kind kind;
	void *to;
	bool everywhere; /* else of detect only */
};

static void put(struct detect_list *l, const char *value)
{
	l->at[l->count++] = value;
}

static void make_lists(struct detect_options *o, struct arena *a, int room)
{
	struct detect_list *const lists[] = { &o->rules, &o->indicators, &o->allow,  &o->logs,
					      &o->tags,  &o->ids,        &o->wheres, &o->terms };
	for (ptrdiff_t i = 0; i < COUNTOF(lists); i++)
		lists[i]->at = NEW(a, const char *, room);
	o->where = NEW(a, struct detect_where, room);
}

/* How many words it took; 0: no such option. */
static int take(struct detect_options *o, enum detect_command command, int left, char **argv, struct err *err)
{
	const struct row rows[] = {
		{ "--rules", LIST, &o->rules, false },
		{ "--indicators", LIST, &o->indicators, false },
		{ "--allow", LIST, &o->allow, false },
		{ "--tag", LIST, &o->tags, false },
		{ "--rule-id", LIST, &o->ids, false },
		{ "--where", LIST, &o->wheres, true },
		{ "--term", LIST, &o->terms, true },
		{ "--html", TEXT, &o->html, false },
		{ "--output", TEXT, &o->output, true },
		{ "--overrides", TEXT, &o->overrides, false },
		{ "--placeholders", TEXT, &o->placeholders, false },
		{ "--sources", TEXT, &o->sources, true },
		{ "--logsource", TEXT, &o->logsource, false },
		{ "--format", TEXT, &o->format, true },
		{ "--level", TEXT, &o->level, false },
		{ "--status", TEXT, &o->status, false },
		{ "--profile", TEXT, &o->profile, false },
		{ "--since", TEXT, &o->since, true },
		{ "--until", TEXT, &o->until, true },
		{ "-j", TEXT, &o->threads_text, true },
		{ "--threads", TEXT, &o->threads_text, true },
		{ "--json", FLAG, &o->json, true },
		{ "--csv", FLAG, &o->csv, true },
		{ "--summary", FLAG, &o->summary, false },
		{ "--timeline", FLAG, &o->timeline, false },
		{ "--timesketch", FLAG, &o->timesketch, false },
		{ "--local", FLAG, &o->local, true },
		{ "--quiet", FLAG, &o->quiet, true },
		{ "--force", FLAG, &o->force, false },
		{ "--no-cache", FLAG, &o->no_cache, false },
		{ "--help", FLAG, &o->help, true },
		{ "-i", FLAG, &o->nocase, true },
	};
	str word = str_from(argv[0]);
	str_cut_result joined = str_cut(word, '=');
	for (ptrdiff_t i = 0; i < COUNTOF(rows); i++) {
		const struct row *r = &rows[i];
		bool inside = joined.ok && r->kind != FLAG && str_eq(joined.head, str_from(r->name));
		if ((!inside && !str_eq(word, str_from(r->name))) ||
		    (!r->everywhere && command != DETECT_RULES))
			continue;
		if (r->kind == FLAG) {
			*(bool *)r->to = true;
			return 1;
		}
		if (!inside && left < 2)
			return err_set(err, ERR_INPUT, "%s needs a value", r->name) ? 0 : -1;
		const char *value = inside ? joined.tail.ptr : argv[1];
		if (r->kind == LIST)
			put(r->to, value);
		if (r->kind == TEXT)
			*(const char **)r->to = value;
		return inside ? 1 : 2;
	}
	return 0;
}

/* --- what the texts mean --- */

/* One word: it and all above; several: these. */
static bool read_levels(const char *text, unsigned *out, struct err *err)
{
	str s = str_from(text);
	bool single = str_find_char(s, ',') < 0;
	unsigned bits = 0;
	for (str_cut_result c = str_cut(s, ',');; c = str_cut(c.tail, ',')) {
		int level = -1;
		for (int i = 0; i < 5; i++)
			if (str_eq_nocase(str_trim(c.head), str_from(rule_level_names[i])))
				level = i;
		if (level < 0)
			return err_set(err, ERR_INPUT,
				       "--level %s: use informational, low, medium, high or critical", text);
		bits |= single ? 0x1Fu & ~((1u << level) - 1) : 1u << level;
		if (!c.ok)
			break;
	}
	*out = bits;
	return true;
}

static bool read_statuses(const char *text, unsigned *out, struct err *err)
{
	unsigned bits = 0;
	for (str_cut_result c = str_cut(str_from(text), ',');; c = str_cut(c.tail, ',')) {
		int status = -1;
		for (int i = 0; i < 5; i++)
			if (str_eq_nocase(str_trim(c.head), str_from(rule_status_names[i])))
				status = i;
		if (status < 0)
			return err_set(
				err, ERR_INPUT,
				"--status %s: use stable, test, experimental, deprecated or unsupported",
				text);
		bits |= 1u << status;
		if (!c.ok)
			break;
	}
	*out = bits;
	return true;
}

static bool read_profile(struct detect_options *o, struct err *err)
{
	const unsigned sure = 1u << STATUS_STABLE | 1u << STATUS_TEST,
		       high = 1u << LEVEL_HIGH | 1u << LEVEL_CRITICAL;
	const struct {
		const char *name;
		unsigned levels, statuses;
	} profiles[] = { { "core", high, sure },
			 { "core+", high | 1u << LEVEL_MEDIUM, sure },
			 { "all", 0x1F, 0x1F } };
	const char *name = o->profile ? o->profile : o->ids.count ? "all" : "core";
	for (ptrdiff_t i = 0; i < COUNTOF(profiles); i++)
		if (strcmp(profiles[i].name, name) == 0) {
			o->levels = profiles[i].levels;
			o->statuses = profiles[i].statuses;
			return (o->level == NULL || read_levels(o->level, &o->levels, err)) &&
			       (o->status == NULL || read_statuses(o->status, &o->statuses, err));
		}
	return err_set(err, ERR_INPUT, "--profile %s: use core, core+ or all", name);
}

static bool read_time(const char *option, const char *text, int64_t *out_us, struct arena *a, struct err *err)
{
	struct clock clock = clock_real();
	str s = str_from(text);
	if (s.len == 10 && s.ptr[4] == '-')
		s = arena_printf(a, STR_FMT "T00:00:00Z", STR_ARG(s));
	if (log_time(s, clock.now(&clock).us, out_us))
		return true;
	return err_set(err, ERR_INPUT, "%s %s: write it as 2020-09-20 or 2020-09-20T17:38:00Z", option, text);
}

static bool read_logsource(struct detect_options *o, struct err *err)
{
	const struct {
		const char *name;
		str *to;
	} parts[] = { { "product", &o->forced.product },
		      { "category", &o->forced.category },
		      { "service", &o->forced.service } };
	for (str_cut_result c = str_cut(str_from(o->logsource), ',');; c = str_cut(c.tail, ',')) {
		str_cut_result pair = str_cut(c.head, '=');
		bool known = false;
		for (ptrdiff_t i = 0; pair.ok && i < COUNTOF(parts); i++)
			if (str_eq(str_trim(pair.head), str_from(parts[i].name))) {
				*parts[i].to = str_trim(pair.tail);
				known = true;
			}
		if (!known)
			return err_set(err, ERR_INPUT,
				       "--logsource %s: write product=windows,category=process_creation",
				       o->logsource);
		if (!c.ok)
			return true;
	}
}

static bool read_wheres(struct detect_options *o, struct err *err)
{
	for (int i = 0; i < o->wheres.count; i++) {
		str_cut_result pair = str_cut(str_from(o->wheres.at[i]), '=');
		if (!pair.ok || pair.head.len == 0)
			return err_set(err, ERR_INPUT, "--where %s: write FIELD=VALUE", o->wheres.at[i]);
		o->where[i] = (struct detect_where){ pair.head, pair.tail };
	}
	return true;
}

static bool read_format(struct detect_options *o, struct err *err)
{
	static const struct {
		const char *name;
		enum log_format is;
	} formats[] = {
		{ "json", LOG_JSON_LINES },
		{ "array", LOG_JSON_ARRAY },
		{ "evtx", LOG_EVTX },
		{ "eve", LOG_EVE },
		{ "zeek", LOG_ZEEK_TSV },
		{ "zeek-json", LOG_ZEEK_JSON },
		{ "auditd", LOG_AUDITD },
		{ "syslog", LOG_SYSLOG_3164 },
		{ "syslog5424", LOG_SYSLOG_5424 },
		{ "cloudtrail", LOG_CLOUDTRAIL },
		{ "access", LOG_WEB_ACCESS },
		{ "csv", LOG_CSV },
		{ "text", LOG_TEXT },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(formats); i++)
		if (strcmp(formats[i].name, o->format) == 0) {
			o->log_format = formats[i].is;
			return true;
		}
	return err_set(
		err, ERR_INPUT,
		"--format %s: use json, array, evtx, eve, zeek, zeek-json, auditd, syslog, syslog5424, "
		"cloudtrail, access, csv or text",
		o->format);
}

static bool read_threads(struct detect_options *o, struct err *err)
{
	int64_t n = sysconf(_SC_NPROCESSORS_ONLN);
	if (o->threads_text && !str_to_int(str_from(o->threads_text), 1, THREADS_MAX, &n))
		return err_set(err, ERR_INPUT, "-j %s: a number from 1 to %d", o->threads_text, THREADS_MAX);
	o->threads = (int)MIN(MAX(n, 1), THREADS_MAX);
	return true;
}

static bool read_form(struct detect_options *o, struct err *err)
{
	const struct {
		bool asked;
		enum detect_form form;
	} forms[] = {
		{ o->json, FORM_JSON },
		{ o->csv, FORM_CSV },
		{ o->summary, FORM_SUMMARY },
		{ o->timeline, FORM_TIMELINE },
		{ o->timesketch, FORM_TIMESKETCH },
	};
	int asked = 0;
	for (ptrdiff_t i = 0; i < COUNTOF(forms); i++)
		if (forms[i].asked) {
			o->form = forms[i].form;
			asked++;
		}
	return asked < 2 ||
	       err_set(err, ERR_INPUT,
		       "only one of --json, --csv, --summary, --timeline and --timesketch at a time");
}

/* Of a search: words that are no files come first; the first is a word, be there such a file or not. */
static bool split_terms(struct detect_options *o, struct err *err)
{
	struct detect_list words = o->logs;
	int first = o->terms.count == 0 && words.count > 0;
	if (first)
		put(&o->terms, words.at[0]);
	o->logs.count = 0;
	for (int i = first; i < words.count; i++) {
		bool file = strcmp(words.at[i], "-") == 0 || files_exist(words.at[i]);
		put(o->logs.count > 0 || file ? &o->logs : &o->terms, words.at[i]);
	}
	if (o->terms.count == 0)
		return err_set(err, ERR_INPUT, "what is to be searched for?");
	return o->logs.count > 0 || err_set(err, ERR_INPUT, "there is no file or folder '%.200s'",
					    o->terms.at[o->terms.count - 1]);
}

static bool work_out(struct detect_options *o, enum detect_command command, struct arena *a, struct err *err)
{
	o->since_us = INT64_MIN;
	o->until_us = INT64_MAX;
	if (!read_form(o, err) || !read_threads(o, err) || !read_wheres(o, err) || !read_profile(o, err))
		return false;
	if ((o->since && !read_time("--since", o->since, &o->since_us, a, err)) ||
	    (o->until && !read_time("--until", o->until, &o->until_us, a, err)) ||
	    (o->logsource && !read_logsource(o, err)) || (o->format && !read_format(o, err)) ||
	    (command == DETECT_SEARCH && !split_terms(o, err)))
		return false;
	if (command == DETECT_RULES && o->rules.count + o->indicators.count == 0)
		return err_set(err, ERR_INPUT,
			       "--rules DIR or --indicators FILE is needed: what is to be looked for?");
	return o->logs.count > 0 ||
	       err_set(err, ERR_INPUT, "which log? Give files or folders, or - for standard input");
}

bool detect_options_read(struct detect_options *o, enum detect_command command, int argc, char **argv,
			 struct arena *a, struct err *err)
{
	*o = (struct detect_options){ 0 };
	make_lists(o, a, argc);
	bool only_words = false;
	for (int i = 1, n = 1; i < argc; i += n) {
		n = 1;
		if (!only_words && strcmp(argv[i], "--") == 0) {
			only_words = true;
			continue;
		}
		bool word = only_words || argv[i][0] != '-' || argv[i][1] == '\0';
		if (word) {
			put(&o->logs, argv[i]);
			continue;
		}
		n = take(o, command, argc - i, argv + i, err);
		if (n < 0)
			return false;
		if (n == 0)
			return err_set(err, ERR_INPUT, "%s: there is no such option", argv[i]);
	}
	return o->help || work_out(o, command, a, err);
}
