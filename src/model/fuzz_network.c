/* Addresses and networks are written as they are read (I1), agree with inet_pton, and contain what they
 * should. */
#include "model/network.h"

#include <arpa/inet.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_against_libc(struct arena *a, str text, bool ours, struct ip ip)
{
	uint8_t theirs[16] = { [10] = 0xff, [11] = 0xff };
	char *c = arena_cstr(a, text);
	if ((ptrdiff_t)strlen(c) != text.len || text.len > IP_TEXT_MAX)
		return;
	bool v6 = str_find_char(text, ':') >= 0;
	bool good = v6 ? inet_pton(AF_INET6, c, theirs) == 1 : inet_pton(AF_INET, c, theirs + 12) == 1;
	ASSERT(good == ours && (!ours || memcmp(theirs, ip.b, 16) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct ip ip = { { 0 } }, ip_again;
	struct network n, again;
	str text = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 1 << 20, 1 << 24);
	bool good = ip_parse(text, &ip, &err);
	check_against_libc(&a, text, good, ip);
	if (good)
		ASSERT(ip_parse(ip_format(&a, ip), &ip_again, &err) && ip_cmp(ip, ip_again) == 0);
	if (network_parse(text, &n, &err)) {
		str canonical = network_format(&a, n);
		ASSERT(network_parse(canonical, &again, &err) && network_cmp(n, again) == 0);
		/* of ::/80 it is among the mapped IPv4 addresses: I4 */
		struct ip last = network_last(n);
		ASSERT(network_contains(n, n.first) || ip_is_v4(n.first) != network_is_v4(n));
		ASSERT(network_contains(n, last) || ip_is_v4(last) != network_is_v4(n));
		ASSERT(network_covers(n, again) && ip_cmp(n.first, last) <= 0);
	}
	arena_done(&a);
	return 0;
}
