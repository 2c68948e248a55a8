/* entry.h - one entry of the journal: its header as canonical JSON, and the hashes over it.
 *
 * I1. The header text is RFC 8785 JSON with exactly these members, in this order; every value is made of
 *     ASCII that needs no escape, so that text is written and read without a JSON library:
 *     actor at audience cause epoch key kind marking owner payload_hash prev regime seq subject v
 * I2. hash = SHA-256(0x00 || header): the RFC 6962 leaf hash.
 * I3. payload_hash = SHA-256(salt || payload), salt 32 random bytes; salt and payload can be purged, the
 *     header never is.  A purged entry has neither (both ptr NULL).
 * I4. prev is the hash of the entry before; 32 zero bytes for the first.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "crypto/hash.h"

enum audience_scope {
	SCOPE_CORE,
	SCOPE_ANNEX,
	SCOPE_NODE
}; /* shared core; private annex; the node's own affairs */

struct entry {
	int64_t seq, epoch;
	struct instant at;
	struct uuid actor; /* account, or one of ACTOR_* */
	str kind;          /* "report.received" */
	int v;             /* version of the kind's payload */
	struct uuid subject;
	str owner; /* team that owns the record; empty: the node */
	enum audience_scope audience;
	int64_t cause; /* seq of the entry that this one follows from; -1: none */
	bool keyed;
	struct hash256 key;
	str regime;  /* "PK-CERT-RULES-2023/1" or empty */
	str marking; /* "TLP:AMBER" or empty */
	struct hash256 payload_hash, prev, hash;
	str header;
	str salt, payload;
};

/* Actors that are nobody's account. */
struct uuid actor_system(void); /* the node itself: readers, clocks */
struct uuid actor_public(void); /* somebody without an account: web form, mail */

struct hash256 entry_payload_hash(str salt, str payload);
/* Fills header and hash from the other fields. */
void entry_seal(struct arena *a, struct entry *e);
/* Fills all fields but salt and payload from the header's text; recomputes hash.  Strict: I1 exactly. */
MUST_CHECK bool entry_parse(str header, struct entry *out_e, struct err *err);
MUST_CHECK bool entry_payload_check(const struct entry *e, struct err *err); /* I3; purged is fine */

bool entry_word_ok(str word); /* usable as kind, owner, regime or marking: [A-Za-z0-9._:+/@-]* */
