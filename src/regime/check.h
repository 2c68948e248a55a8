/* check.h - `naubat regime check FILE`: what is wrong with a regime file, and how much of it is assumed.
 *
 * Text: one line per problem, `name:line:column: error: text`, then a summary.  JSON: one object.
 * The caller reads the file and prints the result; true means that the regime would load.
 */
#pragma once
#include "base/buf.h"
#include "regime/regime.h"

struct regime_tally { ptrdiff_t duties, steps, sourced, weak, assumed; };       /* the last three of steps */

struct regime_tally regime_count(const struct regime *r);
bool regime_check(str yaml_text, str name, bool json, struct arena *tmp, struct buf *out);
