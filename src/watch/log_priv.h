/* log_priv.h - what the parts of a log's reading share.  Inside watch/ only.
 *
 * log.c opens, reads and hands out; log_cut.c finds where records end; log_sniff.c tells what a log is;
 * log_decode.c makes records of a block.
 */
#pragma once
#include <stdatomic.h>
#include "watch/decoders.h"
#include "watch/evtx.h"
#include "watch/log.h"
#include "watch/log_source.h"

enum { LOG_HEAD = 64 << 10, LOG_BLOCK = 4 << 20 };

/* How records are told apart. */
enum log_cut {
	CUT_LINES,
	CUT_VALUES,             /* JSON objects, in arrays or one after the other, over any lines */
	CUT_CSV,                /* lines, but for those inside quotes */
	CUT_XML,                /* <Event> .. </Event> */
	CUT_CHUNKS,             /* of EVTX */
};

/* Told once a file, then counted. */
enum log_complaint {
	COMPLAINT_LONG, COMPLAINT_ZEROS, COMPLAINT_NO_OBJECT, COMPLAINT_BETWEEN, COMPLAINT_OVER,
	COMPLAINT_HEADERS, COMPLAINT_QUOTES, COMPLAINT_EVTX,
	COMPLAINT_KINDS = COMPLAINT_EVTX + EVTX_TROUBLES
};

struct log_counts {
	_Atomic int64_t      of[COMPLAINT_KINDS];
	_Atomic(const char *) text[COMPLAINT_KINDS];
};

struct log_sniffed {
	enum log_format format;
	enum log_cut    cut;
	char            line_end;       /* '\n', or '\r' where there are only those */
	bool            wrapped;        /* CUT_VALUES: {"Records":[..]}: its items are the records */
	bool            array;          /* CUT_VALUES: a record's line is its number */
	char            separator;      /* of CSV */
	ptrdiff_t       header;         /* of CSV: where its header begins */
};
struct log_sniffed log_sniff(str head, enum log_format given);   /* head: the first bytes */

/* Where CUT_VALUES stands between two blocks. */
struct value_cut {
	ptrdiff_t scanned;              /* bytes of an unfinished object, from its first */
	int       depth;
	bool      string, escaped;
	bool      inside;               /* of the wrapper's array */
	bool      closing;              /* behind that array, until the wrapper ends */
	bool      lost;                 /* after an object without an end: until a line begins with one */
};

struct log_file {
	struct log_source  *source;
	str                 path;
	struct log_limits   limits;
	struct log_listener listener;
	enum log_format     given;
	struct log_sniffed  is;
	char               *carry;      /* bytes read and not given out */
	ptrdiff_t           carry_len, carry_cap;
	int64_t             line, item;
	int64_t             offset;     /* CUT_CHUNKS: in the file, of the next block */
	bool                open, ended, skipping, many;
	struct value_cut    values;
	struct log_columns *columns;    /* the table's, and those before; NULL: none yet */
	int                 headers;    /* how many there were */
	str                 member;     /* "path!member" of an archive that is read in one go */
	char               *member_text;
	struct log_counts  *complaints; /* also counted by those who decode */
};

/* What the last SYSCALL of an audit log said. */
struct log_process {
	str       serial, image, pid, parent, user;
	char      text[8192];
	ptrdiff_t used;
};

struct log_work {                       /* a log_block as we see it */
	struct log_block shown;
	char            *raw;
	ptrdiff_t        raw_len, raw_cap;
	int64_t          line;          /* of its first byte */
	struct record   *records;
	ptrdiff_t        records_cap;
	bool             cut;           /* records were found by log_read */
	struct decoding  made;
	char            *path_text;
	ptrdiff_t        path_cap;
	struct log_sniffed is;
	const struct log_columns *columns;
	int64_t          offset;        /* CUT_CHUNKS: of the first byte, in the file */
	struct log_process process;
	struct arena     evtx_memory;
	struct evtx     *evtx;          /* NULL: not needed so far */
};

/* text lasts, and is counted at the end; first is what is told the first time. */
void log_complain_of(const struct log_file *l, int what, const char *text, const char *first, str file,
                     int64_t line);
void log_complain(const struct log_file *l, enum log_complaint what, str file, int64_t line);
bool log_add_record(struct log_work *w, str json, int64_t line);

/* The bytes of w->raw that are whole records (of CUT_VALUES they are noted there); `end`: no more come. */
ptrdiff_t log_cut_block(struct log_file *l, struct log_work *w, bool end);
/* Of a table whose headers stand between its rows: takes the one at the beginning, and ends the bytes where
 * the next one stands. */
ptrdiff_t log_cut_headers(struct log_file *l, const struct log_work *w, ptrdiff_t n);
bool      log_audit_process(struct log_work *w, ptrdiff_t from);
ptrdiff_t log_cut_chunks(const struct log_work *w, bool end);
bool      log_is_evtx(str head);
void      log_decode_evtx(const struct log_file *l, struct log_work *w);
bool      log_take_header(struct log_file *l, enum log_format format, str header);
int64_t   log_count_lines(str bytes, char line_end);

/* Looks at the bytes of one JSON object from `from`; its end, or -1 if it does not end.  v goes on where it
 * stopped. */
ptrdiff_t log_scan_object(const char *p, ptrdiff_t from, ptrdiff_t len, struct value_cut *v);
