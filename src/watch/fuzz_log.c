#include "watch/log_priv.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_trouble(void *who, const struct log_trouble *t)
{
	int *told = who;
	ASSERT(t->file.len > 0 && t->line >= 0 && t->what[0] != '\0');
	/* each kind is told once a member, and counted at the end */
	ASSERT(++*told < 10000);
}

/* Records are whole, lie in order, and are no longer than may be. */
static void read_all(struct log_file *l, int64_t most)
{
	struct log_block *b = log_block_new();
	int64_t total = 0;
	while (log_read(l, b)) {
		int64_t line = 0;
		log_decode(l, b);
		for (ptrdiff_t i = 0; i < b->count; i++) {
			const struct record *r = &b->records[i];
			ASSERT(r->json.len > 0 && r->json.ptr != NULL && r->line >= line);
			ASSERT(b->format == LOG_EVTX || r->line > 0);
			line = b->format == LOG_EVTX ? 0 : r->line;
			total += r->json.ptr[r->json.len - 1];          /* the sanitizer looks */
			total += r->json.ptr[0];
		}
		ASSERT(b->bytes >= 0 && b->bytes <= most + (16 << 20));
	}
	ASSERT(total != INT64_MAX);
	log_block_free(b);
}

/* A file of these bytes, of whatever kind they are; the first byte gives how long records may be. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	struct log_file *l;
	struct err err = { 0 };
	int told = 0, fd;
	if (size < 1 || (fd = memfd_create("log", MFD_CLOEXEC)) < 0)
		return 0;
	struct log_limits limits = { .record_most = 64 + 1000 * (int64_t)data[0], .inflated_most = 8 << 20 };
	ASSERT(write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct log_listener listener = { &told, on_trouble };
	if (log_open(str_from(path), LOG_UNKNOWN, limits, listener, &l, &err)) {
		read_all(l, limits.record_most);
		log_close(l);
	} else {
		ASSERT(err.code != ERR_NONE);
	}
	close(fd);
	return 0;
}
