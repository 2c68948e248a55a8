/* log.h - any log file as blocks of records, each one JSON object: the only way bytes reach the matching
 * engine.
 *
 * One thread reads (log_read: open, unpack, cut at the ends of records), any number decode (log_decode: of
 * one block at a time each).  docs/formats.md says what is recognised, and what the fields are called.
 *
 * L1. A record that is JSON already passes by without a copy.
 * L2. Every record has its line, from 1 (of EVTX its record number; of a JSON array, the item's number).
 * L3. What cannot be read is said once with file and line, counted, and the rest goes on.  What unpacks
 *     beyond the limits is cut off and said.  A record longer than record_most is cut there, said, and
 *     given as far as it goes.
 * L4. Decoders of what is no JSON put "@format" first, as logsource.h asks: auditd, syslog, apache, csv ...
 *     What they make is valid JSON without doubled keys, whatever the log holds: a name that comes twice
 *     has a list, bytes that are no UTF-8 are taken as Latin-1, U+0000 becomes U+FFFD.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum log_format {
	LOG_UNKNOWN, LOG_JSON_LINES, LOG_JSON_ARRAY, LOG_WINDOWS_FLAT, LOG_WINDOWS_NESTED, LOG_WINDOWS_ECS,
	LOG_EVTX, LOG_EVE, LOG_ZEEK_JSON, LOG_ZEEK_TSV, LOG_AUDITD, LOG_SYSLOG_3164, LOG_SYSLOG_5424,
	LOG_CLOUDTRAIL, LOG_WEB_ACCESS, LOG_CSV, LOG_TEXT, LOG_WINDOWS_XML, LOG_W3C, LOG_FORMATS
};
/* for people: "Windows events, flat JSON (NXLog, Winlogbeat)" */
extern const char *const log_format_names[LOG_FORMATS];

struct log_limits { int64_t record_most, inflated_most, inflate_ratio_most; };   /* 0: 16 MiB, 1 TiB, 10000 */

/* What went wrong or could not be seen; called from the thread that found it, several at a time perhaps. */
struct log_trouble { str file; int64_t line; const char *what; };       /* line 0: the file as a whole */
struct log_listener { void *who; void (*trouble)(void *who, const struct log_trouble *t); };

struct log_file;
struct log_member { str path; };
/* The files below a path, by name.  Of a .zip or .tar each member is listed, as "a.zip!member"; what is
 * packed as a whole (.tar.gz) is one file, whose members log_read gives one after the other. */
MUST_CHECK bool log_find(struct arena *a, const char *path, struct log_listener listener,
                         const struct log_member **out, ptrdiff_t *out_count, struct err *err);
/* "-" is stdin.  The format is seen from the first bytes unless given. */
MUST_CHECK bool log_open(str path, enum log_format given, struct log_limits limits,
                         struct log_listener listener, struct log_file **out, struct err *err);
/* Of what was opened, or of the member that was last read of an archive. */
enum log_format log_format_of(const struct log_file *l);
void            log_close(struct log_file *l);  /* when no block of it is being decoded any more */
/* For progress: bytes of the file on disk taken in so far, and its size (-1: unknown, a pipe). */
void            log_progress(const struct log_file *l, int64_t *out_done, int64_t *out_size);

struct record { str json; int64_t line; };
struct log_block {                      /* made by log_block_new, filled by log_read, decoded by log_decode */
	const struct record *records;   /* after log_decode */
	ptrdiff_t            count;
	int64_t              bytes;     /* of the log, unpacked, in this block */
	str                  path;      /* in an archive read in one go: "a.tar.gz!member"; else ptr NULL */
	enum log_format      format;
};
struct log_block *log_block_new(void);
void              log_block_free(struct log_block *b);
/* Some MB of whole records.  False at the end. */
bool log_read(struct log_file *l, struct log_block *b);
void log_decode(const struct log_file *l, struct log_block *b);

/* When it happened, as the event says (UTC, microseconds since 1970), from a text of any of the forms logs
 * use: ISO with or without zone, "2020-09-20 17:38:55", epoch seconds or milliseconds, syslog's without a
 * year (`now` gives it), CLF. */
bool log_time(str text, int64_t now_us, int64_t *out_us);
