/* moment.h - minute, hour, day, week, month or year of a time as an event writes it, for the time modifiers.
 *
 * Source: Sigma specification 2.1, modifiers appendix.  There is no talk of zones in it: the parts are
 * those that are
 * written.  Forms: 2026-11-28T16:40:48, with a blank instead of T, with or without fraction and zone, a date
 * alone (no minute, no hour), and seconds, milli- or microseconds since 1970 (10, 13, 16 digits; read as
 * UTC).
 * Weeks are ISO 8601's.
 */
#pragma once
#include "match/rule.h"

bool moment_part(str text, enum predicate_part part, int *out_n);
