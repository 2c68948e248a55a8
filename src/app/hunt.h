/* hunt.h - what detect and search share: logs through a unit, what is found through filters and correlations,
 * and out again as a table, lines or a page. */
#pragma once
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include "app/detect_options.h"
#include "app/detect_rules.h"
#include "match/correlate.h"
#include "watch/finding.h"
#include "watch/scan.h"
#include "watch/sight.h"
#include "watch/tally.h"
#include "watch/timeline.h"

enum hunt_exit { HUNT_NOTHING = 0, HUNT_FOUND = 1, HUNT_FAILED = 2 };

struct hunt {
	const struct detect_options *o;
	struct arena *a;                        /* of the whole command */
	const struct detect_rules   *rules;
	struct detect_indicators     indicators;
	const struct details        *details;
	bool                         search;    /* matches are a search's, not a rule's */

	struct finding_rule *about;             /* the unit's, then correlations */
	ptrdiff_t            about_count, rules_tried;
	uint64_t            *chosen;
	struct correlator   *correlator;
	const str           *correlation_fields;
	ptrdiff_t            correlation_field_count;

	struct sight **sights;                  /* one a worker */
	struct tally *tally;
	struct timeline *timeline;
	struct report_style style;
	FILE *out;
	struct arena line_arena;
	struct buf line;
	int64_t now_us, started_us, shown_us, bytes_all, troubles;
	bool progress, progress_shown, failed, holds_signals;
	sigset_t stops;                         /* held back while logs are read */
	atomic_bool stopped;
	const struct log_member *files;
	ptrdiff_t file_count, missing;
};

/* Fields that hunt_run asks for besides those of correlations: to be given to detect_rules_load. */
const str *hunt_fields(const struct detect_options *o, const struct details *d, struct arena *a,
		       ptrdiff_t *out_count);
/* rules, indicators, details, search are set; chooses, finds the logs, looks through them, writes. */
/* The first of its parts: which rules run. */
MUST_CHECK bool hunt_choose(struct hunt *h, struct err *err);
MUST_CHECK bool hunt_run(struct hunt *h, enum hunt_exit *out_exit, struct err *err);

/* Reads the options, prints the help or what went wrong, and runs the body.  The exit status. */
typedef bool hunt_body(struct hunt *h, enum hunt_exit *out_exit, struct err *err);
int hunt_with_options(enum detect_command command, int argc, char **argv, hunt_body *run);
/* A unit of these rules, or of none (NULL), that knows the fields of the details; h->rules is *out then. */
MUST_CHECK bool hunt_make_unit(struct hunt *h, const struct rule_set *set, struct detect_rules *out,
			       struct err *err);

/* For logons and metrics, which look through the logs with handlers of their own: their `who` is a struct
 * that begins with a struct hunt *. */
MUST_CHECK bool hunt_start(struct hunt *h, struct err *err);    /* finds the logs, opens the output */
struct hunt_handlers {
	void (*event)(void *who, int worker, const struct scan_event *e, struct arena *a,
		      struct scan_list *out);
	void (*finding)(void *who, const struct finding *f);
};
MUST_CHECK bool hunt_scan(struct hunt *h, void *who, struct hunt_handlers handlers, struct scan_result *out,
			  struct err *err);
/* What the files were, and what could not be read. */
void hunt_close_words(struct hunt *h, const struct scan_result *r);
MUST_CHECK bool hunt_close_output(struct hunt *h, struct err *err);
enum hunt_exit hunt_exit_of(const struct hunt *h, const struct scan_result *r, int64_t found);
/* --since, --until, --where */
bool hunt_passes(const struct hunt *h, struct event_reader r, int64_t at_us);
/* An arena for each worker, which lives as long as the command. */
struct arena *hunt_worker_arena(struct hunt *h);
str hunt_time(const struct hunt *h, int64_t at_us);     /* as the form of the output asks */
