/* mime.h - the tree of a mail: parts, their headers, their decoded bytes.  GMime behind our own door.
 *
 * mime_open never fails: bytes that are no mail are one text/plain part.  The tree lives in the arena;
 * decoding on demand needs the struct open.  A nested mail (message/rfc822) is a part whose `first` is that
 * mail's root.
 */
#pragma once
#include "base/instant.h"
#include "mail/mime_screen.h"

struct mime_header { str name, value; };        /* value: trimmed bytes, perhaps folded, not decoded */

struct mime_part {
	str  type;                      /* "text/plain": lower case */
	str  charset, name, report_type, smime_type;                    /* parameters; empty when absent */
	/* attachment: by Content-Disposition */
	bool is_multipart, is_mail, is_attachment;
	int  depth;                     /* of the tree, the root is 0 */
	struct mime_header *headers;    /* of a root: the mail's and its body's */
	ptrdiff_t           header_count;
	struct mime_part   *first, *next;
	void *object;                   /* mime.c's own */
	str   plain;                    /* bytes of a part that GMime could not make out */
};

struct mime {
	struct mime_part    *root;
	struct mime_screened screened;
	bool  cut_depth, unreadable;    /* parts below the depth limit are missing; no mail at all */
	ptrdiff_t part_count;
	struct arena *arena;
	void *message;
};

enum { MIME_HEADERS_MAX = 2000 };       /* of one part; the rest is not looked at */

void mime_init(void);
void mime_open(struct arena *a, str raw, int depth_max, struct mime *out_mime);
void mime_close(struct mime *mime);

str  mime_header(const struct mime_part *part, str name);               /* the first; empty if none */
bool mime_has_header(const struct mime_part *part, str name);

/* Decoded, at most `max` of them; a nested mail or a multipart as it was, but with LF line ends. */
str  mime_bytes(struct arena *a, const struct mime_part *part, ptrdiff_t max);

/* RFC 5322 section 3.3 and the obsolete and broken ways to write it. */
bool mime_date(struct arena *a, str value, struct instant *out_t);
