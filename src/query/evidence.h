/* evidence.h - the bytes that came with a report or a message, found for one person.
 *
 * What is found is a record for the gate, and where the bytes lie: the caller checks the record first, then
 * loads.  An original mail says who wrote it, on every line of its header, so it is private to the
 * coordinator's team (release.h, I3); a file that came with a report is seen by whoever sees the report.
 *
 * I1. Once the words were purged nothing is found, also where others keep the same bytes.
 */
#pragma once
#include "crypto/hash.h"
#include "query/view.h"

struct evidence {
	struct record record;
	struct uuid report, incident, message; /* what it belongs to; nil: not that */
	struct hash256 kept;                   /* of the bytes in journal_blob */
	int64_t kept_size;
	bool in_mail;        /* it is a part of the mail that is kept ... */
	ptrdiff_t part;      /* ... this one of its attachments */
	struct hash256 hash; /* of what is handed out */
	str name;            /* to save it under */
	const char *what;    /* "original", "attachment" */
};

MUST_CHECK bool view_evidence_original(struct view *v, struct uuid report, struct evidence *out,
				       struct err *err);
MUST_CHECK bool view_evidence_file(struct view *v, struct uuid report, int64_t number, struct evidence *out,
				   struct err *err);
MUST_CHECK bool view_evidence_message(struct view *v, struct uuid message, struct evidence *out,
				      struct err *err);

/* {sha256, size} of kept bytes, or NULL when there are none (any more). */
MUST_CHECK bool view_kept(struct view *v, str hash, struct json **out, struct err *err);
/* [{id, name, type, size, sha256}] of what came with a report. */
struct json *view_files(struct arena *a, const struct json *body);
