/* details.h - what a person wants to read of an event: when, where, and a line of who did what.
 *
 * Which fields say that depends on the kind of event: a table in details.c, by channel and id of Windows,
 * by Suricata's event_type, Zeek's _path and the decoders' @format.  An event of no known kind gives the
 * first of the usual fields, and if it has none of them, what a rule met in it.
 */
#pragma once
#include "watch/finding.h"

struct event_reader { void *who; str (*field)(void *who, str name); };  /* "" if the event has none */

struct details;
const struct details *details_load(struct arena *a);
/* Every field that any of the functions below asks for: to be given to unit_build. */
const str *details_fields(const struct details *d, ptrdiff_t *out_count);

str     details_channel(struct event_reader r);         /* or the source's name where there are no channels */
str     details_id(struct event_reader r);      /* Windows' EventID, EVE's event_type, Zeek's _path .. */
str     details_host(struct event_reader r);
int64_t details_time(struct event_reader r, int64_t now_us);    /* or FINDING_NO_TIME */

/* Values borrow from the event; labels live as long as `d` or the arena.  always: what was met is in the line
 * even where the usual fields do not show it (an indicator in the third of four answers); else only if there
 * are none. */
const struct finding_detail *details_make(const struct details *d, struct event_reader r, bool always,
					  const struct match_reason *reasons, ptrdiff_t reason_count,
					  struct arena *a, ptrdiff_t *out_count);
