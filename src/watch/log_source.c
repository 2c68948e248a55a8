#include "watch/log_source.h"
#include "base/text.h"
#include "watch/log_unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* heap: a source is as large as its buffers, lives as long as its file is read, and is made once a file */

enum { RAW_SIZE = 256 << 10, HEAD_SIZE = 512, WIDE_SIZE = 64 << 10, STAGES = 4, RATIO_FREE = 64 << 20 };

/* Stage 0 is the file; each other unpacks what the one below it gives. */
struct stage {
	struct log_source *source;
	int                below;
	struct unpack     *unpack;
	struct archive    *archive;
	char              *raw;                 /* what libarchive was last given */
	const char        *block;               /* what it gave last, and how much of that is left */
	size_t             block_left;
	char               back[HEAD_SIZE];     /* bytes that were read to see what they are */
	ptrdiff_t          back_at, back_len;
	bool               container;           /* has members, not just one stream */
};

enum wide { WIDE_NONE, WIDE_LITTLE, WIDE_BIG };

struct log_source {
	int               fd;
	bool              seekable, started, ended;
	bool              listable;             /* members can be reached without unpacking the others */
	int64_t           size, done, unpacked;
	struct log_limits limits;
	struct stage      stages[STAGES];
	int               top;                  /* the stage that bytes are read from */
	int               box;                  /* the stage that is an archive, or 0 */
	enum wide         wide;
	char             *wide_raw;
	ptrdiff_t         wide_len;
	char             *path, *wanted, *member;       /* member: of an archive, or NULL */
	const char       *trouble;
	char              text[300];
};

static ptrdiff_t file_read(struct log_source *s, char *into, ptrdiff_t most)
{
	for (;;) {
		ssize_t n = read(s->fd, into, (size_t)most);
		if (n >= 0) {
			s->done += n;
			return n;
		}
		if (errno != EINTR) {
			(void)snprintf(s->text, sizeof(s->text), "cannot be read any further: %s",
			               strerror(errno));
			s->trouble = s->text;
			return 0;
		}
	}
}

static ptrdiff_t stage_read(struct log_source *s, int stage, char *into, ptrdiff_t most);

static la_ssize_t give_bytes(struct archive *a, void *client, const void **out)
{
	struct stage *g = client;
	(void)a;
	*out = g->raw;
	return stage_read(g->source, g->below, g->raw, RAW_SIZE);
}

static la_int64_t give_seek(struct archive *a, void *client, la_int64_t offset, int whence)
{
	struct stage *g = client;
	(void)a;
	return lseek(g->source->fd, offset, whence);
}

static la_int64_t give_skip(struct archive *a, void *client, la_int64_t request)
{
	struct stage *g = client;
	off_t from = lseek(g->source->fd, 0, SEEK_CUR);
	off_t to = MIN((off_t)(from + request), (off_t)g->source->size);
	(void)a;
	if (from < 0 || to < from || lseek(g->source->fd, to, SEEK_SET) < 0)
		return 0;
	return to - from;
}

static void say_damage(struct log_source *s, const char *why)
{
	if (s->trouble != NULL)
		return;
	(void)snprintf(s->text, sizeof(s->text), "the packed data is damaged or cut off (%s); what stands "
	               "before was read", why != NULL ? why : "no reason given");
	s->trouble = s->text;
}

/* Past the limits nothing more is unpacked.  The first 64 MiB are free: small files may be very dense. */
static bool within_limits(struct log_source *s, ptrdiff_t more)
{
	s->unpacked += more;
	if (s->unpacked <= s->limits.inflated_most
	    && (s->unpacked <= RATIO_FREE
	        || s->unpacked / MAX(s->done, 1) <= s->limits.inflate_ratio_most))
		return true;
	(void)snprintf(s->text, sizeof(s->text), "unpacks to more than %lld bytes from %lld: it was cut off "
	               "there, as a bomb would be", (long long)(s->unpacked - more),
	               (long long)s->done);
	s->trouble = s->text;
	s->ended = true;
	return false;
}

static ptrdiff_t take_back(struct stage *g, char *into, ptrdiff_t most)
{
	ptrdiff_t n = MIN(most, g->back_len - g->back_at);
	memcpy(into, g->back + g->back_at, (size_t)n);
	g->back_at += n;
	return n;
}

/* libarchive's next piece. */
static bool next_block(struct log_source *s, struct stage *g)
{
	const void *block;
	la_int64_t offset;      /* holes of sparse files are left out */
	int r;
	do
		r = archive_read_data_block(g->archive, &block, &g->block_left, &offset);
	while (r == ARCHIVE_RETRY);
	g->block = block;
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN) {
		g->block_left = 0;
		if (r != ARCHIVE_EOF)
			say_damage(s, archive_error_string(g->archive));
		return false;
	}
	return true;
}

