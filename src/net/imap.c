#include "net/imap.h"

#include <stdlib.h>
#include "base/buf.h"
#include "net/imap_reply.h"
#include "net/transfer_priv.h"

enum {
	SIZE_DEFAULT   = 50 << 20,
	BATCH_DEFAULT  = 100,
	BATCH_MOST     = 1000,
	FOLDER_MAX     = 200,
	READ_BYTES     = 64 << 10,
	REPLIES_MAX    = 100000,        /* to one command: a server that never ends is cut */
	TEXT_MAX       = 200,
};

struct imap_session {
	const struct imap_options *options;
	struct imap_round *round;
	struct transfer   *transfer;
	struct arena       tmp;
	ptrdiff_t          size_max;
	char              *bytes;               /* heap: what was read and not yet used; up to size_max */
	ptrdiff_t          len, cap;
	ptrdiff_t          used;                /* of them, the last reply */
	int                tag;
	uint32_t           uid_validity;
	bool               can_move, can_expunge_uid;
	uint32_t          *uids;
	ptrdiff_t          uid_count;
};

static void session_room(struct imap_session *s, ptrdiff_t more)
{
	if (more <= s->cap - s->len)
		return;
	ptrdiff_t cap = MAX(s->cap * 2, s->len + more);
	char *p = realloc(s->bytes, (size_t)cap);
	if (p == NULL)
		abort();
	s->bytes = p;
	s->cap = cap;
}

/* The next reply; it is valid until the next call. */
static bool read_reply(struct imap_session *s, str *out_reply, struct err *err)
{
	struct imap_scan scan = { 0 };
	ptrdiff_t n;
	if (s->used > 0)
		memmove(s->bytes, s->bytes + s->used, (size_t)(s->len - s->used));
	s->len -= s->used;
	s->used = 0;
	for (;;) {
		enum imap_scanned scanned = imap_reply_scan(&scan, (str){ s->bytes, s->len },
			s->size_max + 1024, &s->used);
		if (scanned == IMAP_COMPLETE) {
			*out_reply = (str){ s->bytes, s->used };
			return true;
		}
		if (scanned == IMAP_INVALID)
			return err_set(err, ERR_RETRY, "IMAP: the server's answer is too long");
		session_room(s, READ_BYTES);
		if (!transfer_read(s->transfer, s->bytes + s->len, s->cap - s->len, &n, err))
			return err_wrap(err, "IMAP");
		s->len += n;
	}
}

typedef void (*reply_taker)(struct imap_session *s, str reply, void *ctx);

/* Sends a command and hands its untagged replies to `take`, until the tagged one comes. */
static bool run_command(struct imap_session *s, str command, reply_taker take, void *ctx, struct err *err)
{
	char tag_text[16];
	struct buf b;
	str reply, text;
	bool ok = false;
	buf_init(&b, &s->tmp, 64 << 10);
	buf_printf(&b, "N%d", ++s->tag);
	memcpy(tag_text, b.ptr, (size_t)b.len);
	str tag = { tag_text, b.len };
	buf_add_char(&b, ' ');
	buf_add(&b, command);
	buf_add(&b, S("\r\n"));
	if (!transfer_write(s->transfer, buf_str(&b), err))
		return err_wrap(err, "IMAP");
	for (int i = 0; i < REPLIES_MAX; i++) {
		if (!read_reply(s, &reply, err))
			return false;
		if (imap_reply_tagged(reply, tag, &ok, &text))
			break;
		if (imap_reply_is(reply, S("BYE")))
			return err_set(err, ERR_RETRY, "IMAP: the server said goodbye");
		if (take != NULL)
			take(s, reply, ctx);
	}
	if (ok)
		return true;
	return err_set(err, ERR_RETRY, "IMAP: the server refused %.20s: " STR_FMT,
		arena_cstr(&s->tmp, command),
		STR_ARG(transfer_sanitise(&s->tmp, text, TEXT_MAX)));
}

static void take_capability(struct imap_session *s, str reply, void *ctx UNUSED)
{
	if (imap_reply_is(reply, S("CAPABILITY"))) {
		s->can_move |= imap_reply_has_word(reply, S("MOVE"));
		s->can_expunge_uid |= imap_reply_has_word(reply, S("UIDPLUS"));
	}
}

static void take_select(struct imap_session *s, str reply, void *ctx UNUSED)
{
	(void)imap_reply_uid_validity(reply, &s->uid_validity);
}

static void take_search(struct imap_session *s, str reply, void *ctx UNUSED)
{
	if (imap_reply_is(reply, S("SEARCH")))
		imap_reply_search(reply, s->uids, BATCH_MOST, &s->uid_count);
}

struct fetch {
	uint32_t       uid;
	bool           found, taken;
	int64_t        size;
	enum imap_take verdict;
};

/* What the server tells of other messages in between is passed over. */
static void take_size(struct imap_session *s UNUSED, str reply, void *ctx)
{
	struct fetch *fetch = ctx;
	struct imap_item item;
	if (imap_reply_fetch(reply, &item) && item.uid == fetch->uid && item.size >= 0) {
		fetch->found = true;
		fetch->size = item.size;
	}
}

static void take_body(struct imap_session *s, str reply, void *ctx)
{
	struct fetch *fetch = ctx;
	struct imap_item item;
	if (fetch->taken || !imap_reply_fetch(reply, &item) || item.uid != fetch->uid || !item.has_body)
		return;
	struct imap_message message = { .uid = fetch->uid, .uid_validity = s->uid_validity,
		.bytes = item.body };
	fetch->taken = true;
	fetch->verdict = s->options->take(s->options->ctx, &message);
}

