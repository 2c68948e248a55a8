/* evidence.h - the bytes that come with reports: kept when they arrive, noted when somebody takes a copy.
 *
 * evidence.kept is structural: it says of which report which hashes are, so that a purge knows what nobody
 * else refers to.  evidence.taken is in the timeline, for the coordinator's people: who got the original,
 * when (P2).
 */
#pragma once
#include "cases/world.h"

struct intake_file;

/* Stores the bytes of files that are kept by themselves (not as parts of a mail) and drafts evidence.kept. */
MUST_CHECK bool evidence_keep(struct decision *d, struct uuid report, str team, enum tlp tlp,
			      const struct intake_file *files, ptrdiff_t count, struct err *err);

struct evidence_taken {
	struct uuid report, incident, message;
	str team; /* coordinator */
	enum tlp tlp;
	str what; /* "original", "attachment" */
	struct hash256 hash;
};
bool evidence_taken_decide(struct decision *d, void *arg, struct err *err); /* arg: struct evidence_taken */
