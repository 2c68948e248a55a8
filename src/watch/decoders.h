/* decoders.h - records that are no JSON, each made into one JSON object.  Inside watch/ only.
 *
 * A decoder is given one record and says whether it is one of its own; if so, its pairs (or, where a tree is
 * made, the object itself) are there.  What it does not understand of its own record it keeps as text.
 * Names are those that Sigma's rules use where they have any: docs/formats.md lists them.
 */
#pragma once
#include "watch/log.h"
#include "watch/pairs.h"

struct decoding {
	struct pairs    pairs;
	struct json_out out;            /* of all records, one after the other */
};

/* One line of any text log: what it is, LOG_UNKNOWN if nothing knows it.  `first` is tried before all others;
 * the object is at the end of d->out. */
enum log_format decode_line(struct decoding *d, str line, enum log_format first);
void            decode_text(struct decoding *d, str line);

/* These fill d->pairs and say the "@format", NULL if the line is none of theirs. */
const char *decode_auditd(struct pairs *p, str line);
const char *decode_syslog(struct pairs *p, str line, enum log_format *out_format);
const char *decode_access(struct pairs *p, str line);           /* Apache's, nginx's and Squid's */
const char *decode_web_error(struct pairs *p, str line);

/* What devices and programs write, in syslog or without.  The pairs of a header may be there already. */
const char *decode_device(struct pairs *p, str message);
void        decode_program(struct pairs *p, str program, str message);
void        decode_request(struct pairs *p, str request);       /* GET /x?y HTTP/1.1 */
/* name=value name="value" ..; false if there was something else too */
bool        decode_assignments(struct pairs *p, str text, char open);

/* <Event> in XML, as evtx_dump writes it in JSON.  False if it is none, or not whole. */
bool decode_event_xml(struct pairs *p, str xml, struct json_out *o);

/* Well-formed, UTF-8, not deeper than 64, nothing after it, and an object. */
bool json_is_object(str text);

/* Tables: the header names the columns. */
struct log_columns {
	enum log_format format;         /* LOG_CSV, LOG_ZEEK_TSV, LOG_W3C */
	char            separator;
	str             path, set_separator, empty, unset;      /* Zeek's */
	const str      *names, *types;
	ptrdiff_t       count, type_count;
	char           *text;           /* what the names point to */
	str             header;         /* as it stood */
	const struct log_columns *older;
};
/* Takes the header lines; NULL if they are none, or there is no memory. */
struct log_columns *columns_new(enum log_format format, str header, char separator,
                                const struct log_columns *older);
void                columns_free(struct log_columns *c);
const char         *decode_row(const struct log_columns *c, struct pairs *p, str row);
/* A CSV record's end (behind its line end) from `from` on; -1 if it does not end in the text. */
ptrdiff_t           csv_record_end(str text, ptrdiff_t from, char separator);
char                csv_sniff(str head, ptrdiff_t *out_header);         /* its separator, 0: no table */
