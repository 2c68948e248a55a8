/* observable.h - the addresses, names, links, hashes and CVE ids in a text, and texts made safe to show.
 *
 * Reads them plain and as people write them to be harmless: [.] (.) {.} [dot] (dot) " dot ", [@] [at]
 * (at), [:], [://], hxxp, fxp, full-width dots.  Every value is canonical, so that equal things are equal
 * bytes:
 *   domain  lower case, no dot at the end, Unicode labels as Punycode      ipv4, ipv6, cidr   see network.h
 *   url     scheme and host lower case, default port dropped, "/" for an empty path, non-ASCII as %XX
 *   hash    lower-case hexadecimal: 32 MD5, 40 SHA-1, 64 SHA-256, 128 SHA-512
 *   asn     AS64500        cve     CVE-2021-44228        email   domain lower case, local part as written
 *
 * I1. Time and memory are linear in the text, whatever the text is.
 * I2. extract(defang(x)) and extract(x) are the same set.
 * I3. Values are printable ASCII without blanks.
 * I4. In a defanged text no word is an http or ftp scheme before "://", and no dot or at sign of a host,
 *     address or link is left bare.
 *
 * What is a domain is a guess: see host_name.h.  report.pdf is none; four numbers are an IPv4 address,
 * never a version.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum observable_type {
	OBSERVABLE_IPV4, OBSERVABLE_IPV6, OBSERVABLE_CIDR, OBSERVABLE_ASN, OBSERVABLE_DOMAIN, OBSERVABLE_URL,
	OBSERVABLE_HASH, OBSERVABLE_CVE, OBSERVABLE_EMAIL, OBSERVABLE_TYPES
};

struct observable {
	enum observable_type type;
	str       value;                /* canonical, in the arena */
	ptrdiff_t at, len;              /* where it first stands in the text */
	/* only implied: the domain of a mail address, the network of 10.1.2.3/24 */
	bool      derived;
};

struct observables {
	struct observable *items;       /* in order of appearance, each (type, value) once */
	ptrdiff_t count;
	bool      cut;                  /* there were more than `max` */
};

enum { OBSERVABLE_MAX_DEFAULT = 1000, OBSERVABLE_URL_MAX = 2048 };      /* a longer URL is cut there */

struct observables observable_extract(struct arena *a, str text, ptrdiff_t max);

/* What a person typed into one field, plain or defanged: it must be one observable and nothing else. */
MUST_CHECK bool observable_parse(struct arena *a, str text, struct observable *out_o, struct err *err);

str         observable_defang(struct arena *a, str text);       /* any text */
/* a canonical value */
str         observable_defang_one(struct arena *a, enum observable_type type, str value);

str             observable_type_name(enum observable_type type);        /* "ipv4", "cidr", "hash" ... */
MUST_CHECK bool observable_type_parse(str name, enum observable_type *out_type, struct err *err);
str             observable_hash_name(str value);        /* "MD5", "SHA-1", "SHA-256", "SHA-512" by length */
