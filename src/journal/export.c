#include "journal/export.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/text.h"
#include "journal/journal.h"

enum { PAGE = 250, CHUNK = 1 << 20 };

static const str MAGIC = { "naubat-journal-export 1 ", 24 };

static bool write_fd(struct export_sink *sink, str bytes, struct err *err)
{
	struct export_sink_fd *s = (struct export_sink_fd *)sink;
	while (bytes.len > 0) {
		ssize_t n = write(s->fd, bytes.ptr, (size_t)bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, "the export cannot be written: %s", strerror(errno));
		bytes = str_sub(bytes, n, bytes.len);
	}
	return true;
}

static bool read_fd(struct export_input *input, char *to, ptrdiff_t room, ptrdiff_t *out_got, struct err *err)
{
	struct export_input_fd *s = (struct export_input_fd *)input;
	ssize_t n;
	do
		n = read(s->fd, to, (size_t)room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, ERR_SYSTEM, "the export cannot be read: %s", strerror(errno));
	*out_got = n;
	return true;
}

static bool read_str(struct export_input *input, char *to, ptrdiff_t room, ptrdiff_t *out_got,
		     struct err *err UNUSED)
{
	struct export_input_str *s = (struct export_input_str *)input;
	ptrdiff_t n = MIN(room, s->left.len);
	if (n)
		memcpy(to, s->left.ptr, (size_t)n);
	s->left = str_sub(s->left, n, s->left.len);
	*out_got = n;
	return true;
}

void export_sink_fd(struct export_sink_fd *s, int fd)
{
	*s = (struct export_sink_fd){ { write_fd }, fd };
}

void export_input_fd(struct export_input_fd *s, int fd)
{
	*s = (struct export_input_fd){ { read_fd }, fd };
}

void export_input_str(struct export_input_str *s, str bytes)
{
	*s = (struct export_input_str){ { read_str }, bytes };
}

/* Writing. */

/* A payload of ours has neither: RFC 8785 escapes control characters. */
static bool one_line(str payload)
{
	for (ptrdiff_t i = 0; i < payload.len; i++)
		if ((unsigned char)payload.ptr[i] < ' ')
			return false;
	return true;
}

static bool add_entry(struct buf *b, struct arena *tmp, const struct entry *e, bool headers_only,
		      struct err *err)
{
	if (!entry_payload_check(e, err))
		return false;
	if (e->payload.ptr && !one_line(e->payload))
		return err_set(err, ERR_SYSTEM,
			       "the store is damaged: the payload of entry %lld is not canonical",
			       (long long)e->seq);
	bool with = !headers_only && e->payload.ptr;
	buf_add(b, e->header);
	buf_add_char(b, '\t');
	buf_add(b, with ? text_hex(tmp, e->salt) : S("-"));
	buf_add_char(b, '\t');
	buf_add(b, with ? e->payload : S("-"));
	buf_add_char(b, '\n');
	return true;
}

static bool write_page(struct db *db, const struct export_options *o, struct export_sink *to, int64_t from,
		       int64_t count, struct err *err)
{
	struct arena a;
	struct buf b;
	struct entry *entries;
	ptrdiff_t n = 0;
	arena_init(&a, (ptrdiff_t)1 << 30, (ptrdiff_t)2 << 30);
	buf_init(&b, &a, 512 << 20);
	bool ok = journal_read(db, &a, from, count, &entries, &n, err);
	if (ok && n != count)
		ok = err_set(err, ERR_SYSTEM, "the store is damaged: entries after %lld are missing",
			     (long long)from + n);
	for (ptrdiff_t i = 0; ok && i < n; i++)
		ok = entries[i].seq == from + i
			     ? add_entry(&b, &a, &entries[i], o->headers_only, err)
			     : err_set(err, ERR_SYSTEM, "the store is damaged: entry %lld is missing",
				       (long long)from + i);
	if (ok && b.over)
		ok = err_set(err, ERR_LIMIT, "entries %lld to %lld are too long for an export",
			     (long long)from, (long long)from + n);
	ok = ok && to->write(to, buf_str(&b), err);
	arena_done(&a);
	return ok;
}