static ptrdiff_t archive_bytes(struct log_source *s, struct stage *g, char *into, ptrdiff_t most)
{
	while (g->block_left == 0)
		if (!next_block(s, g))
			return 0;
	ptrdiff_t n = MIN(most, (ptrdiff_t)g->block_left);
	memcpy(into, g->block, (size_t)n);
	g->block += n;
	g->block_left -= (size_t)n;
	return n;
}

static ptrdiff_t stage_read(struct log_source *s, int stage, char *into, ptrdiff_t most)
{
	struct stage *g = &s->stages[stage];
	ptrdiff_t n;
	if (g->back_at < g->back_len)
		return take_back(g, into, most);
	if (stage == 0)
		return file_read(s, into, most);
	if (s->ended)
		return 0;
	if (g->unpack != NULL) {
		n = unpack_read(g->unpack, into, most);
		if (n == 0 && unpack_trouble(g->unpack) != NULL)
			say_damage(s, unpack_trouble(g->unpack));
	} else {
		n = archive_bytes(s, g, into, most);
	}
	return within_limits(s, n) ? n : 0;
}

static bool is_packed(str head)
{
	return unpack_is_gzip(head) || unpack_is_zstd(head);
}

static bool is_box(str head)
{
	return str_starts(head, S("PK\3\4")) || str_starts(head, S("PK\5\6"))
	       || str_eq(str_sub(head, 257, 262), S("ustar"));
}

/* Whatever libarchive takes apart. */
static bool is_archive(str head)
{
	return is_box(head) || str_starts(head, S("\xfd" "7zXZ\0"))
	       || (str_starts(head, S("BZh")) && str_eq(str_sub(head, 4, 10), S("1AY&SY")));
}

static int archive_open(struct archive *a, struct stage *g, bool seekable)
{
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_format_tar(a);
	if (seekable)
		archive_read_support_format_zip_seekable(a);
	archive_read_support_format_zip_streamable(a);
	archive_read_support_format_raw(a);
	archive_read_support_format_empty(a);
	archive_read_set_read_callback(a, give_bytes);
	if (seekable) {
		archive_read_set_seek_callback(a, give_seek);
		archive_read_set_skip_callback(a, give_skip);
	}
	archive_read_set_callback_data(a, g);
	return archive_read_open1(a);
}

static void stage_close(struct stage *g)
{
	if (g->archive != NULL)
		archive_read_free(g->archive);
	unpack_free(g->unpack);
	free(g->raw);
	*g = (struct stage){ 0 };
}

static ptrdiff_t unpack_from_below(void *who, char *into, ptrdiff_t most)
{
	struct stage *g = who;
	return stage_read(g->source, g->below, into, most);
}

static bool push_unpack(struct log_source *s, str head)
{
	struct stage *g = &s->stages[s->top + 1];
	*g = (struct stage){ .source = s, .below = s->top };
	g->unpack = unpack_new(head, unpack_from_below, g);
	if (g->unpack == NULL)
		return false;
	s->top++;
	return true;
}

static bool push_archive(struct log_source *s)
{
	struct stage *g = &s->stages[s->top + 1];
	*g = (struct stage){ .source = s, .below = s->top, .archive = archive_read_new(),
	                     .raw = malloc(RAW_SIZE) };
	if (g->archive == NULL || g->raw == NULL
	    || archive_open(g->archive, g, s->top == 0 && s->seekable) != ARCHIVE_OK) {
		if (g->archive != NULL)
			say_damage(s, archive_error_string(g->archive));
		stage_close(g);
		return false;
	}
	s->top++;
	s->box = s->top;
	return true;
}

static void member_named(struct log_source *s, struct archive_entry *e)
{
	const char *name = archive_entry_pathname_utf8(e);
	if (name == NULL)
		name = archive_entry_pathname(e);
	free(s->member);
	s->member = strdup(name != NULL && name[0] != '\0' ? name : "(without a name)");
}

/* The next file of the archive that is the one asked for, if one was. */
static bool next_entry(struct log_source *s)
{
	struct stage *g = &s->stages[s->box];
	struct archive_entry *e;
	for (;;) {
		int r = archive_read_next_header(g->archive, &e), form;
		if (r == ARCHIVE_RETRY)
			continue;
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN) {
			if (r != ARCHIVE_EOF)
				say_damage(s, archive_error_string(g->archive));
			return false;
		}
		form = archive_format(g->archive) & ARCHIVE_FORMAT_BASE_MASK;
		g->container = form == ARCHIVE_FORMAT_TAR || form == ARCHIVE_FORMAT_ZIP;
		g->block_left = 0;
		if (!g->container)
			return s->wanted == NULL;
		if (archive_entry_filetype(e) != AE_IFREG)
			continue;
		member_named(s, e);
		if (s->wanted == NULL || (s->member != NULL && strcmp(s->member, s->wanted) == 0))
			return true;
	}
}

