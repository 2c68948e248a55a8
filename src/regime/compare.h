/* compare.h - what a newer regime file changes, for whoever is about to adopt it.
 *
 * The files are compared as trees, so that nothing that differs is left out; words say what it means for
 * deadlines.  Both have been loaded before: they are well formed.
 */
#pragma once
#include "regime/regime.h"

struct regime_edition { str text; const struct regime *regime; };

enum regime_how { REGIME_ADDED, REGIME_REMOVED, REGIME_CHANGED };
struct regime_change {
	enum regime_how how;
	str part, id;           /* "duties", "NIS2-23"; "regime", "version" */
	str words;              /* "report: now 6 hours after aware, was 24 hours after aware"; or empty */
};

str regime_how_name(enum regime_how how);       /* added, removed, changed */
MUST_CHECK bool regime_compare(struct arena *a, const struct regime_edition *was,
                               const struct regime_edition *now, const struct regime_change **out,
                               ptrdiff_t *out_count, struct err *err);
