#include "watch/evtx.h"
#include "watch/binxml.h"

enum { CHUNK_HEADER = 512, RECORD_HEADER = 24, RECORD_MIN = 28, CRC_TABLES = 8 };

static const char file_mark[8] = "ElfFile", chunk_mark[8] = "ElfChnk", record_mark[4] = { '*', '*', 0, 0 };

struct evtx {
	struct binxml binxml;
	uint32_t crc[CRC_TABLES][256];
	void (*tell)(void *user, const struct evtx_problem *p);
	void *user;

	str file;
	int64_t base;                 /* where `file` begins in the file: 0 but for evtx_open_chunks */
	int64_t chunk_at, next_chunk; /* of the chunk being read (-1: none yet), and of the one behind it */
	int64_t counted_end;          /* where the chunks end that the file's header counts */
	uint32_t size, counted;       /* bytes of this chunk that are there; where its own records end */
	uint32_t at;                  /* in the chunk */
	bool searching, counting;     /* after torn bytes; the chunk has a header to go by */
	bool remains;                 /* told of this chunk already */
	struct evtx_counts counts;
};

static const char *const trouble_text[EVTX_TROUBLES] = {
	[EVTX_FILE_HEADER] = "the file's header is damaged; its chunks are read all the same",
	[EVTX_CHUNK_MISSING] = "a chunk has no header; it is searched for records",
	[EVTX_CHUNK_HEADER] = "the checksum of a chunk's header is wrong; its records are read all the same",
	[EVTX_CHUNK_DATA] = "the checksum of a chunk's records is wrong; they are read all the same",
	[EVTX_RECORD_TORN] = "bytes that are no whole record are passed over",
	[EVTX_RECORD_PARTIAL] = "a record's values are cut short; it is given as far as it goes",
	[EVTX_REMAINS] = "old records behind a chunk's end cannot be read: their templates were overwritten",
	[EVTX_FILE_CUT] = "the file ends inside a chunk; what is there is read",
};

/* CRC-32 of RFC 1952, eight bytes at a time. */
static void make_crc(uint32_t table[CRC_TABLES][256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;
		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
		table[0][i] = c;
	}
	for (uint32_t i = 0; i < 256; i++) {
		for (int t = 1; t < CRC_TABLES; t++)
			table[t][i] = table[t - 1][i] >> 8 ^ table[0][table[t - 1][i] & 255];
	}
}

/* `crc` goes on from an earlier call; 0 at first. */
static uint32_t crc_add(const uint32_t t[CRC_TABLES][256], uint32_t crc, const uint8_t *p, uint32_t n)
{
	uint32_t c = ~crc;
	for (; n >= 8; n -= 8, p += 8) {
		uint32_t a = le32(p) ^ c, b = le32(p + 4);
		c = t[7][a & 255] ^ t[6][a >> 8 & 255] ^ t[5][a >> 16 & 255] ^ t[4][a >> 24] ^ t[3][b & 255] ^
		    t[2][b >> 8 & 255] ^ t[1][b >> 16 & 255] ^ t[0][b >> 24];
	}
	for (; n > 0; n--, p++)
		c = c >> 8 ^ t[0][(c ^ *p) & 255];
	return ~c;
}

static const uint8_t *file_bytes(const struct evtx *log, int64_t at)
{
	return (const uint8_t *)log->file.ptr + at;
}

static void tell(struct evtx *log, enum evtx_trouble what, int64_t offset, uint64_t record, const char *text)
{
	struct evtx_problem p = { what, log->base + offset, record, text };
	log->counts.problems[what]++;
	if (log->tell != NULL)
		log->tell(log->user, &p);
}

static void tell_usual(struct evtx *log, enum evtx_trouble what, int64_t offset)
{
	tell(log, what, offset, 0, trouble_text[what]);
}

/* ---- opening */

bool evtx_is(str head)
{
	return head.len >= 8 && memcmp(head.ptr, file_mark, 8) == 0;
}

struct evtx *evtx_new(struct arena *a)
{
	struct evtx *log = NEW(a, struct evtx, 1);
	make_crc(log->crc);
	binxml_init(&log->binxml, a);
	log->chunk_at = -1;
	return log;
}

