#include "model/observable.h"

#include <stdio.h>
#include "base/buf.h"

/* What a text yields, one "type value" after another; derived ones in parentheses. */
static str listed(struct arena *a, str text)
{
	struct observables all = observable_extract(a, text, 1000);
	struct buf b;
	buf_init(&b, a, 1 << 16);
	for (ptrdiff_t i = 0; i < all.count; i++) {
		const struct observable *o = &all.items[i];
		buf_printf(&b, o->derived ? "%s(" STR_FMT " " STR_FMT ")" : "%s" STR_FMT " " STR_FMT,
			   i ? ", " : "", STR_ARG(observable_type_name(o->type)), STR_ARG(o->value));
	}
	ASSERT(!b.over && !all.cut);
	return buf_str(&b);
}

struct example { const char *text, *want; };

static void check(struct arena *a, const struct example *examples, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		str text = str_from(examples[i].text), got = listed(a, text);
		if (!str_eq(got, str_from(examples[i].want)))
			(void)fprintf(stderr, "text   %s\nwanted %s\ngot    " STR_FMT "\n", examples[i].text,
				      examples[i].want, STR_ARG(got));
		ASSERT(str_eq(got, str_from(examples[i].want)));
		ASSERT(str_eq(listed(a, observable_defang(a, text)), got));             /* I2 */
	}
}

static void test_addresses(struct arena *a)
{
	static const struct example examples[] = {
		{ "from 192.0.2.1.", "ipv4 192.0.2.1" },
		{ "192[.]0[.]2[.]1 192.0.2[.]1 192(.)0(.)2(.)1 192{.}0{.}2{.}1 192[dot]0[dot]2[dot]1",
		  "ipv4 192.0.2.1" },
		{ "192 dot 0 dot 2 dot 1", "ipv4 192.0.2.1" },
		{ "1.2.3 1.2.3.4.5 256.1.1.1 01.2.3.4 v1.2.3.4 1.2.3.4a", "" },
		{ "version 1.2.3.4", "ipv4 1.2.3.4" },
		{ "1.2.3.4:8080/index.html", "ipv4 1.2.3.4" },
		{ "192.0.2.1-192.0.2.9", "ipv4 192.0.2.1, ipv4 192.0.2.9" },
		{ "192.0.2.0/24, 192.0.2.0/24.", "cidr 192.0.2.0/24" },
		{ "10.1.2.3/24", "ipv4 10.1.2.3, (cidr 10.1.2.0/24)" },
		{ "192.0.2.1/32 192.0.2.2/33 192.0.2.3/2x 192.0.2.4/24/x",
		  "ipv4 192.0.2.1, ipv4 192.0.2.2, ipv4 192.0.2.3, ipv4 192.0.2.4" },
		{ "2001:DB8:0:0::1", "ipv6 2001:db8::1" },
		{ "[2001:db8::1]:443, 2001[:]db8[:][:]2; ::1: fe80::1%eth0",
		  "ipv6 2001:db8::1, ipv6 2001:db8::2, ipv6 ::1, ipv6 fe80::1" },
		{ "2001:db8::/32 and 2001:db8::5/64",
		  "cidr 2001:db8::/32, ipv6 2001:db8::5, (cidr 2001:db8::/64)" },
		{ "::ffff:192.0.2.7", "ipv4 192.0.2.7" },
		{ "12:30:45 00:11:22:33:44:55 00:11:22:33:44:55:66:77 std::string dead::beef a::b 10:20 :: "
		  "::::",
		  "" },
		{ "AS64500, asn64501 ASN 64502 ASN: 64503 AS1.10 AS64504-AS64505",
		  "asn AS64500, asn AS64501, asn AS64502, asn AS64503, asn AS65546, asn AS64504, asn "
		  "AS64505" },
		{ "as23-updater.com cve-2021-44228-scan.example.org",
		  "domain as23-updater.com, cve CVE-2021-44228, domain cve-2021-44228-scan.example.org" },
		{ "AS0 AS4294967296 AS064500 ASX as400x Asn was", "" },
	};
	check(a, examples, COUNTOF(examples));
}

