#include "model/network.h"
#include "base/text.h"

#include <stdio.h>

enum { V4_AT = 12, V4_BITS = 96, GROUPS = 8 };

bool ip_is_v4(struct ip ip)
{
	static const uint8_t mapped[V4_AT] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	return memcmp(ip.b, mapped, V4_AT) == 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly four decimal numbers.  I3: no leading zeros. */
static bool read_v4(str text, uint8_t out[static 4])
{
	ptrdiff_t i = 0;
	for (int n = 0; n < 4; n++) {
		if (n > 0 && (i >= text.len || text.ptr[i++] != '.'))
			return false;
		ptrdiff_t from = i;
		int value = 0;
		for (; i < text.len && is_digit(text.ptr[i]) && i - from < 3; i++)
			value = value * 10 + text.ptr[i] - '0';
		if (i == from || value > 255 || (text.ptr[from] == '0' && i - from > 1))
			return false;
		out[n] = (uint8_t)value;
	}
	return i == text.len;
}

struct v6_reader {
	uint8_t bytes[16];
	int     count;          /* bytes so far */
	int     gap;            /* where :: stood, or -1 */
};

/* One group at *i, or the last 32 bits as IPv4. */
static bool read_group(str text, ptrdiff_t *i, struct v6_reader *r)
{
	ptrdiff_t from = *i;
	unsigned value = 0;
	for (; *i < text.len && text_hex_value(text.ptr[*i]) >= 0 && *i - from < 4; ++*i)
		value = value << 4 | (unsigned)text_hex_value(text.ptr[*i]);
	if (*i < text.len && text.ptr[*i] == '.') {
		*i = text.len;
		r->count += 4;
		return r->count <= 16 && read_v4(str_sub(text, from, text.len), r->bytes + r->count - 4);
	}
	if (*i == from || r->count > 14)
		return false;
	r->bytes[r->count++] = (uint8_t)(value >> 8);
	r->bytes[r->count++] = (uint8_t)value;
	return true;
}

static bool read_groups(str text, struct v6_reader *r)
{
	ptrdiff_t i = 0;
	if (str_starts(text, S("::"))) {
		r->gap = 0;
		i = 2;
	}
	while (i < text.len) {
		if (!read_group(text, &i, r))
			return false;
		if (i == text.len)
			break;
		if (text.ptr[i++] != ':' || i == text.len)      /* a single colon at the end */
			return false;
		if (text.ptr[i] == ':') {
			if (r->gap >= 0)
				return false;
			r->gap = r->count;
			i++;
		}
	}
	return r->gap < 0 ? r->count == 16 : r->count <= 14;    /* a gap stands for at least one group */
}

static bool read_v6(str text, uint8_t out[static 16])
{
	struct v6_reader r = { .gap = -1 };
	if (!read_groups(text, &r))
		return false;
	int head = r.gap < 0 ? 16 : r.gap, tail = r.count - head;
	memset(out, 0, 16);
	memcpy(out, r.bytes, (size_t)head);
	memcpy(out + 16 - tail, r.bytes + head, (size_t)tail);
	return true;
}

static bool read_ip(str text, struct ip *out)
{
	uint8_t bytes[16] = { [10] = 0xff, [11] = 0xff };
	bool v6 = str_find_char(text, ':') >= 0;
	if (text.len > IP_TEXT_MAX || !(v6 ? read_v6(text, bytes) : read_v4(text, bytes + V4_AT)))
		return false;
	memcpy(out->b, bytes, 16);
	return true;
}

bool ip_parse(str text, struct ip *out_ip, struct err *err)
{
	struct ip ip;
	if (!read_ip(text, &ip)) {
		if (str_find_char(text, '%') >= 0)
			return err_set(
				err, ERR_INPUT,
				"an IPv6 zone (after %%) means something on one machine only: leave it out");
		return err_set(err, ERR_INPUT,
			       "not an IP address: four numbers 0 to 255 without leading zeros, "
			       "or IPv6 as in 2001:db8::1");
	}
	*out_ip = ip;
	return true;
}

bool ip_from_bytes(str bytes, struct ip *out_ip, struct err *err)
{
	if (bytes.len != 4 && bytes.len != 16)
		return err_set(err, ERR_INPUT, "an IP address has 4 or 16 bytes, not %td", bytes.len);
	struct ip ip = { { [10] = 0xff, [11] = 0xff } };
	memcpy(ip.b + 16 - bytes.len, bytes.ptr, (size_t)bytes.len);
	*out_ip = ip;
	return true;
}

/* Where the longest run of zero groups starts, the first of equals, or -1 if none is longer than one group
 * (RFC 5952 section 4.2). */
static int longest_gap(const unsigned groups[static GROUPS], int *out_length)
{
	int best = -1;
	*out_length = 1;
	for (int i = 0; i < GROUPS; i++) {
		int n = 0;
		while (i + n < GROUPS && groups[i + n] == 0)
			n++;
		if (n > *out_length) {
			best = i;
			*out_length = n;
		}
		i += n;
	}
	return best;
}

static int write_v6(char *out, size_t size, const uint8_t b[static 16])
{
	unsigned groups[GROUPS];
	for (int i = 0; i < GROUPS; i++)
		groups[i] = (unsigned)b[2 * i] << 8 | b[2 * i + 1];
	int gap_length, gap = longest_gap(groups, &gap_length), n = 0;
	for (int i = 0; i < GROUPS; i++) {
		if (i == gap) {
			n += snprintf(out + n, size - (size_t)n, "::");
			i += gap_length - 1;
			continue;
		}
		bool colon = i > 0 && i != gap + gap_length;
		n += snprintf(out + n, size - (size_t)n, "%s%x", colon || (i > 0 && gap < 0) ? ":" : "",
			      groups[i]);
	}
	return n;
}

int ip_write(struct ip ip, char out[static IP_TEXT_MAX + 1])
{
	const uint8_t *b = ip.b + V4_AT;
	return ip_is_v4(ip) ? snprintf(out, IP_TEXT_MAX + 1, "%d.%d.%d.%d", b[0], b[1], b[2], b[3]) :
		write_v6(out, IP_TEXT_MAX + 1, ip.b);
}

str ip_format(struct arena *a, struct ip ip)
{
	char text[IP_TEXT_MAX + 1];
	int n = ip_write(ip, text);
	return arena_dup(a, (str){ text, n });
}

bool network_is_v4(struct network n)
{
	return n.bits >= V4_BITS && ip_is_v4(n.first);
}

int network_prefix(struct network n)
{
	return network_is_v4(n) ? n.bits - V4_BITS : n.bits;
}

/* Every bit from `bits` on becomes `fill` (0 or 0xff). */
static struct ip with_host_bits(struct ip ip, int bits, uint8_t fill)
{
	for (int i = 0; i < 16; i++) {
		int kept = MIN(MAX(bits - 8 * i, 0), 8);
		uint8_t host = (uint8_t)(0xff >> kept);
		ip.b[i] = (uint8_t)((ip.b[i] & ~host) | (fill & host));
	}
	return ip;
}

struct network network_of(struct ip ip, int bits)
{
	ASSERT(bits >= 0 && bits <= 128);
	return (struct network){ with_host_bits(ip, bits, 0), bits };
}

struct ip network_last(struct network n)
{
	return with_host_bits(n.first, n.bits, 0xff);
}

bool network_contains(struct network n, struct ip ip)
{
	bool same_family = network_is_v4(n) == ip_is_v4(ip);    /* I4 */
	return same_family && ip_cmp(with_host_bits(ip, n.bits, 0), n.first) == 0;
}

bool network_covers(struct network outer, struct network inner)
{
	bool same_family = network_is_v4(outer) == network_is_v4(inner);
	return same_family && outer.bits <= inner.bits &&
	       ip_cmp(with_host_bits(inner.first, outer.bits, 0), outer.first) == 0;
}

int network_cmp(struct network a, struct network b)
{
	int order = ip_cmp(a.first, b.first);
	return order ? order : a.bits - b.bits;
}

int network_write(struct network n, char out[static NETWORK_TEXT_MAX + 1])
{
	int length = ip_write(n.first, out);
	return length +
	       snprintf(out + length, (size_t)(NETWORK_TEXT_MAX + 1 - length), "/%d", network_prefix(n));
}

str network_format(struct arena *a, struct network n)
{
	char text[NETWORK_TEXT_MAX + 1];
	int length = network_write(n, text);
	return arena_dup(a, (str){ text, length });
}

bool network_parse(str text, struct network *out_n, struct err *err)
{
	str_cut_result cut = str_cut(text, '/');
	struct ip ip;
	if (!ip_parse(cut.head, &ip, err))
		return err_wrap(err, "network");
	/* A mapped address keeps the length as it was written: ::ffff:1.2.3.0/120 is 1.2.3.0/24. */
	bool v4 = str_find_char(cut.head, ':') < 0;
	int64_t prefix = v4 ? 32 : 128;
	bool padded = cut.tail.len > 1 && cut.tail.ptr[0] == '0';
	bool minus = cut.tail.len > 0 && cut.tail.ptr[0] == '-';
	if (cut.ok && (padded || minus || !str_to_int(cut.tail, 0, prefix, &prefix)))
		return err_set(err, ERR_INPUT, "the length after the / is a whole number from 0 to %d",
			       v4 ? 32 : 128);
	struct network n = network_of(ip, (int)prefix + (v4 ? V4_BITS : 0));
	if (ip_cmp(n.first, ip) != 0) {
		char meant[NETWORK_TEXT_MAX + 1], alone[IP_TEXT_MAX + 1];
		(void)network_write(n, meant);
		(void)ip_write(ip, alone);
		return err_set(err, ERR_INPUT, "%s is an address inside the network %s: write the network, "
			"or the address without a length", alone, meant);
	}
	*out_n = n;
	return true;
}
