/* sight.h - what could not be seen: the other half of every answer "nothing was found".
 *
 * Each worker notes what it sees; at the end the notes are put together and said in sentences.
 * I1. Bounded: SIGHT_PAIRS pairs of host and channel, SIGHT_HOURS hours of them; past that they are not
 *     watched for gaps any more, and that is said.
 */
#pragma once
#include "watch/details.h"

enum { SIGHT_PAIRS = 4096, SIGHT_HOURS = 1 << 19, SIGHT_CLEARED = 50 };

struct sight;
struct sight *sight_new(struct arena *a);
struct sight_event { str host, channel, id; int64_t at_us; };
void sight_add(struct sight *s, const struct sight_event *e, struct event_reader r);
void sight_merge(struct sight *into, const struct sight *from);

/* Rules as they were to be tried, and those that had an event of their kind: a bit each. */
struct sight_rules { const struct unit *unit; const uint64_t *chosen, *seen; };
struct sight_lines { str *at; ptrdiff_t count, room; };
void sight_say(struct sight_lines *l, struct arena *a, str line);
void sight_tell_rules(const struct sight_rules *rules, struct arena *a, struct sight_lines *out);
void sight_tell(const struct sight *s, struct arena *a, bool local, struct sight_lines *out);