static void test_names(struct arena *a)
{
	static const struct example examples[] = {
		{ "Evil.Example.COM.", "domain evil.example.com" },
		{ "evil[.]com evil(.)com evil{.}com evil[dot]com evil (dot) com evil [.] com evil dot com",
		  "domain evil.com" },
		{ "www dot evil dot com", "domain www.evil.com" },
		{ "connect the dot is easy, the dot in the middle", "" },
		{ "a\xef\xbc\x8e"
		  "com b\xe3\x80\x82"
		  "com \xe7\x9c\x8b"
		  "c.com\xe3\x80\x82\xe7\x84\xb6",
		  "domain a.com, domain b.com, domain c.com" },
		{ "report.pdf readme.txt invoice.docx Setup.exe lib.dll a.b.js page.html", "" },
		{ "invoice.zip setup.py readme.md libc.so done.Then No.Never", "" },
		{ "invoice[.]zip evil[.]md mail.invoice.zip evil.sh",
		  "domain invoice.zip, domain evil.md, domain mail.invoice.zip, domain evil.sh" },
		{ "Example.Com EXAMPLE.ORG", "domain example.com, domain example.org" },
		{ "e.g. i.e. U.S.A. 3.14 v2.0 a.b foo.c1 x.zz", "" },
		{ "_dmarc.example.com _example.org_ **example.net** example.edu-based",
		  "domain _dmarc.example.com, domain example.org, domain example.net, domain example.edu" },
		{ "my_file.name foo_bar.example.com", "domain foo_bar.example.com" },
		{ "-a.com a-.com -.com a..com wait...b.com", "domain a.com, domain b.com" },
		{ "xn--e1afmkfd.xn--p1ai \xd0\x9f\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84",
		  "domain xn--e1afmkfd.xn--p1ai" },
		{ "b\xc3\xbc"
		  "cher.example.de \xd8\xb3\xd8\xa7\xd8\xa6\xd9\xb9"
		  "evil.com\xd9\xbe\xd8\xb1",
		  "domain xn--bcher-kva.example.de, domain evil.com" },
		{ "\xd9\x85\xd8\xab\xd8\xa7\xd9\x84.\xd9\xbe\xd8\xa7\xda\xa9\xd8\xb3\xd8\xaa\xd8\xa7\xd9\x86",
		  "domain xn--mgbh0fb.xn--mgbai9azgqp6j" },
		{ "1.2.0.192.in-addr.arpa 4-3.isp.example.net",
		  "domain 1.2.0.192.in-addr.arpa, domain 4-3.isp.example.net" },
		{ "evil.com/evil.org:8080 evil.net?x", "domain evil.com, domain evil.org, domain evil.net" },
	};
	check(a, examples, COUNTOF(examples));
}

static void test_urls(struct arena *a)
{
	static const struct example examples[] = {
		{ "HTTP://Evil.COM:80/Path?q=1#f", "url http://evil.com/Path?q=1#f, domain evil.com" },
		{ "hxxps://evil[.]com hxxp[://]evil[.]com hxxp[:]//evil.com",
		  "url https://evil.com/, domain evil.com, url http://evil.com/" },
		{ "hXXp://a.com fxp://b.com:21/x ftp://c.com:2121",
		  "url http://a.com/, domain a.com, url ftp://b.com/x, domain b.com, "
		  "url ftp://c.com:2121/, domain c.com" },
		{ "(see http://evil.com/a_(b)). <http://evil.com/c>, \"http://evil.com/d\"; "
		  "http://evil.com/e!",
		  "url http://evil.com/a_(b), domain evil.com, url http://evil.com/c, url http://evil.com/d, "
		  "url http://evil.com/e" },
		{ "http://192.0.2.1:8080/x http://[2001:db8::1]/",
		  "url http://192.0.2.1:8080/x, ipv4 192.0.2.1, "
		  "url http://[2001:db8::1]/, ipv6 2001:db8::1" },
		{ "http://bank.com@evil.com/", "url http://bank.com@evil.com/, domain evil.com" },
		{ "http://evil.com./x http://evil.com:/y http://evil.com: z",
		  "url http://evil.com/x, domain evil.com, url http://evil.com/y, url http://evil.com/" },
		{ "http://evil.com/\xd9\xbe http://evil.com/a\xdb\x94",
		  "url http://evil.com/%D9%BE, domain evil.com, url http://evil.com/a" },
		{ "http://evil.com/r?u=http://other.org/x",
		  "url http://evil.com/r?u=http://other.org/x, domain evil.com" },
		{ "http://localhost/ http:///x http:// xhttp://evil.com http://3232235777/",
		  "domain evil.com" },
		{ "url-http://evil.com/x _http://evil.org evil.net-http://evil.com/x",
		  "url http://evil.com/x, domain evil.com, url http://evil.org/, domain evil.org, "
		  "domain evil.net" },
		{ "${jndi:ldap://192.0.2.1:1389/a}", "url ldap://192.0.2.1:1389/a, ipv4 192.0.2.1" },
		{ "http://setup.py/ http://a_b.com/",
		  "url http://setup.py/, domain setup.py, url http://a_b.com/, domain a_b.com" },
	};
	check(a, examples, COUNTOF(examples));
}

