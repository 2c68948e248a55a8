/* observable_scan.h - one pass over a text that reports every observable where it stands.
 *
 * For observable.c: extraction keeps the values, defanging rewrites the places.  Linear in the text:
 * every word is read at most three times, everything that looks ahead is bounded or remembered.
 */
#pragma once
#include "model/observable.h"
#include "model/written.h"

struct scan_found {
	enum observable_type type;
	str       value;                /* canonical; gone when the sink returns */
	ptrdiff_t at, end;              /* where it stands */
	/* dots, at signs and (in IPv6) colons here make it a link; of a URL: to the path */
	ptrdiff_t guard_at, guard_end;
	bool      derived;
	bool      doubtful;             /* perhaps a file: no observable, but not to be left clickable */
	bool      link;                 /* starts with a scheme */
};

typedef bool scan_sink(void *context, const struct scan_found *found);  /* false: enough */

void observable_scan(str text, scan_sink *sink, void *context);