/* The first bytes of what the top stage gives; they stay to be read. */
static str peek(struct log_source *s)
{
	struct stage *g = &s->stages[s->top];
	char head[HEAD_SIZE];
	ptrdiff_t len = 0;
	while (len < HEAD_SIZE) {
		ptrdiff_t n = stage_read(s, s->top, head + len, HEAD_SIZE - len);
		if (n <= 0)
			break;
		len += n;
	}
	memcpy(g->back, head, (size_t)len);
	g->back_at = 0;
	g->back_len = len;
	return (str){ g->back, len };
}

/* A byte order mark, or ASCII with every other byte zero, which is how PowerShell 5 writes files. */
static void see_encoding(struct log_source *s)
{
	struct stage *g = &s->stages[s->top];
	str head = peek(s);
	const unsigned char *h = (const unsigned char *)head.ptr;
	s->wide = WIDE_NONE;
	s->wide_len = 0;
	if (head.len >= 3 && memcmp(h, "\xef\xbb\xbf", 3) == 0) {
		g->back_at = 3;
	} else if (head.len >= 2 && h[0] == 0xff && h[1] == 0xfe) {
		s->wide = WIDE_LITTLE;
		g->back_at = 2;
	} else if (head.len >= 2 && h[0] == 0xfe && h[1] == 0xff) {
		s->wide = WIDE_BIG;
		g->back_at = 2;
	} else if (head.len >= 8 && h[0] && !h[1] && h[2] && !h[3] && h[4] && !h[5] && h[6] && !h[7]) {
		s->wide = WIDE_LITTLE;
	} else if (head.len >= 8 && !h[0] && h[1] && !h[2] && h[3] && !h[4] && h[5] && !h[6] && h[7]) {
		s->wide = WIDE_BIG;
	}
}

static bool next_member(struct log_source *s)
{
	if (s->box == 0)
		return !s->started;
	while (s->top > s->box)
		stage_close(&s->stages[s->top--]);
	if (s->started && !s->stages[s->box].container)
		return false;
	s->stages[s->box].back_at = s->stages[s->box].back_len = 0;
	return next_entry(s);
}

bool source_next(struct log_source *s)
{
	str head;
	if (s->ended && !s->started)
		return false;
	s->trouble = NULL;      /* of the member before: said by now */
	if (s->ended)
		return false;
	if (!next_member(s)) {
		s->ended = true;
		return false;
	}
	s->started = true;
	head = peek(s);
	if (s->box > 0 && is_packed(head) && !push_unpack(s, head))
		s->trouble = "there is not enough memory to unpack it";
	see_encoding(s);
	return true;
}

static unsigned unit_at(const struct log_source *s, ptrdiff_t i)
{
	const unsigned char *u = (const unsigned char *)s->wide_raw + i;
	return s->wide == WIDE_LITTLE ? u[0] | (unsigned)u[1] << 8 : u[1] | (unsigned)u[0] << 8;
}

/* Half a surrogate pair becomes U+FFFD; what is half at the end waits for the rest. */
static ptrdiff_t convert(struct log_source *s, char *into, bool end)
{
	ptrdiff_t i = 0, out = 0;
	while (i + 2 <= s->wide_len) {
		unsigned c = unit_at(s, i);
		if (c >= 0xd800 && c < 0xdc00) {
			if (i + 4 > s->wide_len && !end)
				break;
			unsigned low = i + 4 <= s->wide_len ? unit_at(s, i + 2) : 0;
			bool pair = low >= 0xdc00 && low < 0xe000;
			c = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
			i += pair ? 2 : 0;
		} else if (c >= 0xdc00 && c < 0xe000) {
			c = 0xfffd;
		}
		out += text_put_utf8(into + out, c);
		i += 2;
	}
	s->wide_len = end ? 0 : s->wide_len - i;
	memmove(s->wide_raw, s->wide_raw + i, (size_t)s->wide_len);
	return out;
}

static ptrdiff_t read_wide(struct log_source *s, char *into, ptrdiff_t most)
{
	/* two bytes become three at most */
	ptrdiff_t fits = MIN((ptrdiff_t)WIDE_SIZE, most / 3 * 2 & ~(ptrdiff_t)1);
	if (s->wide_raw == NULL && (s->wide_raw = malloc(WIDE_SIZE)) == NULL) {
		s->trouble = "there is not enough memory to read UTF-16";
		return 0;
	}
	for (;;) {
		ptrdiff_t n = stage_read(s, s->top, s->wide_raw + s->wide_len, fits - s->wide_len), out;
		bool end = n <= 0;
		s->wide_len += n;
		out = convert(s, into, end);
		if (out > 0 || end)
			return out;
	}
}

