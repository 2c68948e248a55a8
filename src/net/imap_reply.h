/* imap_reply.h - reading what an IMAP server says (RFC 3501 section 9), bytes to values, no input or output.
 *
 * A reply is one line, or for FETCH a line with literals ({n} CRLF n bytes) in it.  Only FETCH replies may
 * hold literals here: the text of an OK that happens to end in {5} must not make us wait for five bytes.
 */
#pragma once
#include "base/str.h"

enum { IMAP_LINE_MAX = 64 << 10 };      /* without literals */

/* Finds the end of the reply at the start of the bytes, however they arrive.  Start with { 0 }. */
struct imap_scan { ptrdiff_t at, segment, literals; };

enum imap_scanned { IMAP_COMPLETE, IMAP_MORE, IMAP_INVALID };

enum imap_scanned imap_reply_scan(struct imap_scan *scan, str bytes, ptrdiff_t literals_max,
	ptrdiff_t *out_len);

/* "A7 OK done": true if the reply is the one to that tag; *out_ok, and what stands behind. */
bool imap_reply_tagged(str reply, str tag, bool *out_ok, str *out_text);

bool imap_reply_is(str reply, str name);                        /* "* SEARCH ...", "* CAPABILITY ..." */
bool imap_reply_has_word(str reply, str word);                  /* in a CAPABILITY */
bool imap_reply_uid_validity(str reply, uint32_t *out_value);   /* "* OK [UIDVALIDITY 7] ..." */

/* Appends the numbers of "* SEARCH 4 7 9"; at most max in all. */
void imap_reply_search(str reply, uint32_t *uids, ptrdiff_t max, ptrdiff_t *count);

struct imap_item {
	uint32_t uid;
	int64_t  size;          /* RFC822.SIZE, or -1 */
	bool     has_body;
	str      body;          /* borrowed from the reply */
};

/* "* 12 FETCH (UID 7 RFC822.SIZE 44 BODY[] {44}..."; false if the reply is no FETCH, or broken. */
bool imap_reply_fetch(str reply, struct imap_item *out_item);
