/* scan.h - a pile of logs through a compiled unit: one thread reads, some decode and match, and the caller's
 * collects in the order of the logs.
 *
 * S1. `event` runs in a worker (0 .. threads - 1), one event after the other of a block; it may take memory
 *     of the block's arena and adds findings to *out.  `finding` and `trouble` run in the caller's thread;
 *     findings come in the order of files and lines, whatever the number of threads.
 * S2. Memory is bounded: a few blocks at a time, whatever the size of the logs.
 * S3. A file that cannot be read is said and counted, the rest goes on.
 */
#pragma once
#include <stdatomic.h>
#include "watch/details.h"
#include "watch/log.h"

struct scan_event {
	struct matcher       *matcher;
	const struct matches *matches;
	const struct record  *record;
	str                   file;
	ptrdiff_t             file_number;      /* of the plan's */
};
struct scan_finding { struct finding what; struct scan_finding *next; };
struct scan_list { struct scan_finding *first, **last; };       /* made empty by scan */
struct finding *scan_add(struct scan_list *l, struct arena *a);

struct scan_progress { int64_t bytes, bytes_all, events, findings; ptrdiff_t files, files_all; };
struct scan_handler {
	void *who;
	void (*event)(void *who, int worker, const struct scan_event *e, struct arena *a,
		      struct scan_list *out);
	void (*finding)(void *who, const struct finding *f);
	void (*block)(void *who, const struct scan_progress *p);        /* after each block; NULL */
	void (*trouble)(void *who, const struct log_trouble *t);
};
struct scan_plan {
	const struct unit       *unit;
	const uint64_t          *chosen;        /* as matcher_choose has it */
	const struct logsource  *forced;        /* NULL: as the events say */
	const struct log_member *files;
	ptrdiff_t                file_count;
	enum log_format          format;        /* LOG_UNKNOWN: seen from the bytes */
	struct log_limits        limits;
	int                      threads;
	const atomic_bool       *stop;          /* true: no further block is read; NULL */
};
struct scan_file { str path; enum log_format format; bool opened; int64_t events; };
struct scan_result {
	int64_t events, bytes, broken, findings, troubles;
	const struct scan_file *files;          /* one for each of the plan's */
	struct matcher_stats stats;             /* of all workers */
	const uint64_t *seen;                   /* rules that had an event of their logsource, a bit each */
};
/* False only if nothing could be started. */
MUST_CHECK bool scan_run(const struct scan_plan *plan, const struct scan_handler *handler, struct arena *a,
			 struct scan_result *out, struct err *err);

/* Reads fields of the event that a matcher saw last. */
struct event_reader scan_reader(const struct scan_event *e);