static void test_rest(struct arena *a)
{
	static const struct example examples[] = {
		{ "User.Name+tag@Evil.COM", "email User.Name+tag@evil.com, (domain evil.com)" },
		{ "u[@]evil[.]com, u[at]evil[.]com, u (at) evil (dot) com; mailto:u@evil.com",
		  "email u@evil.com, (domain evil.com)" },
		{ "u@evil.com evil.com", "email u@evil.com, domain evil.com" },
		{ "o'brien@evil.com 'x@evil.com' from=y@evil.com",
		  "email o'brien@evil.com, (domain evil.com), email x@evil.com, email y@evil.com" },
		{ "@evil.com a@b x@@evil.org", "domain evil.com, domain evil.org" },
		{ "D41D8CD98F00B204E9800998ECF8427E", "hash d41d8cd98f00b204e9800998ecf8427e" },
		{ "da39a3ee5e6b4b0d3255bfef95601890afd80709.exe",
		  "hash da39a3ee5e6b4b0d3255bfef95601890afd80709" },
		{ "md5:d41d8cd98f00b204e9800998ecf8427e 12345678901234567890123456789012 "
		  "d41d8cd98f00b204e9800998ecf8427",
		  "hash d41d8cd98f00b204e9800998ecf8427e" },
		{ "d41d8cd98f00b204e9800998ecf8427e.evil.com",
		  "domain d41d8cd98f00b204e9800998ecf8427e.evil.com" },
		{ "cve-2021-44228, CVE\xe2\x80\x91"
		  "2014\xe2\x80\x91"
		  "0160/CVE-2021-45046_x CVE-1-2 CVE-2021-123 CVE-2021-44228.txt",
		  "cve CVE-2021-44228, cve CVE-2014-0160, cve CVE-2021-45046" },
		{ "", "" },
	};
	check(a, examples, COUNTOF(examples));
}

