#include "model/network.h"

static void test_parse(struct arena *a)
{
	struct err err = { 0 };
	struct ip ip;
	/* RFC 5952 sections 4 and 5, RFC 4291 section 2.2 */
	static const struct {
		const char *text, *canonical;
	} good[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a" },
		{ "FF01:0:0:0:0:0:0:101", "ff01::101" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "0:0:1::", "0:0:1::" },
		{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:0201", "192.0.2.1" },
		{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
		{ "::13.1.68.3", "::d01:4403" },
		{ "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
		{ "fe80:0000:0000:0000:0204:61ff:fe9d:f156", "fe80::204:61ff:fe9d:f156" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(good); i++) {
		ASSERT(ip_parse(str_from(good[i].text), &ip, &err));
		ASSERT(str_eq(ip_format(a, ip), str_from(good[i].canonical)));
	}
}

static void test_refuse(struct arena *a)
{
	struct err err = { 0 };
	struct ip ip;
	static const char *const bad[] = {
		"",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"01.2.3.4",
		"1.2.3.00",
		"1.2.3.4 ",
		" 1.2.3.4",
		"0x1.2.3.4",
		"1..2.3",
		"1.2.3.",
		"12345",
		":",
		":::",
		"1:",
		":1",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1::2::3",
		"12345::",
		"g::",
		"::1:",
		"1:::2",
		"::1.2.3",
		"::01.2.3.4",
		"1.2.3.4::",
		"1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8",
		"fe80::1%eth0",
		"[::1]",
		"::1.2.3.4:5",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		err = (struct err){ 0 };
		ASSERT(!ip_parse(str_from(bad[i]), &ip, &err) && err.code == ERR_INPUT);
	}
	ASSERT(ip_from_bytes((str){ "\xc0\x00\x02\x01", 4 }, &ip, &err) &&
	       str_eq(ip_format(a, ip), S("192.0.2.1")));
	ASSERT(!ip_from_bytes(S("12345"), &ip, &err));
	struct ip again;
	ASSERT(ip_from_bytes(ip_bytes(&ip), &again, &err) && ip_cmp(ip, again) == 0 && ip_is_v4(again));
}

/* RFC 5952 4.2 for every pattern of zero groups. */
static void test_every_gap(struct arena *a)
{
	struct err err = { 0 };
	for (unsigned pattern = 0; pattern < 256; pattern++) {
		struct ip ip = { { 0 } }, back;
		for (unsigned g = 0; g < 8; g++)
			ip.b[2 * g + 1] = pattern >> g & 1;
		str text = ip_format(a, ip);
		ASSERT(ip_parse(text, &back, &err) && ip_cmp(ip, back) == 0);
		ptrdiff_t gap = str_find(text, S("::"));
		ASSERT(gap < 0 || str_find(str_sub(text, gap + 1, text.len), S("::")) < 0);
		ASSERT(gap >= 0 || str_find(text, S("0:0")) < 0);
	}
}

static struct network network(const char *text)
{
	struct err err = { 0 };
	struct network n;
	ASSERT(network_parse(str_from(text), &n, &err));
	return n;
}

static struct ip address(const char *text)
{
	struct err err = { 0 };
	struct ip ip;
	ASSERT(ip_parse(str_from(text), &ip, &err));
	return ip;
}

static void test_network(struct arena *a)
{
	struct err err = { 0 };
	struct network n;
	static const struct {
		const char *text, *canonical, *last;
	} good[] = {
		{ "192.0.2.0/24", "192.0.2.0/24", "192.0.2.255" },
		{ "192.0.2.7", "192.0.2.7/32", "192.0.2.7" },
		{ "0.0.0.0/0", "0.0.0.0/0", "255.255.255.255" },
		{ "10.0.0.0/9", "10.0.0.0/9", "10.127.255.255" },
		{ "2001:db8::/32", "2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "::/0", "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "::1", "::1/128", "::1" },
		{ "::ffff:192.0.2.0/120", "192.0.2.0/24", "192.0.2.255" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(good); i++) {
		n = network(good[i].text);
		ASSERT(str_eq(network_format(a, n), str_from(good[i].canonical)));
		ASSERT(str_eq(ip_format(a, network_last(n)), str_from(good[i].last)));
		ASSERT(network_cmp(n, network(good[i].canonical)) == 0);
	}
	static const char *const bad[] = { "",
					   "/24",
					   "1.2.3.0/",
					   "1.2.3.0/33",
					   "1.2.3.0/-1",
					   "1.2.3.0/024",
					   "1.2.3.0/2x",
					   "1.2.3.0/24/8",
					   "2001:db8::/129",
					   "1.2.3.0 /24",
					   "1.2.3/24",
					   "192.0.2.7/24",
					   "2001:db8::1/64" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		err = (struct err){ 0 };
		ASSERT(!network_parse(str_from(bad[i]), &n, &err) && err.code == ERR_INPUT);
	}
	ASSERT(!network_parse(S("192.0.2.7/24"), &n, &err) &&
	       str_find(str_from(err.text), S("192.0.2.0/24")) >= 0);
}

static void test_contains(void)
{
	static const struct {
		const char *network, *address; bool inside;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.0", true },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/24", "192.0.1.255", false },
		{ "0.0.0.0/0", "1.2.3.4", true },
		{ "::/0", "1.2.3.4", false },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "::1", true },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++)
		ASSERT(network_contains(network(cases[i].network), address(cases[i].address)) ==
		       cases[i].inside);
	ASSERT(network_covers(network("10.0.0.0/8"), network("10.1.0.0/16")));
	ASSERT(!network_covers(network("10.1.0.0/16"), network("10.0.0.0/8")));
	ASSERT(!network_covers(network("::/0"), network("10.0.0.0/8")));
	ASSERT(network_covers(network("10.0.0.0/8"), network("10.0.0.0/8")));
	ASSERT(network_cmp(network("10.0.0.0/8"), network("10.0.0.0/16")) < 0);
	ASSERT(network_cmp(network("10.0.0.0/8"), network("9.0.0.0/8")) > 0);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 26, 1 << 28);
	test_parse(&a);
	test_refuse(&a);
	test_every_gap(&a);
	test_network(&a);
	test_contains();
	arena_done(&a);
	return 0;
}