static bool write_all(struct db *db, const struct export_options *o, struct export_sink *to, struct arena *a,
		      struct err *err)
{
	struct journal j;
	str note;
	struct checkpoint c;
	if (!journal_load(&j, db, err) || !checkpoint_latest(db, a, &note, err) ||
	    (note.len && !checkpoint_parse(note, &c, err)))
		return false;
	str covers = note.len ? arena_printf(a, "%lld", (long long)c.size) : S("-");
	if (!to->write(to,
		       arena_printf(a, STR_FMT "%s " STR_FMT " " STR_FMT "\n", STR_ARG(MAGIC),
				    o->headers_only ? "headers" : "payloads",
				    STR_ARG(checkpoint_key_format(a, o->name, o->key)), STR_ARG(covers)),
		       err))
		return false;
	for (int64_t at = 0; at < j.tree.size; at += PAGE) {
		if (!write_page(db, o, to, at, MIN(PAGE, j.tree.size - at), err))
			return false;
		if (o->step && !o->step(o->ctx, MIN(at + PAGE, j.tree.size), j.tree.size))
			return err_set(err, ERR_RETRY, "stopped: half an export is none");
	}
	return to->write(to, arena_printf(a, "end %lld\n" STR_FMT, (long long)j.tree.size, STR_ARG(note)),
			 err);
}

bool export_write(struct db *db, const struct export_options *o, struct export_sink *to, struct err *err)
{
	struct arena a;
	if (!checkpoint_name_ok(o->name))
		return err_set(
			err, ERR_INPUT,
			"the node's name is no name for a key: letters, digits, dots, slashes, hyphens");
	if (!db_begin_read(db, err))
		return false;
	arena_init(&a, 1 << 20, 1 << 24);
	bool ok = write_all(db, o, to, &a, err);
	arena_done(&a);
	db_rollback(db);
	return ok;
}

/* Reading.  Lines are found in chunks; what is left of a line at a chunk's end is carried into the next. */

struct export_source {
	struct verify_source source;
	struct export_input *input;
	struct arena a; /* until the end: key line, note */
	char *carry;    /* heap: as long as the longest line so far */
	ptrdiff_t carry_len, carry_cap;
	bool input_ended, ended;
	int64_t entries, count; /* count: as the end line says */
	int64_t covers;         /* as the first line says of the note; -1: no note */
	str name;
	struct sign_public key;
	struct buf note;
};

/* The carried bytes and a chunk more.  Without a chunk more the input has ended. */
static bool fill(struct export_source *s, struct arena *a, str *out_bytes, struct err *err)
{
	ptrdiff_t got = 0, have = s->carry_len;
	ptrdiff_t room = have + MAX(CHUNK, have); /* a long line doubles: linear work however long it is */
	char *p = NEW(a, char, room);
	if (have)
		memcpy(p, s->carry, (size_t)have);
	while (have < room && !s->input_ended) {
		if (!s->input->read(s->input, p + have, room - have, &got, err))
			return false;
		s->input_ended = got == 0;
		have += got;
	}
	*out_bytes = (str){ p, have };
	return true;
}

static void keep_carry(struct export_source *s, str rest)
{
	ASSERT(rest.len <= EXPORT_LINE_MAX);
	if (rest.len > s->carry_cap) {
		s->carry_cap = MAX(rest.len, CHUNK);
		s->carry = NEW(&s->a, char, s->carry_cap);
	}
	if (rest.len)
		memcpy(s->carry, rest.ptr, (size_t)rest.len);
	s->carry_len = rest.len;
}

static bool salt_parse(struct arena *a, str word, str *out_salt, struct err *err)
{
	for (ptrdiff_t i = 0; i < word.len; i++)
		if (!((word.ptr[i] >= '0' && word.ptr[i] <= '9') ||
		      (word.ptr[i] >= 'a' && word.ptr[i] <= 'f')))
			return err_set(err, ERR_INPUT, "its salt is not lower-case hexadecimal");
	if (word.len != 64)
		return err_set(err, ERR_INPUT, "its salt is not 32 bytes");
	return text_from_hex(a, word, out_salt, err);
}