void evtx_on_problem(struct evtx *log, void (*tell_user)(void *user, const struct evtx_problem *p),
		     void *user)
{
	log->tell = tell_user;
	log->user = user;
}

static bool chunk_stands(str file, int64_t at)
{
	return file.len - at >= CHUNK_HEADER && memcmp(file.ptr + at, chunk_mark, 8) == 0;
}

/* Where the first chunk is: behind a header, or at once in a piece of a file; -1 if there is none. */
static int64_t first_chunk(str file)
{
	if (evtx_is(file)) {
		uint16_t size = file.len >= 42 ? le16((const uint8_t *)file.ptr + 40) : 0;
		return size >= 128 && chunk_stands(file, size) ? size : EVTX_HEADER;
	}
	if (chunk_stands(file, EVTX_HEADER))
		return EVTX_HEADER;
	return chunk_stands(file, 0) ? 0 : -1;
}

static void read_header(struct evtx *log)
{
	const uint8_t *h = file_bytes(log, 0);
	if (!evtx_is(log->file) || log->file.len < 128 || crc_add(log->crc, 0, h, 120) != le32(h + 124)) {
		tell_usual(log, EVTX_FILE_HEADER, 0);
		log->counted_end = INT64_MAX;
		return;
	}
	log->counts.dirty = le32(h + 120) & 1;
	log->counted_end = log->next_chunk + (int64_t)BINXML_CHUNK * le16(h + 42);
}

static void forget_file(struct evtx *log)
{
	log->file = (str){ 0 };
	log->base = 0;
	log->chunk_at = -1;
	log->next_chunk = log->size = log->at = log->counted = 0;
	log->counts = (struct evtx_counts){ 0 };
}

void evtx_open_chunks(struct evtx *log, str chunks, int64_t offset)
{
	forget_file(log);
	log->file = chunks;
	log->base = offset;
	log->counted_end = INT64_MAX;
}

bool evtx_open(struct evtx *log, str file, struct err *err)
{
	int64_t first = first_chunk(file);
	forget_file(log);
	if (first < 0)
		return err_set(err, ERR_INPUT,
			       "this is no Windows event log (EVTX): it has neither a file header "
			       "nor a chunk where the first has to be");
	log->file = file;
	log->next_chunk = first;
	read_header(log);
	if (evtx_is(file) && file.len < EVTX_HEADER)
		tell_usual(log, EVTX_FILE_CUT, file.len);
	return true;
}

/* ---- chunks */

