/* metrics.h - counts of a running node, for /metrics.  Routes, statuses and sizes; never a path or a person.
 *
 * All functions but open and close may be called on any thread; NULL counts nothing.
 */
#pragma once
#include "base/buf.h"
#include "http/route.h"

struct metrics;

struct metrics *metrics_open(void);
void metrics_close(struct metrics *m);
void metrics_committed(struct metrics *m, int64_t journal_size);
void metrics_told(struct metrics *m, int64_t reminders, int64_t alerts);
/* route NULL: none matched */
void metrics_request(struct metrics *m, const struct route *route, int status, int64_t took_us);
/* Prometheus text format 0.0.4 */
void metrics_write(struct metrics *m, struct buf *out);
