/* indicator.h - what to look for, exactly: addresses, networks, names, URLs, hashes; and what never
 * counts.
 *
 * N1. An observable is compared in its canonical form (docs/indicators.md) and confirmed against
 *     the whole indicator: a fingerprint alone is never a match.
 * N2. An allow-list (MISP warninglists' form) is applied when indicators are loaded where it can be, and
 *     on what was seen where it has to be: a match that an allow-list knows is none.
 * N3. The table is immutable after indicators_finish and shared by threads.
 * N4. Equal indicators are one: the first stays; of a name and the same name with all below it, the latter.
 * N5. Every indicator that matches is a hit: the address and each network around it, the name and each above
 *     it that counts for names below, the URL, its server, its path, and its host by itself.
 *
 * docs/indicators.md has the forms that are read, the canonical form of each kind, what is refused and why.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum indicator_kind {
	INDICATOR_IP,           /* IPv4 or IPv6; a v4-mapped v6 address is the v4 one */
	INDICATOR_NETWORK,
	INDICATOR_IP_PORT,
	INDICATOR_DOMAIN,       /* lower case, no final dot; `below`: and every name under it */
	INDICATOR_URL,          /* canonical form; or host/path, or /path alone */
	INDICATOR_MAIL,
	INDICATOR_MD5, INDICATOR_SHA1, INDICATOR_SHA256,
	INDICATOR_JA3, INDICATOR_JA4,
	INDICATOR_FILE_NAME,
};
extern const char *const indicator_kind_names[12];

struct indicator {
	enum indicator_kind kind;
	bool                below;
	str                 value;      /* canonical */
	str                 label;      /* of the source: a trail, a MISP event's info, a STIX name */
	str                 source;     /* file */
	int64_t             line;       /* in it, from 1; of STIX and MISP, the object's number */
};

struct indicators;
struct indicator_loader;
struct indicator_refusal { str file, value, why; int64_t line; const struct indicator_refusal *next; };
struct indicator_counts { int64_t kept, doubled, refused, allowed; };

/* force: also what would match half the world */
struct indicator_loader *indicators_begin(struct arena *a, bool force);
/* The secret of this process, before anything is added: who writes feeds or logs must not know where a
 * value stands in the table.  Without it, or read from a cache, the table is keyed all the same, but not by
 * a secret.  It stands in indicators_bytes: a cache is for its owner only (mode 0600). */
void indicators_seed(struct indicator_loader *l, const uint8_t seed[static 16]);
/* Every name of the files added from now on counts for all names below it, not only one with a leading
 * dot. */
void indicators_names_below(struct indicator_loader *l, bool all);
/* Which form it is (plain list, CSV, STIX bundle, MISP feed or event) is seen from the bytes, and said in
 * *out_form. */
MUST_CHECK bool indicators_add(struct indicator_loader *l, str file, str bytes, const char **out_form,
                               struct err *err);
MUST_CHECK bool indicators_allow(struct indicator_loader *l, str file, str bytes, struct err *err);
const struct indicators *indicators_finish(struct indicator_loader *l);
const struct indicator_refusal *indicators_refused(const struct indicator_loader *l); /* the first thousand */
struct indicator_counts indicators_counts(const struct indicators *i);
int64_t indicators_of_kind(const struct indicators *i, enum indicator_kind kind);       /* kept */
void indicators_free(const struct indicators *i);

/* The whole table as one block without pointers, to be written to a cache; it lives as long as the table. */
str  indicators_bytes(const struct indicators *i);
/* A table over such a block, at a multiple of 64 (as mmap gives it), which stays the caller's and outlives
 * it.  Refuses another version, another kind of machine and a damaged block. */
MUST_CHECK bool indicators_open_bytes(str bytes, const struct indicators **out, struct err *err);

/* Looking up: observables of many fields, or of many events, are gathered first and probed together, so
 * that the memory's latency is paid once a batch. */
enum { PROBE_BATCH = 64 };
enum probe_as {
	/* by its shape: an address (with port or not), a hash, a name, a URL, host/path, a mail address, JA4;
	 * /path alone and names of files have no shape of their own: say what they are */
	PROBE_ANY,
	PROBE_IP, PROBE_DOMAIN, PROBE_URL, PROBE_MAIL, PROBE_HASH, PROBE_FILE_NAME, PROBE_JA3, PROBE_JA4,
	PROBE_HASHES,           /* Sysmon's SHA1=..,MD5=.. */
	PROBE_TEXT,             /* whatever stands in running text: a command line, a syslog message */
};
struct probe {
	enum probe_as as;
	str           text;     /* of the event, as it is */
	int           port;     /* with an address: its port, or -1 */
	uint32_t      tag;      /* the caller's: which field, which event */
};
struct probe_hit {
	uint32_t         tag;
	ptrdiff_t        from, to;      /* in the probe's text */
	struct indicator what;
};
/* Looks all up; at most `most` hits are written, the number of them is returned.  Nothing is allocated. */
ptrdiff_t indicators_probe(const struct indicators *i, const struct probe *probes, ptrdiff_t count,
                           struct probe_hit *out, ptrdiff_t most);