ptrdiff_t source_read(struct log_source *s, char *into, ptrdiff_t most)
{
	if (s->wide != WIDE_NONE)
		return read_wide(s, into, most);
	return stage_read(s, s->top, into, most);
}

str source_member(const struct log_source *s)
{
	return s->member != NULL ? str_from(s->member) : S("");
}

bool source_many(const struct log_source *s)
{
	return s->stages[s->box].container && s->wanted == NULL;
}

const char *source_trouble(const struct log_source *s)
{
	return s->trouble;
}

void source_progress(const struct log_source *s, int64_t *out_done, int64_t *out_size)
{
	*out_done = s->done;
	*out_size = s->size;
}

/* The file that a path means, and its member: a name may hold ! itself. */
static bool open_path(struct log_source *s, str path, struct err *err)
{
	char *text = strndup(path.ptr, (size_t)path.len);
	s->path = text;
	if (text == NULL)
		return err_set(err, ERR_SYSTEM, "there is not enough memory to open a file");
	if (str_eq(path, S("-")))
		s->fd = dup(STDIN_FILENO);
	else
		s->fd = open(text, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	for (char *p = strchr(text, '!'); s->fd < 0 && p != NULL; p = strchr(p + 1, '!')) {
		*p = '\0';
		s->fd = open(text, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		s->wanted = p + 1;
		if (s->fd < 0)
			*p = '!';
	}
	if (s->fd < 0)
		return err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_MISSING : ERR_INPUT,
		               STR_FMT ": cannot be opened: %s", STR_ARG(path), strerror(errno));
	return true;
}

static bool source_begin(struct log_source *s, str path, struct err *err)
{
	struct stat st;
	if (!open_path(s, path, err))
		return false;
	if (fstat(s->fd, &st) != 0 || S_ISDIR(st.st_mode))
		return err_set(err, ERR_INPUT, STR_FMT ": is a folder: name it, or the files in it, to "
		               "`naubat detect`", STR_ARG(path));
	s->seekable = S_ISREG(st.st_mode) && lseek(s->fd, 0, SEEK_SET) == 0;
	s->size = s->seekable ? st.st_size : -1;
	str head = peek(s);
	s->listable = s->seekable && is_box(head);
	if (is_packed(head)) {
		if (!push_unpack(s, head))
			return err_set(err, ERR_SYSTEM, "there is not enough memory to unpack a file");
		head = peek(s);
	} else if (s->seekable && is_archive(head) && lseek(s->fd, 0, SEEK_SET) == 0) {
		s->stages[0].back_len = 0;
		s->done = 0;
	}
	if (is_archive(head) && !push_archive(s))
		return err_set(err, ERR_INPUT, STR_FMT ": %s", STR_ARG(path),
		               s->trouble != NULL ? s->trouble : "there is not enough memory to unpack it");
	if (s->wanted != NULL && s->box == 0)
		return err_set(err, ERR_INPUT, STR_FMT ": what stands before the ! is no archive",
		               STR_ARG(path));
	return true;
}

bool source_open(str path, struct log_limits limits, struct log_source **out, struct err *err)
{
	struct log_source *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_set(err, ERR_SYSTEM, "there is not enough memory to open a file");
	s->fd = -1;
	s->limits = limits;
	if (!source_begin(s, path, err)) {
		source_close(s);
		return false;
	}
	*out = s;
	return true;
}

void source_close(struct log_source *s)
{
	for (int i = STAGES - 1; i >= 0; i--)
		stage_close(&s->stages[i]);
	if (s->fd >= 0)
		close(s->fd);
	free(s->wide_raw);
	free(s->path);
	free(s->member);
	free(s);
}

bool source_list(struct arena *a, const char *path, const str **out_names, ptrdiff_t *out_count,
                 struct err *err)
{
	static const struct log_limits none = { 0, INT64_MAX, INT64_MAX };
	struct log_source *s = NULL;
	ptrdiff_t n = 0, room = 64;
	str *names = NEW(a, str, room);
	if (!source_open(str_from(path), none, &s, err))
		return false;
	while (s->listable && next_entry(s)) {
		if (n == room) {
			str *more = NEW(a, str, 2 * room);
			memcpy(more, names, (size_t)n * sizeof(*names));
			names = more;
			room *= 2;
		}
		names[n++] = arena_dup(a, source_member(s));
	}
	*out_names = names;
	*out_count = s->listable ? n : -1;
	source_close(s);
	return true;
}
