/* export.h - the journal as one file that needs no database: for the Council, for archives, for offline
 * proof.
 *
 *   naubat-journal-export 1 payloads <name>+<key id>+<key> <entries that the checkpoint at the end covers,
 *   or ->
 *   <header JSON> TAB <salt in hex, or -> TAB <payload JSON, or ->          one line an entry, from seq 0
 *   end <number of entries> <newest checkpoint: a signed note, several lines; or nothing>
 *
 * The second word of the first line is the version, the third `payloads` or `headers`.  Both engines write
 * the same bytes for the same journal.  docs/journal-format.md has the whole of it.
 *
 * I1. Reading is strict: what reads writes the same bytes again.
 * I2. A line is at most EXPORT_LINE_MAX bytes; memory is bounded by that, not by the file.
 */
#pragma once
#include "journal/verify.h"

enum { EXPORT_LINE_MAX = 64 << 20 };

/* Where bytes go to and come from; both return false with *err set. */
struct export_sink {
	bool (*write)(struct export_sink *s, str bytes, struct err *err);
};
struct export_input {
	bool (*read)(struct export_input *s, char *to, ptrdiff_t room, ptrdiff_t *out_got, struct err *err);
};

struct export_sink_fd {
	struct export_sink sink;
	int fd;
};
struct export_input_fd {
	struct export_input input;
	int fd;
};
struct export_input_str {
	struct export_input input;
	str left;
};
void export_sink_fd(struct export_sink_fd *s, int fd);
void export_input_fd(struct export_input_fd *s, int fd);
void export_input_str(struct export_input_str *s, str bytes);

struct export_options {
	bool headers_only;
	str name; /* the node's key name */
	struct sign_public key;
	bool (*step)(void *ctx, int64_t done, int64_t total); /* may be NULL; false: stop, with ERR_RETRY */
	void *ctx;
};
/* In one read transaction. */
MUST_CHECK bool export_write(struct db *db, const struct export_options *o, struct export_sink *to,
			     struct err *err);

/* Verifies an export.  Its own key line and checkpoint are only hearsay: o->key decides, if there is one, and
 * o->checkpoint is what is known from outside. */
MUST_CHECK bool export_verify(struct export_input *from, const struct verify_options *o,
			      struct verify_report *out_r, struct err *err);
