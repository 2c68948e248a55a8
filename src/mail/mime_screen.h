/* mime_screen.h - the raw bytes of a mail, made safe for a MIME library to take apart.
 *
 * GMime is quick and right, but trusts its input with memory and stack: nested groups in an address header
 * overflow its stack (seen: "From: a:a:a:..." of 200 kB), and every part and header costs it some hundred
 * bytes, so that 50 MB of empty ones would take gigabytes.  The screen copies, and on the way:
 *
 * I1. strips a leading mbox "From " line, and makes LF of CR where a mail has no LF at all;
 * I2. keeps at most SCREEN_PARTS_MAX boundary lines: what follows is cut off;
 * I3. keeps at most SCREEN_HEADERS_MAX bytes of header lines, and of an address header at most
 *     SCREEN_COLONS_MAX colons.
 *
 * Costs are linear in the bytes.  The copy is for looking in; what is kept, hashed and shown is the original.
 */
#pragma once
#include "base/str.h"

enum {
	SCREEN_PARTS_MAX      = 1000,
	SCREEN_BOUNDARIES_MAX = 64,
	SCREEN_HEADERS_MAX    = 1 << 20,
	SCREEN_COLONS_MAX     = 64,
};

struct mime_screened {
	ptrdiff_t len;          /* bytes written */
	bool cut_parts, cut_headers, cut_colons;
};

/* `out` has room for raw.len bytes. */
struct mime_screened mime_screen(str raw, char *out);
