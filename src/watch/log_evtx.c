#include "watch/log_priv.h"

#include <stdio.h>

/* A block is some chunks of 64 KiB, each a file of its own almost: so that several threads share a file. */

ptrdiff_t log_cut_chunks(const struct log_work *w, bool end)
{
	return end ? w->raw_len : w->raw_len / EVTX_CHUNK * EVTX_CHUNK;
}

/* "ElfFile" at the beginning, or a chunk where the first has to be. */
bool log_is_evtx(str head)
{
	return evtx_is(head) || str_starts(str_sub(head, EVTX_HEADER, head.len), S("ElfChnk"));
}

struct told_by { const struct log_file *file; const struct log_block *block; };

static void on_problem(void *user, const struct evtx_problem *p)
{
	const struct told_by *by = user;
	char text[300];
	(void)snprintf(text, sizeof(text), "%s (at byte %lld)", p->text, (long long)p->offset);
	log_complain_of(by->file, COMPLAINT_EVTX + (int)p->what, p->text, text, by->block->path,
	                (int64_t)p->record);
}

void log_decode_evtx(const struct log_file *l, struct log_work *w)
{
	struct told_by by = { l, &w->shown };
	struct json_out *out = &w->made.out;
	struct evtx_record r;
	if (w->evtx == NULL) {
		arena_init(&w->evtx_memory, 32 << 20, 64 << 20);
		w->evtx = evtx_new(&w->evtx_memory);
	}
	out->len = 0;
	out->over = false;
	out->most = (ptrdiff_t)1 << 30;
	w->shown.count = 0;
	evtx_on_problem(w->evtx, on_problem, &by);
	evtx_open_chunks(w->evtx, (str){ w->raw, w->raw_len }, w->offset);
	while (evtx_next(w->evtx, &r)) {
		json_out_raw(out, r.json);
		if (out->over || !log_add_record(w, (str){ NULL, r.json.len }, (int64_t)r.number)) {
			log_complain(l, COMPLAINT_OVER, w->shown.path, (int64_t)r.number);
			break;
		}
	}
}