static bool all_zero(const uint8_t *p, uint32_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static uint32_t header_crc(const struct evtx *log, const uint8_t *h)
{
	return crc_add(log->crc, crc_add(log->crc, 0, h, 120), h + 128, CHUNK_HEADER - 128);
}

/* What the header of the chunk says, as far as it can be believed. */
static void read_chunk_header(struct evtx *log)
{
	const uint8_t *h = file_bytes(log, log->chunk_at);
	uint32_t end = le32(h + 48);
	log->counts.chunks++;
	log->counts.chunks_uncounted += log->chunk_at >= log->counted_end;
	log->counting = true;
	log->counted = end >= CHUNK_HEADER && end <= BINXML_CHUNK ? end : BINXML_CHUNK;
	if (log->size < BINXML_CHUNK)
		tell_usual(log, EVTX_FILE_CUT, log->chunk_at + log->size);
	if (header_crc(log, h) != le32(h + 124))
		tell_usual(log, EVTX_CHUNK_HEADER, log->chunk_at);
	else if (log->counted <= log->size &&
		 crc_add(log->crc, 0, h + CHUNK_HEADER, log->counted - CHUNK_HEADER) != le32(h + 52))
		tell_usual(log, EVTX_CHUNK_DATA, log->chunk_at);
}

static bool open_chunk(struct evtx *log)
{
	while (log->next_chunk < log->file.len) {
		log->chunk_at = log->next_chunk;
		log->next_chunk += BINXML_CHUNK;
		log->size = (uint32_t)MIN(BINXML_CHUNK, log->file.len - log->chunk_at);
		log->searching = log->remains = false;
		binxml_chunk(&log->binxml, file_bytes(log, log->chunk_at), log->size);
		if (chunk_stands(log->file, log->chunk_at)) {
			log->at = CHUNK_HEADER;
			read_chunk_header(log);
			return true;
		}
		if (all_zero(file_bytes(log, log->chunk_at), log->size))
			continue;
		tell_usual(log, EVTX_CHUNK_MISSING, log->chunk_at);
		log->counting = false;
		log->at = log->counted = 0;
		return true;
	}
	log->at = log->size = 0;
	log->chunk_at = log->file.len > 0 ? log->file.len : -1;
	return false;
}

/* ---- records */

/* The size of the record at `at`, or 0: a record says its size at both ends. */
static uint32_t record_size(const struct evtx *log, uint32_t at)
{
	const uint8_t *p = file_bytes(log, log->chunk_at) + at;
	if (log->size - at < RECORD_MIN || memcmp(p, record_mark, 4) != 0)
		return 0;
	uint32_t size = le32(p + 4);
	bool whole = size >= RECORD_MIN && size <= log->size - at && le32(p + size - 4) == size;
	return whole ? size : 0;
}

/* Moves to the next record of the chunk.  False: there are no more. */
static bool find_record(struct evtx *log, uint32_t *out_size)
{
	const uint8_t *chunk = file_bytes(log, log->chunk_at);
	while (log->at < log->size && log->size - log->at >= RECORD_MIN) {
		*out_size = record_size(log, log->at);
		if (*out_size != 0)
			return true;
		if (log->counting && !log->searching && log->at < log->counted) {
			bool cut = log->counted > log->size && memcmp(chunk + log->at, record_mark, 4) == 0;
			if (!cut && !all_zero(chunk + log->at, MIN(log->counted, log->size) - log->at))
				tell_usual(log, EVTX_RECORD_TORN, log->chunk_at + log->at);
		}
		log->searching = true;
		const uint8_t *star = memchr(chunk + log->at + 1, '*', log->size - log->at - 1);
		log->at = star == NULL ? log->size : (uint32_t)(star - chunk);
	}
	return false;
}

static void tell_record(struct evtx *log, uint64_t number)
{
	const struct binxml *b = &log->binxml;
	int64_t at = log->chunk_at + (b->trouble_at != 0 ? b->trouble_at : log->at);
	if (b->trouble != NULL && log->counting && log->at >= log->counted) {
		if (!log->remains)
			tell_usual(log, EVTX_REMAINS, log->chunk_at + log->at);
		log->remains = true;
	} else if (b->trouble == NULL)
		tell(log, EVTX_RECORD_PARTIAL, at, number, trouble_text[EVTX_RECORD_PARTIAL]);
	else
		tell(log, b->limit ? EVTX_RECORD_LIMIT : EVTX_RECORD_BAD, at, number, b->trouble);
}

/* The record at the place reached, which is passed.  False: it cannot be given. */
static bool read_record(struct evtx *log, uint32_t size, struct evtx_record *out_record)
{
	struct binxml *b = &log->binxml;
	const uint8_t *p = file_bytes(log, log->chunk_at) + log->at;
	struct evtx_record r = { .number = le64(p + 8), .offset = log->base + log->chunk_at + log->at };
	r.recovered = !log->counting || log->searching || log->at >= log->counted;
	if (!filetime_to_us(le64(p + 16), &r.written.us))
		r.written.us = 0;
	bool ok = binxml_record(b, log->at + RECORD_HEADER, log->at + size - 4, r.recovered);
	r.partial = b->partial;
	r.json = (str){ b->out.ptr, b->out.len };
	if (!ok || r.partial)
		tell_record(log, r.number);
	log->searching =
		r.recovered && !ok; /* of what was only found, a bad one says nothing about the next */
	log->at += log->searching ? RECORD_MIN : size;
	if (!ok)
		return false;
	log->counts.records++;
	log->counts.recovered += r.recovered;
	*out_record = r;
	return true;
}

bool evtx_next(struct evtx *log, struct evtx_record *out_record)
{
	for (;;) {
		uint32_t size = 0;
		if (log->chunk_at >= 0 && find_record(log, &size)) {
			if (read_record(log, size, out_record))
				return true;
		} else if (!open_chunk(log)) {
			return false;
		}
	}
}

struct evtx_counts evtx_count(const struct evtx *log)
{
	return log->counts;
}

int64_t evtx_position(const struct evtx *log)
{
	return log->chunk_at < 0 ? 0 : MIN(log->chunk_at + log->at, log->file.len);
}