/* A name in quotes.  Folder names were checked: ASCII without control characters. */
static str quoted(struct arena *a, str name)
{
	struct buf b;
	buf_init(&b, a, name.len * 2 + 2);
	buf_add_char(&b, '"');
	for (ptrdiff_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '"' || name.ptr[i] == '\\')
			buf_add_char(&b, '\\');
		buf_add_char(&b, name.ptr[i]);
	}
	buf_add_char(&b, '"');
	return buf_str(&b);
}

static bool mark_in_place(struct imap_session *s, uint32_t uid, const char *flags, struct err *err)
{
	return run_command(s, arena_printf(&s->tmp, "UID STORE %u +FLAGS.SILENT (%s)", uid, flags), NULL,
		NULL, err);
}

/* Without MOVE (RFC 6851): copied, marked deleted, and expunged only where that can be done for this one
 * alone. */
static bool mark_done(struct imap_session *s, uint32_t uid, struct err *err)
{
	if (s->options->move_to.len == 0)
		return mark_in_place(s, uid, "\\Seen", err);
	str to = quoted(&s->tmp, s->options->move_to);
	if (s->can_move)
		return run_command(s, arena_printf(&s->tmp, "UID MOVE %u " STR_FMT, uid, STR_ARG(to)), NULL,
			NULL, err);
	return run_command(s, arena_printf(&s->tmp, "UID COPY %u " STR_FMT, uid, STR_ARG(to)), NULL, NULL,
		err) &&
		mark_in_place(s, uid, "\\Seen \\Deleted", err) &&
		(!s->can_expunge_uid || run_command(s, arena_printf(&s->tmp, "UID EXPUNGE %u", uid), NULL,
			NULL, err));
}

/* False on an error; *out_stop when the taker wants no more. */
static bool fetch_one(struct imap_session *s, uint32_t uid, bool *out_stop, struct err *err)
{
	struct fetch fetch = { .uid = uid, .verdict = IMAP_LEAVE };
	if (!run_command(s, arena_printf(&s->tmp, "UID FETCH %u (UID RFC822.SIZE)", uid), take_size, &fetch,
	    err))
		return false;
	if (!fetch.found)
		return true;                            /* somebody else took it away meanwhile */
	if (fetch.size > s->size_max) {
		if (s->round->too_large++ == 0)
			s->round->first_too_large = uid;
		return true;
	}
	if (!run_command(s, arena_printf(&s->tmp, "UID FETCH %u (UID BODY.PEEK[])", uid), take_body, &fetch,
	    err))
		return false;
	if (!fetch.taken || fetch.verdict != IMAP_STORED) {
		s->round->left++;
		*out_stop = fetch.verdict == IMAP_STOP;
		return true;
	}
	s->round->stored++;
	return mark_done(s, uid, err);
}

static bool run_round(struct imap_session *s, struct err *err)
{
	str folder = s->options->folder.len > 0 ? s->options->folder : S("INBOX");
	int most = s->options->batch_max > 0 ? MIN(s->options->batch_max, BATCH_MOST) : BATCH_DEFAULT;
	bool stop = false;
	s->uids = NEW(&s->tmp, uint32_t, BATCH_MOST);
	if (!transfer_connect(s->transfer, err) || !run_command(s, S("CAPABILITY"), take_capability, NULL,
	    err))
		return err_wrap(err, "IMAP");
	str select = arena_printf(&s->tmp, "SELECT " STR_FMT, STR_ARG(quoted(&s->tmp, folder)));
	if (!run_command(s, select, take_select, NULL, err) ||
	    !run_command(s, S("UID SEARCH UNSEEN UNDELETED"), take_search, NULL, err))
		return false;
	/* What is left or too large stays unseen, and must not keep later mail from its turn. */
	for (ptrdiff_t i = 0; i < s->uid_count && s->round->stored < most && !stop; i++)
		if (!fetch_one(s, s->uids[i], &stop, err))
			return false;
	struct err ignored;
	/* says BYE: nothing is lost by an error here */
	(void)run_command(s, S("LOGOUT"), NULL, NULL, &ignored);
	return true;
}

static bool is_folder(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (s.ptr[i] < ' ' || s.ptr[i] >= 0x7F)
			return false;
	return s.len <= FOLDER_MAX;
}

bool imap_fetch(const struct net_server *server, const struct imap_options *options,
                struct imap_round *out_round, struct err *err)
{
	struct imap_round round = { 0 };
	struct imap_session s = { .options = options, .round = &round };
	ASSERT(options->take != NULL);
	*out_round = round;
	if (!is_folder(options->folder) || !is_folder(options->move_to))
		return err_set(err, ERR_INPUT,
			"IMAP: a folder's name must be printable ASCII (others in modified UTF-7), <= %d "
			"bytes",
			FOLDER_MAX);
	if (!transfer_open(server, "imap", (str){ 0 }, &s.transfer, err))
		return err_wrap(err, "IMAP");
	s.size_max = options->size_max > 0 ? options->size_max : SIZE_DEFAULT;
	arena_init(&s.tmp, 8 << 20, 64 << 20);
	bool ok = run_round(&s, err);
	arena_done(&s.tmp);
	transfer_close(s.transfer);
	free(s.bytes);
	*out_round = round;
	return ok;
}
