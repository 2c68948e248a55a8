/* log.h - events with a stable dotted name and typed fields, one line each, to stderr.
 *
 * One line is:  2026-11-24T01:48:10Z info http.started address="127.0.0.1:8080"
 * Only app/, http/ and readers/ log; the floors below return errors.  Text that came from outside is
 * escaped here: no line breaks, no control bytes, no terminal sequences.  A text is cut at 1000 bytes, a line
 * between two fields before 8 KiB; it says cut=1 then.
 * Nothing that the release gate would withhold may be a field: ids and counts, never content.
 */
#pragma once
#include "base/instant.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field { const char *name; str text; int64_t number; bool is_number; };

#define LOG_TEXT(n, s)  ((struct log_field){ .name = (n), .text = (s) })
#define LOG_INT(n, v)   ((struct log_field){ .name = (n), .number = (v), .is_number = true })

void log_event_list(enum log_level level, const char *name, const struct log_field *fields, ptrdiff_t count);
void log_threshold(enum log_level least);

#define log_event(level, name, ...) \
	log_event_list((level), (name), (const struct log_field[]){ __VA_ARGS__ }, \
		COUNTOF(((const struct log_field[]){ __VA_ARGS__ })))
