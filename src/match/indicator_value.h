/* indicator_value.h - canonical forms: what makes an indicator and an observable equal.
 *
 * docs/indicators.md has them as a table.  The same functions read lists and events, so that both are the
 * same.
 */
#pragma once
#include "match/indicator_block.h"

enum {
	NAME_MAX_LENGTH = 253,
	NAME_LABELS = 128,
	TEXT_PAD = 16,                  /* a canonical form may be written in steps of eight bytes */
};

/* A name in lower case and the places of its dots.  `text` has room for the name and TEXT_PAD more. */
struct name {
	char     *text;
	int       len, dots;
	uint8_t   dot[NAME_LABELS];
};
/* Any bytes of 1 to NAME_MAX_LENGTH, without one final dot; names with other letters than ASCII become
 * Punycode if they are names, else stay as they are.  False: too long, too short, too many dots. */
bool value_name(str text, struct name *out);
/* ... and it is a name that hosts may have: labels of letters, digits, - and _ */
bool value_is_name(const struct name *n);
uint64_t hash_name(const uint64_t secret[static 4], const struct name *n);
bool value_ip(str text, struct ip *out);                /* IPv4 or IPv6, in [] or not; without a zone */
bool value_port(str text, int *out);
/* address:port, of IPv6 in [] */
bool value_ip_port(str text, struct ip *out_ip, int *out_port);
/* as ip_write does, at a tenth of its cost for IPv4 */
int  value_write_ip(struct ip ip, char out[static IP_TEXT_MAX + 1]);
int  value_write_ip_port(struct ip ip, int port, char out[static IP_TEXT_MAX + 9]);

struct url {
	char *text;                     /* VALUE_MAX + TEXT_PAD; canonical */
	int   len;
	int   host, host_end;           /* in text; without [] */
	int   port;                     /* as written or the scheme's; -1: not known */
	int   authority_end;            /* text[.. authority_end) is scheme://host:port */
	int   path;                     /* text[path ..] starts with /, or is empty */
	int   query;                    /* index of the ?, or len */
	bool  scheme, has_port, has_path, cut;
	bool  is_ip;
	struct ip ip;
	ptrdiff_t from, to;             /* the host, in the text read */
};
/* scheme://host/path, host/path or /path.  False if it is none. */
bool value_url(str text, struct url *out);
bool value_has_scheme(str text);

/* Hashes and JA4: in lower case.  The kind is told by the length, or -1. */
int  value_hash_kind(str text);                         /* hexadecimal and as long as one */
bool value_is_ja4(str text);
void value_lower(char *out, const char *p, ptrdiff_t n);        /* ASCII; out has TEXT_PAD more */
/* The last component of a path of Windows or Unix. */
str  value_base_name(str text);
/* local@domain in canonical form; the name is at n->text */
int  value_mail(str text, char out[static VALUE_MAX + TEXT_PAD], ptrdiff_t *out_from, ptrdiff_t *out_to);
/* The network, host bits cleared if `loose`. */
bool value_network(str text, struct network *out, bool loose);

/* One value as it stands in a list: which kind it is, canonical.  `kind` -1: by its shape. */
struct value {
	int            kind;
	bool           below;
	bool           all_below;       /* the caller's: every name counts for those below it */
	str            text;            /* in `room` */
	uint64_t       hash;
	struct network network;         /* of IP, IP_PORT, NETWORK */
	char           room[VALUE_MAX + TEXT_PAD];
};
/* NULL, or what is wrong with it */
const char *value_read(const uint64_t secret[static 4], str text, int kind, struct value *out);
/* NULL, or why it would match half the world: indicator_read.c */
const char *value_guard(const struct value *v);
