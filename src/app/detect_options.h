/* detect_options.h - what detect, search, logons and metrics are told on the command line. */
#pragma once
#include "match/rule.h"
#include "watch/log.h"
#include "watch/report_text.h"

enum detect_form { FORM_TABLE, FORM_JSON, FORM_CSV, FORM_SUMMARY, FORM_TIMELINE, FORM_TIMESKETCH };

struct detect_list { const char **at; int count; };     /* room for as many as there are words */
struct detect_where { str field, glob; };

struct detect_options {
	struct detect_list rules, indicators, allow, logs, tags, ids, wheres, terms;
	struct detect_where *where;             /* wheres, taken apart */
	const char        *html, *output, *overrides, *placeholders, *sources, *logsource, *format;
	const char        *level, *status, *profile, *since, *until, *threads_text;
	struct logsource   forced;
	bool               json, csv, summary, timeline, timesketch;
	bool               local, quiet, force, help, nocase, no_cache;
	/* worked out of the above */
	enum detect_form   form;
	enum log_format    log_format;
	unsigned           levels, statuses;            /* a bit each */
	int64_t            since_us, until_us;          /* INT64_MIN and MAX: not given */
	int                threads;
};

enum detect_command { DETECT_RULES, DETECT_SEARCH, DETECT_LOGONS, DETECT_METRICS };
/* Positional words go to logs; of a search, all before the last that is a file or folder .. to terms. */
MUST_CHECK bool detect_options_read(struct detect_options *o, enum detect_command command, int argc,
				    char **argv, struct arena *a, struct err *err);
const char *detect_options_help(enum detect_command command);
