/* network.h - IP addresses and prefixes.
 *
 * An address is always 16 bytes; IPv4 is held as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), and a mapped
 * address that somebody wrote as IPv6 *is* the IPv4 address.  Bytewise order is numeric order, so that
 * first and last address of a network are the two ends of a range index.
 *
 * I1. Formatting and parsing again gives the same value; formatting is RFC 5952, IPv4 as four decimal
 * numbers.
 * I2. A struct network made here has no host bits.
 * I3. Numbers of IPv4 have no leading zeros: 010 is eight to some programs and ten to others.
 * I4. IPv4 never lies in an IPv6 network, not even in ::/0: check what a range index found with
 * network_contains.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct ip { uint8_t b[16]; };

struct network {
	struct ip first;
	int       bits;                 /* of 128; an IPv4 /24 is 120 here */
};

enum { IP_TEXT_MAX = 45, NETWORK_TEXT_MAX = 49 };

static inline int ip_cmp(struct ip a, struct ip b)
{
	return memcmp(a.b, b.b, 16);
}

/* The bytes as a slice of *a, for a range index: it lives as long as *a. */
static inline str ip_bytes(const struct ip *a)
{
	return (str){ (const char *)a->b, 16 };
}

MUST_CHECK bool ip_parse(str text, struct ip *out_ip, struct err *err);
str             ip_format(struct arena *a, struct ip ip);
/* the length; for callers without an arena */
int             ip_write(struct ip ip, char out[static IP_TEXT_MAX + 1]);
bool            ip_is_v4(struct ip ip);
/* 4 or 16 bytes, as in DNS and SQL */
MUST_CHECK bool ip_from_bytes(str bytes, struct ip *out_ip, struct err *err);

/* An address alone is a network of one.  Host bits must be zero; the error offers the network that was
 * meant. */
MUST_CHECK bool network_parse(str text, struct network *out_n, struct err *err);
str             network_format(struct arena *a, struct network n);      /* always with the prefix length */
int             network_write(struct network n, char out[static NETWORK_TEXT_MAX + 1]);
/* bits of 128; host bits are cleared */
struct network  network_of(struct ip ip, int bits);
/* as people write it: 0..32 or 0..128 */
int             network_prefix(struct network n);
bool            network_is_v4(struct network n);
struct ip       network_last(struct network n);
bool            network_contains(struct network n, struct ip ip);
bool            network_covers(struct network outer, struct network inner);
/* by first address, the wider first */
int             network_cmp(struct network a, struct network b);
