#include "watch/log_unpack.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

/* heap: one object and one buffer a packed file */

enum { INPUT_SIZE = 256 << 10 };

struct unpack {
	unpack_bytes  *read;
	void          *who;
	z_stream       gzip;
	ZSTD_DCtx     *zstd;            /* NULL: gzip */
	ZSTD_inBuffer  input;
	bool           whole;           /* the last stream came to its end */
	bool           ended;
	const char    *trouble;
	char           bytes[INPUT_SIZE];
};

bool unpack_is_gzip(str head)
{
	return head.len >= 3 && memcmp(head.ptr, "\x1f\x8b\x08", 3) == 0;
}

/* A frame, or one to be skipped. */
bool unpack_is_zstd(str head)
{
	return head.len >= 4
	       && (memcmp(head.ptr, "\x28\xb5\x2f\xfd", 4) == 0
	           || (((unsigned char)head.ptr[0] & 0xf0) == 0x50
	               && memcmp(head.ptr + 1, "\x2a\x4d\x18", 3) == 0));
}

struct unpack *unpack_new(str head, unpack_bytes *read, void *who)
{
	struct unpack *u = calloc(1, sizeof(*u));
	if (u == NULL)
		return NULL;
	u->read = read;
	u->who = who;
	u->input.src = u->bytes;
	u->whole = true;
	if (unpack_is_gzip(head) ? inflateInit2(&u->gzip, 15 + 16) != Z_OK
	                         : (u->zstd = ZSTD_createDCtx()) == NULL) {
		free(u);
		return NULL;
	}
	return u;
}

void unpack_free(struct unpack *u)
{
	if (u == NULL)
		return;
	if (u->zstd != NULL)
		ZSTD_freeDCtx(u->zstd);
	else
		inflateEnd(&u->gzip);
	free(u);
}

/* More input, if none is left.  False at its end. */
static bool feed(struct unpack *u)
{
	if (u->input.pos < u->input.size)
		return true;
	u->input.pos = 0;
	u->input.size = (size_t)u->read(u->who, u->bytes, INPUT_SIZE);
	return u->input.size > 0;
}

static void stop(struct unpack *u, const char *trouble)
{
	u->ended = true;
	u->trouble = trouble;
}

/* Zeros behind the last stream are padding of tapes and disks. */
static bool only_zeros(const struct unpack *u)
{
	for (size_t i = u->input.pos; i < u->input.size; i++)
		if (u->bytes[i] != 0)
			return false;
	return true;
}

static ptrdiff_t inflate_some(struct unpack *u, char *into, ptrdiff_t most)
{
	z_stream *z = &u->gzip;
	int r;
	if (u->whole) {                 /* another member may follow */
		if (only_zeros(u)) {
			u->input.pos = u->input.size;
			return 0;
		}
		if (inflateReset(z) != Z_OK)
			stop(u, "the gzip data is damaged");
		u->whole = false;
	}
	z->next_in = (Bytef *)u->bytes + u->input.pos;
	z->avail_in = (uInt)(u->input.size - u->input.pos);
	z->next_out = (Bytef *)into;
	z->avail_out = (uInt)MIN(most, 1 << 30);
	ptrdiff_t room = z->avail_out;
	r = inflate(z, Z_NO_FLUSH);
	u->input.pos = u->input.size - z->avail_in;
	u->whole = r == Z_STREAM_END;
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		stop(u, z->total_out == 0 ? "what follows it is none" : "the gzip data is damaged");
	return room - z->avail_out;
}

static ptrdiff_t zstd_some(struct unpack *u, char *into, ptrdiff_t most)
{
	ZSTD_outBuffer out = { into, (size_t)most, 0 };
	size_t r;
	if (u->whole && only_zeros(u)) {
		u->input.pos = u->input.size;
		return 0;
	}
	r = ZSTD_decompressStream(u->zstd, &out, &u->input);
	u->whole = r == 0;
	if (ZSTD_isError(r))
		stop(u, ZSTD_getErrorName(r));
	return (ptrdiff_t)out.pos;
}

ptrdiff_t unpack_read(struct unpack *u, char *into, ptrdiff_t most)
{
	while (!u->ended) {
		ptrdiff_t n;
		bool more = feed(u);
		if (!more && u->whole)
			break;
		/* without input, what is buffered inside still comes out */
		n = u->zstd != NULL ? zstd_some(u, into, most) : inflate_some(u, into, most);
		if (n > 0)
			return n;
		if (!more && !u->ended)
			stop(u, "it ends too early: the file was cut off");
	}
	return 0;
}

const char *unpack_trouble(const struct unpack *u)
{
	return u->trouble;
}