static bool row_parse(struct export_source *s, struct arena *a, str line, struct verify_row *out,
		      struct err *err)
{
	str_cut_result header = str_cut(line, '\t'), salt = str_cut(header.tail, '\t');
	struct verify_row row = { .header = header.head };
	if (!header.ok || !salt.ok)
		return err_set(err, ERR_INPUT, "its line is not header, salt and payload with tabs between");
	bool none = str_eq(salt.head, S("-"));
	if (none != str_eq(salt.tail, S("-")))
		return err_set(err, ERR_INPUT, "it has half a payload: salt or text is missing");
	if (!none && !s->source.payloads)
		return err_set(err, ERR_INPUT, "it has a payload in an export that says it has none");
	if (!none && !salt_parse(a, salt.head, &row.salt, err))
		return false;
	if (!none && !one_line(salt.tail))
		return err_set(err, ERR_INPUT, "its payload holds control characters");
	if (!none)
		row.payload = salt.tail;
	*out = row;
	return true;
}

/* Canonical decimal. */
static bool number_parse(str word, int64_t *out_n)
{
	bool digit = word.len > 0 && word.ptr[0] >= '0' && word.ptr[0] <= '9';
	bool padded = word.len > 1 && word.ptr[0] == '0';
	return digit && !padded && str_to_int(word, 0, INT64_C(1) << 53, out_n);
}

static bool end_parse(struct export_source *s, str line, str rest, struct err *err)
{
	int64_t n = 0;
	if (!number_parse(str_sub(line, 4, line.len), &n))
		return err_set(err, ERR_INPUT, "the line 'end' has no number of entries");
	s->count = n;
	s->ended = true;
	buf_init(&s->note, &s->a, CHECKPOINT_NOTE_MAX);
	buf_add(&s->note, rest);
	while (!s->input_ended && !s->note.over) {
		char more[4096];
		ptrdiff_t got = 0;
		if (!s->input->read(s->input, more, sizeof(more), &got, err))
			return false;
		s->input_ended = got == 0;
		buf_add(&s->note, (str){ more, got });
	}
	return !s->note.over || err_set(err, ERR_INPUT, "there is more after the end than a checkpoint");
}

static bool line_of(str *left, str *out_line)
{
	const char *at = left->len ? memchr(left->ptr, '\n', (size_t)left->len) : NULL;
	if (at == NULL)
		return false;
	*out_line = (str){ left->ptr, at - left->ptr };
	*left = (str){ at + 1, left->len - (at + 1 - left->ptr) };
	return true;
}

static ptrdiff_t count_lines(str bytes)
{
	ptrdiff_t n = 0;
	for (str line; line_of(&bytes, &line);)
		n++;
	return n;
}

static bool next(struct verify_source *source, struct arena *a, struct verify_page *out, struct err *err)
{
	struct export_source *s = (struct export_source *)source;
	struct verify_page page = { 0 };
	while (page.count == 0 && !s->ended) {
		str left, line;
		if (!fill(s, a, &left, err))
			return false;
		page.rows = NEW(a, struct verify_row, count_lines(left));
		while (!s->ended && line_of(&left, &line)) {
			bool ok = str_starts(line, S("end "))
					  ? end_parse(s, line, left, err)
					  : row_parse(s, a, line, &page.rows[page.count++], err);
			if (!ok)
				return false;
			if (s->ended)
				left = (str){ 0 };
		}
		if (!s->ended && s->input_ended)
			return err_set(err, ERR_INPUT, "the file ends early: the line 'end' is missing");
		if (left.len > EXPORT_LINE_MAX)
			return err_set(err, ERR_INPUT, "a line is longer than %d bytes", EXPORT_LINE_MAX);
		keep_carry(s, left);
	}
	s->entries += page.count;
	*out = page;
	return true;
}

static bool read_first_line(struct export_source *s, struct err *err)
{
	str left, line;
	if (!fill(s, &s->a, &left, err))
		return false;
	if (!str_starts(left, MAGIC) || !line_of(&left, &line))
		return err_set(err, ERR_INPUT,
			       "not an export of a journal: the first line must start '" STR_FMT "'",
			       STR_ARG(MAGIC));
	str_cut_result words = str_cut(str_sub(line, MAGIC.len, line.len), ' ');
	s->source.payloads = str_eq(words.head, S("payloads"));
	if (!s->source.payloads && !str_eq(words.head, S("headers")))
		return err_set(err, ERR_INPUT,
			       "line 1: 'payloads' or 'headers' is expected after the version");
	str_cut_result key = str_cut(words.tail, ' ');
	if (!key.ok || !checkpoint_key_parse(key.head, &s->name, &s->key, err) || s->name.len == 0)
		return err_set(err, ERR_INPUT,
			       "line 1: the node's name and public key are expected after that");
	s->covers = -1;
	if (!str_eq(key.tail, S("-")) && !number_parse(key.tail, &s->covers))
		return err_set(
			err, ERR_INPUT,
			"line 1: how many entries the checkpoint covers, or -, is expected at its end");
	keep_carry(s, left);
	return true;
}