static void test_defang(struct arena *a)
{
	static const struct example examples[] = {
		{ "See http://evil.com/a.php, mail u@evil.com or 192.0.2.1.",
		  "See hxxp://evil[.]com/a[.]php, mail u[@]evil[.]com or 192[.]0[.]2[.]1." },
		{ "HTTPS://u:p@evil.com:443/?u=http://x.org",
		  "hxxps://u:p[@]evil[.]com:443/?u=http[://]x[.]org" },
		{ "2001:db8::1/64 AS64500 CVE-2021-44228", "2001[:]db8[:][:]1/64 AS64500 CVE-2021-44228" },
		{ "http://localhost/x report.pdf setup.py", "hxxp://localhost/x report.pdf setup{.}py" },
		{ "evil[.]com evil (dot) com hxxp://evil[.]com",
		  "evil[.]com evil [.] com hxxp://evil[.]com" },
		{ "No link. None e.g. here.", "No link. None e.g. here." },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(examples); i++)
		ASSERT(str_eq(observable_defang(a, str_from(examples[i].text)), str_from(examples[i].want)));
	static const struct {
		enum observable_type type; const char *value, *want;
	} ones[] = {
		{ OBSERVABLE_IPV4, "192.0.2.1", "192[.]0[.]2[.]1" },
		{ OBSERVABLE_IPV6, "2001:db8::1", "2001[:]db8[:][:]1" },
		{ OBSERVABLE_CIDR, "192.0.2.0/24", "192[.]0[.]2[.]0/24" },
		{ OBSERVABLE_ASN, "AS64500", "AS64500" },
		{ OBSERVABLE_DOMAIN, "report.pdf", "report[.]pdf" },
		{ OBSERVABLE_EMAIL, "a.b@evil.com", "a[.]b[@]evil[.]com" },
		{ OBSERVABLE_URL, "https://evil.com/a?u=http://x.org/",
		  "hxxps://evil[.]com/a?u=http[://]x[.]org/" },
		{ OBSERVABLE_HASH, "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(ones); i++)
		ASSERT(str_eq(observable_defang_one(a, ones[i].type, str_from(ones[i].value)),
			      str_from(ones[i].want)));
}

static void test_parse(struct arena *a)
{
	struct err err = { 0 };
	struct observable o = { 0 };
	static const struct {
		const char *text; enum observable_type type; const char *value;
	} good[] = {
		{ " 203.0.113[.]7 ", OBSERVABLE_IPV4, "203.0.113.7" },
		{ "192.0.2.0/24", OBSERVABLE_CIDR, "192.0.2.0/24" },
		{ "hxxp://evil[.]com/x", OBSERVABLE_URL, "http://evil.com/x" },
		{ "evil.com", OBSERVABLE_DOMAIN, "evil.com" },
		{ "u@evil.com", OBSERVABLE_EMAIL, "u@evil.com" },
		{ "as64500", OBSERVABLE_ASN, "AS64500" },
		{ "abc::def", OBSERVABLE_IPV6, "abc::def" },
		{ "cve-2021-44228", OBSERVABLE_CVE, "CVE-2021-44228" },
		{ "evil.com.", OBSERVABLE_DOMAIN, "evil.com" },
		{ "setup.py", OBSERVABLE_DOMAIN, "setup.py" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(good); i++) {
		ASSERT(observable_parse(a, str_from(good[i].text), &o, &err));
		ASSERT(o.type == good[i].type && str_eq(o.value, str_from(good[i].value)));
	}
	static const char *const bad[] = { "",           "evil",        "evil.com evil.org",
					   "report.pdf", "10.1.2.3/24", "two words",
					   "192.0.2.1x" };
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		err = (struct err){ 0 };
		ASSERT(!observable_parse(a, str_from(bad[i]), &o, &err) && err.code == ERR_INPUT);
	}
	ASSERT(!observable_parse(a, S("10.1.2.3/24"), &o, &err) &&
	       str_find(str_from(err.text), S("10.1.2.0/24")) > 0);
	enum observable_type type;
	for (int i = 0; i < OBSERVABLE_TYPES; i++)
		ASSERT(observable_type_parse(observable_type_name((enum observable_type)i), &type, &err) &&
		       (int)type == i);
	ASSERT(!observable_type_parse(S("ip"), &type, &err));
	ASSERT(str_eq(observable_hash_name(S("da39a3ee5e6b4b0d3255bfef95601890afd80709")), S("SHA-1")));
}

static void test_limits(struct arena *a)
{
	struct buf b;
	buf_init(&b, a, 1 << 20);
	for (int i = 0; i < 3000; i++)
		buf_printf(&b, "h%d.example.com 10.0.%d.%d ", i, i / 250, i % 250);
	struct observables all = observable_extract(a, buf_str(&b), 10000);
	ASSERT(all.count == 6000 && !all.cut);
	all = observable_extract(a, buf_str(&b), 100);
	ASSERT(all.count == 100 && all.cut && str_eq(all.items[99].value, S("10.0.0.49")));
	ASSERT(observable_extract(a, buf_str(&b), 0).cut);
	ASSERT(all.items[0].at == 0 && all.items[0].len == 14);
	/* Offsets are those of the text as written. */
	all = observable_extract(a, S("at evil (dot) com now"), 9);
	ASSERT(all.count == 1 && all.items[0].at == 3 && all.items[0].len == 14);
	/* Longer than any name: nothing, and nothing breaks. */
	buf_init(&b, a, 1 << 20);
	buf_add(&b, S("http://evil.com/"));
	for (int i = 0; i < 5000; i++)
		buf_add(&b, S("ab."));
	all = observable_extract(a, buf_str(&b), 9);
	ASSERT(all.count == 2 && all.items[0].value.len == OBSERVABLE_URL_MAX &&
	       all.items[0].len == b.len - 1);
}

/* Linear or not is seen in the work, not in the time: 256 KiB of each would take many minutes if it were
 * quadratic. */
static void test_hostile(void)
{
	static const char *const units[] = {
		".", "@", "a.", "a@", "[", "[.", "[.]", "a[.]", ":", "a:", "1:", "::", "a dot ",
		"1 dot ", "http://", "http://a@", "a+", "a'", "a-", "_", "-", "AS", "ASN ", "CVE-",
		"1.2.3.4/", "/", "(", "http[://]", "\xe3\x80\x82", "a\xe3\x80\x82", "\xd8\xa7",
		"a\xd8\xa7", "\xff", "a [.] ", "com dot ",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.", "http://a.com/(",
	};
	enum { SIZE = 1 << 18 };
	struct arena a;
	arena_init(&a, 1 << 28, 1 << 30);
	for (ptrdiff_t i = 0; i < COUNTOF(units); i++) {
		char *text = NEW(&a, char, SIZE);
		size_t n = strlen(units[i]);
		for (size_t k = 0; k + n <= SIZE; k += n)
			memcpy(text + k, units[i], n);
		(void)observable_extract(&a, (str){ text, SIZE }, 1000);
		(void)observable_defang(&a, (str){ text, SIZE });
		arena_reset(&a);
	}
	arena_done(&a);
}

int main(void)
{
	struct arena a;
	arena_init(&a, 1 << 26, 1 << 28);
	test_addresses(&a);
	test_names(&a);
	test_urls(&a);
	test_rest(&a);
	test_defang(&a);
	test_parse(&a);
	test_limits(&a);
	test_hostile();
	arena_done(&a);
	return 0;
}
