/* indicator_probe.h - one call of indicators_probe: what waits to be looked up, for match/indicator_*.c.
 *
 * B1. Keys lie in `room` until they are looked up; batch_room looks all up first if there is no room.
 * B2. No observable has more than BATCH_SPARE lookups between two calls of batch_room.
 */
#pragma once
#include "match/indicator_value.h"

enum {
	BATCH_LOOKUPS = 384,
	BATCH_SPARE = 144,              /* a name of 127 labels and what a URL has beside it */
	BATCH_ROOM = 16384,
	PROBE_LONGEST = 1 << 30,
};

struct batch {
	const struct indicators *in;
	const struct probe      *probes;
	struct probe_hit        *out;
	ptrdiff_t                most, hits, used;
	int                      count;
	uint32_t                 probe, from, to;       /* what is read: whose, and where in its text */
	const struct bucket     *buckets;
	uint64_t                 bucket_count;
	struct lookup            lookup[BATCH_LOOKUPS + 1];
	char                     room[BATCH_ROOM];
};

char          *batch_room(struct batch *b, ptrdiff_t need);
struct lookup *batch_add(struct batch *b, unsigned kind, uint64_t hash);        /* at b->from .. b->to */
bool           batch_wants(const struct batch *b, unsigned kind);

void probe_address(struct batch *b, struct ip ip, int port);
void probe_name(struct batch *b, const struct name *n, uint32_t from, uint32_t to);
void probe_host(struct batch *b, str text, int port);
void probe_lower(struct batch *b, unsigned kind, str text);
void probe_mail_at(struct batch *b, str address, uint32_t at);
/* indicator_shape.c */
void probe_url(struct batch *b, str text, int port);
void probe_any(struct batch *b, str text, int port);
/* indicator_text.c */
void probe_text(struct batch *b, str text);