/* The note at the end; `root` is the tree's at the size that the first line promised. */
static void check_note(struct export_source *s, const struct verify_options *o, const struct hash256 *root,
		       struct verify_report *r)
{
	struct checkpoint c;
	struct err fault = { 0 };
	str note = buf_str(&s->note);
	if (s->covers < 0 || note.len == 0) {
		if (s->covers >= 0 || note.len)
			verify_blame(r, -1, (str){ 0 },
				     "the export's first line and its checkpoint contradict each other");
		return;
	}
	if (!checkpoint_open(note, o->has_key ? o->key : s->key, &c, &fault))
		verify_blame(r, -1, (str){ 0 }, "the export's checkpoint: %s", fault.text);
	else if (c.size != s->covers || !str_eq(c.origin, s->name))
		verify_blame(r, -1, (str){ 0 },
			     "the export's first line and its checkpoint contradict each other");
	else if (c.size > r->entries)
		verify_blame(r, r->entries, (str){ 0 },
			     "is missing: the export's checkpoint covers %lld entries", (long long)c.size);
	else if (!hash256_eq(c.root, *root))
		verify_blame(r, -1, (str){ 0 }, "the entries are not those of the export's checkpoint");
	r->checkpoints = 1;
}

static bool check_entries(struct export_source *s, const struct verify_options *o, struct verify_report *r,
			  struct err *err)
{
	struct verify_root roots[2];
	struct merkle tree = { 0 };
	struct hash256 prev = { { 0 } }, promised = merkle_root(&tree);
	ptrdiff_t count = 0;
	bool outside_met = o->checkpoint.len == 0 || r->outside.size == 0;
	if (s->covers > 0)
		roots[count++] = (struct verify_root){ .size = s->covers, .record = true };
	if (!outside_met)
		roots[count++] = (struct verify_root){ .size = r->outside.size, .root = r->outside.root };
	if (!verify_pages(&s->source, o, roots, count, r, &tree, &prev, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		if (roots[i].record)
			promised = roots[i].root;
		else
			outside_met = roots[i].met;
	}
	if (r->broken_what[0])
		return true;
	if (s->count != r->entries)
		verify_blame(r, -1, (str){ 0 }, "the export says that it has %lld entries, and has %lld",
			     (long long)s->count, (long long)r->entries);
	if (!outside_met)
		verify_blame(r, r->entries, (str){ 0 }, "is missing: a signed checkpoint covers %lld entries",
			     (long long)r->outside.size);
	check_note(s, o, &promised, r);
	return true;
}

static bool check(struct export_source *s, const struct verify_options *o, struct verify_report *r,
		  struct err *err)
{
	struct err fault = { 0 };
	if (!read_first_line(s, &fault)) {
		if (fault.code != ERR_INPUT) {
			*err = fault;
			return false;
		}
		verify_blame(r, -1, (str){ 0 }, "%s", fault.text);
		return true;
	}
	if (o->has_key && !sign_public_eq(o->key, s->key))
		verify_blame(r, -1, (str){ 0 }, "the export names another public key than the one given");
	return r->broken_what[0] || check_entries(s, o, r, err);
}

bool export_verify(struct export_input *from, const struct verify_options *o, struct verify_report *out_r,
		   struct err *err)
{
	struct verify_report r = { .outside.size = -1, .broken_seq = -1 };
	struct export_source s = { .source = { next, NULL, -1, true }, .input = from };
	if (o->checkpoint.len && !o->has_key)
		return err_set(err, ERR_INPUT,
			       "a checkpoint proves nothing without the public key: give --key");
	if (o->checkpoint.len && !checkpoint_open(o->checkpoint, o->key, &r.outside, err))
		return false;
	arena_init(&s.a, (ptrdiff_t)1 << 30, (ptrdiff_t)2 << 30);
	bool ok = check(&s, o, &r, err);
	if (ok) {
		verify_finish(&r);
		*out_r = r;
	}
	arena_done(&s.a);
	return ok;
}
