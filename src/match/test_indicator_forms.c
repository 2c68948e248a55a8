/* Indicators from tables, STIX and MISP; allow-lists; the block as a cache. */
#include "match/indicator.h"

#include <stdio.h>
#include <stdlib.h>

struct desk {
	struct arena arena;
	struct indicator_loader *loader;
	const struct indicators *made;
	struct err err;
};

static void open_desk(struct desk *d)
{
	arena_init(&d->arena, 1 << 26, 1 << 28);
	d->loader = indicators_begin(&d->arena, false);
	d->made = NULL;
	d->err = (struct err){ .code = ERR_NONE };
}

static void close_desk(struct desk *d)
{
	if (d->made == NULL)
		d->made = indicators_finish(d->loader);
	indicators_free(d->made);
	arena_done(&d->arena);
}

static const char *add(struct desk *d, const char *text)
{
	const char *form = NULL;
	return indicators_add(d->loader, S("file"), str_from(text), &form, &d->err) ? form : NULL;
}

static void allow(struct desk *d, const char *text)
{
	bool good = indicators_allow(d->loader, S("allow"), str_from(text), &d->err);
	if (!good)
		fprintf(stderr, "%s\n", d->err.text);
	ASSERT(good);
}

static str found(struct desk *d, enum probe_as as, const char *text)
{
	struct probe_hit hit[32];
	struct probe p = { as, str_from(text), -1, 0 };
	if (d->made == NULL)
		d->made = indicators_finish(d->loader);
	ptrdiff_t n = indicators_probe(d->made, &p, 1, hit, 32);
	str out = { "", 0 };
	for (ptrdiff_t k = 0; k < n; k++)
		out = arena_printf(&d->arena, STR_FMT "%s" STR_FMT "=" STR_FMT "@%lld", STR_ARG(out),
				   k ? " " : "", STR_ARG(hit[k].what.value), STR_ARG(hit[k].what.label),
				   (long long)hit[k].what.line);
	return out;
}

static void expect(struct desk *d, enum probe_as as, const char *text, const char *want)
{
	str got = found(d, as, text);
	if (!str_eq(got, str_from(want)))
		fprintf(stderr, "%s: got '" STR_FMT "', not '%s'\n", text, STR_ARG(got), want);
	ASSERT(str_eq(got, str_from(want)));
}

/* The n-th refusal, as line:value:why. */
static str refused(struct desk *d, int n)
{
	const struct indicator_refusal *r = indicators_refused(d->loader);
	while (r != NULL && n-- > 0)
		r = r->next;
	if (r == NULL)
		return S("");
	return arena_printf(&d->arena, "%lld:" STR_FMT ": " STR_FMT, (long long)r->line, STR_ARG(r->value),
			    STR_ARG(r->why));
}

static bool has(str text, const char *part)
{
	return str_find(text, str_from(part)) >= 0;
}

static void test_csv(void)
{
	struct desk d;
	open_desk(&d);
	ASSERT(strcmp(add(&d, "Domain;SHA-256 Hash;Description\r\nevil.example;;\"first; of all\"\r\n"
			      ";275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F;second\r\n"),
		      "CSV") == 0);
	expect(&d, PROBE_DOMAIN, "evil.example", "evil.example=first; of all@2");
	expect(&d, PROBE_HASH, "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
	       "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f=second@3");
	close_desk(&d);

	/* as abuse.ch has them: the names are a comment, fields quoted, a comment at the end */
	open_desk(&d);
	ASSERT(strcmp(add(&d, "################\n# Feed, CC0\n#\n# "
			      "\"first_seen\",\"dst_ip\",\"dst_port\",\"malware\"\n"
			      "\"2026-01-01\",\"192.0.2.7\",\"443\",\"Emotet\"\n\"2026-01-02\",\"192.0.2.8\","
			      "\"\",\"X\"\n"
			      "# Number of entries: 2\n"),
		      "CSV") == 0);
	expect(&d, PROBE_ANY, "192.0.2.7:443", "192.0.2.7:443=Emotet@5");
	expect(&d, PROBE_IP, "192.0.2.7", "");
	expect(&d, PROBE_IP, "192.0.2.8", "192.0.2.8=X@6");
	close_desk(&d);

	open_desk(&d);
	ASSERT(strcmp(add(&d, "ioc_value,ioc_type,malware\n192.0.2.7:99,ip:port,"
			      "a\n44d88612fea8a8f36de82e1278abb02f,ja3,b\n"
			      "a,b\nevil.example,domain,c\n"),
		      "CSV") == 0);
	ASSERT(has(refused(&d, 0), "4:a,b"));
	expect(&d, PROBE_ANY, "192.0.2.7:99", "192.0.2.7:99=a@2");
	expect(&d, PROBE_JA3, "44D88612FEA8A8F36DE82E1278ABB02F", "44d88612fea8a8f36de82e1278abb02f=b@3");
	expect(&d, PROBE_DOMAIN, "evil.example", "evil.example=c@5");
	close_desk(&d);

	open_desk(&d);
	ASSERT(add(&d, "when,who,colour\n2026,me,red\n") == NULL &&
	       has(str_from(d.err.text), "without a column"));
	ASSERT(add(&d, "44d88612fea8a8f36de82e1278abb02f,5b2c8b4e-3c1c-4f3d-9d1c-0242ac110002\n") == NULL);
	ASSERT(has(str_from(d.err.text), "MISP feed"));
	ASSERT(add(&d, "a\0b") != NULL);
	close_desk(&d);
}

static void test_stix(void)
{
	struct desk d;
	open_desk(&d);
	ASSERT(strcmp(add(&d,
			  "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["
			  "{\"type\":\"identity\",\"name\":\"me\"},"
			  "{\"type\":\"indicator\",\"name\":\"one\",\"pattern_type\":\"stix\",\"pattern\":\"["
			  "ipv4-addr:value = '192.0.2.1']\"},"
			  "{\"type\":\"indicator\",\"name\":\"two\",\"pattern\":\"[ ipv4-addr:value ISSUBSET "
			  "'198.51.100.0/24' ]\"},"
			  "{\"type\":\"indicator\",\"id\":\"indicator--3\",\"pattern\":\"[file:hashes.'SHA-1'"
			  " = '3395856ce81f2b7382dee72602f798b642f14140']\"},"
			  "{\"type\":\"indicator\",\"name\":\"url\",\"pattern\":\"[url:value = "
			  "'http://x.example/it\\\\'s']\"},"
			  "{\"type\":\"indicator\",\"name\":\"or\",\"pattern\":\"[domain-name:value = "
			  "'a.example' OR domain-name:value = 'b.example']\"},"
			  "{\"type\":\"indicator\",\"name\":\"two\",\"pattern\":\"[domain-name:value = "
			  "'a.example'] AND [url:value = 'b']\"},"
			  "{\"type\":\"indicator\",\"name\":\"like\",\"pattern\":\"[domain-name:value LIKE "
			  "'%.example']\"},"
			  "{\"type\":\"indicator\",\"name\":\"mutex\",\"pattern\":\"[mutex:name = 'x']\"},"
			  "{\"type\":\"indicator\",\"name\":\"yara\",\"pattern_type\":\"yara\",\"pattern\":"
			  "\"rule x {}\"},"
			  "{\"type\":\"indicator\",\"name\":\"old\",\"revoked\":true,\"pattern\":\"[domain-"
			  "name:value = 'r.example']\"},"
			  "{\"type\":\"indicator\",\"name\":\"tld\",\"pattern\":\"[domain-name:value = "
			  "'com']\"},"
			  "{\"type\":\"indicator\",\"name\":\"none\"}"
			  "]}"),
		      "STIX bundle") == 0);
	static const char *const why[] = { "6:[domain-name:value = 'a.example' OR",
					   "7:[domain-name:value = 'a.example'] AND",
					   "8:[domain-name:value LIKE",
					   "9:[mutex:name",
					   "10:rule x {}: is in a language other",
					   "11:[domain-name:value = 'r.ex",
					   "12:com: has no dot",
					   "13:none: has no pattern" };
	for (int n = 0; n < 8; n++)
		ASSERT(has(refused(&d, n), why[n]));
	ASSERT(refused(&d, 8).len == 0);
	expect(&d, PROBE_IP, "192.0.2.1", "192.0.2.1=one@2");
	expect(&d, PROBE_IP, "198.51.100.9", "198.51.100.0/24=two@3");
	expect(&d, PROBE_HASH, "3395856CE81F2B7382DEE72602F798B642F14140",
	       "3395856ce81f2b7382dee72602f798b642f14140=indicator--3@4");
	expect(&d, PROBE_URL, "http://x.example/it's", "http://x.example/it's=url@5");
	expect(&d, PROBE_DOMAIN, "a.example", "");
	close_desk(&d);
}

static void test_misp(void)
{
	struct desk d;
	open_desk(&d);
	ASSERT(strcmp(add(&d, "{\"Event\":{\"info\":\"Campaign X\",\"uuid\":\"u\",\"Attribute\":["
			      "{\"type\":\"ip-dst\",\"value\":\"192.0.2.1\",\"to_ids\":true},"
			      "{\"type\":\"ip-dst\",\"value\":\"192.0.2.2\",\"to_ids\":false},"
			      "{\"type\":\"ip-dst|port\",\"value\":\"192.0.2.3|8443\",\"to_ids\":true},"
			      "{\"type\":\"domain|ip\",\"value\":\"x.example|192.0.2.4\",\"to_ids\":true},"
			      "{\"type\":\"filename|md5\",\"value\":\"a.exe|"
			      "44d88612fea8a8f36de82e1278abb02f\",\"to_ids\":true},"
			      "{\"type\":\"mutex\",\"value\":\"m\",\"to_ids\":true},"
			      "{\"type\":\"ip-src\",\"value\":\"203.0.113.0/24\",\"to_ids\":true}],"
			      "\"Object\":[{\"name\":\"file\",\"Attribute\":[{\"type\":\"sha1\",\"value\":"
			      "\"3395856ce81f2b7382dee72602f798b642f14140\","
			      "\"to_ids\":true},{\"type\":\"ja3-fingerprint-md5\",\"value\":"
			      "\"55d88612fea8a8f36de82e1278abb02f\",\"to_ids\":true}]}]}}"),
		      "MISP event") == 0);
	ASSERT(has(refused(&d, 0), "6:m: is of a type that is not looked for") && refused(&d, 1).len == 0);
	ASSERT(strcmp(add(&d, "{\"5b2c8b4e-3c1c-4f3d-9d1c-0242ac110002\":{\"info\":\"x\",\"Orgc\":{}}}"),
		      "MISP manifest (its events have the indicators)") == 0);
	ASSERT(strcmp(add(&d, "{\"response\":[{\"Event\":{\"info\":\"Y\",\"Attribute\":[{\"type\":"
			      "\"hostname\",\"value\":\"y.example\","
			      "\"to_ids\":true}]}}]}"),
		      "MISP events") == 0);
	ASSERT(add(&d, "{\"some\":\"thing\"}") == NULL && add(&d, "{\"Event\":") == NULL);
	expect(&d, PROBE_IP, "192.0.2.1", "192.0.2.1=Campaign X@1");
	expect(&d, PROBE_IP, "192.0.2.2", "");
	expect(&d, PROBE_ANY, "192.0.2.3:8443", "192.0.2.3:8443=Campaign X@3");
	expect(&d, PROBE_DOMAIN, "x.example", "x.example=Campaign X@4");
	expect(&d, PROBE_IP, "192.0.2.4", "192.0.2.4=Campaign X@4");
	expect(&d, PROBE_HASH, "44d88612fea8a8f36de82e1278abb02f",
	       "44d88612fea8a8f36de82e1278abb02f=Campaign X@5");
	expect(&d, PROBE_FILE_NAME, "a.exe", "");
	expect(&d, PROBE_IP, "203.0.113.200", "203.0.113.0/24=Campaign X@7");
	expect(&d, PROBE_HASH, "3395856ce81f2b7382dee72602f798b642f14140",
	       "3395856ce81f2b7382dee72602f798b642f14140=Campaign X@8");
	expect(&d, PROBE_JA3, "55d88612fea8a8f36de82e1278abb02f",
	       "55d88612fea8a8f36de82e1278abb02f=Campaign X@9");
	expect(&d, PROBE_DOMAIN, "y.example", "y.example=Y@1");
	close_desk(&d);
}

static const char seen[] = "192.0.2.1\n192.0.2.200\n203.0.113.0/24\n198.18.0.0/"
			   "15\n192.0.2.1:80\nwww.good.example\nexact.example\na.exact.example\n"
			   ".wide.example\n.odd.example\nhttp://www.good.example/evil\nhttp://"
			   "good.example.org/evil\n/drop.sh\nhost.sandbox.example\n"
			   "abuse@any.example\njoe@any.example\n44d88612fea8a8f36de82e1278abb02f\n";

static void test_allow(void)
{
	struct desk d;
	open_desk(&d);
	ASSERT(add(&d, seen) != NULL);
	allow(&d, "{\"type\":\"cidr\",\"name\":\"nets\",\"matching_attributes\":[\"ip-src\",\"ip-dst\"],"
		  "\"list\":[\"192.0.2.0/25\",\"203.0.113.0/25\",\"198.18.0.0/14\"]}");
	allow(&d, "{\"type\":\"hostname\",\"name\":\"h\",\"matching_attributes\":[\"hostname\",\"domain\","
		  "\"url\"],"
		  "\"list\":[\"good.example\",\".cdn.wide.example\"]}");
	allow(&d, "{\"type\":\"string\",\"name\":\"s\",\"matching_attributes\":[\"domain\",\"md5\"],"
		  "\"list\":[\"Exact.Example\",\"x.odd.example\",\"44D88612FEA8A8F36DE82E1278ABB02F\"]}");
	allow(&d, "{\"type\":\"substring\",\"name\":\"b\",\"matching_attributes\":[\"domain\"],\"list\":["
		  "\"sandbox\"]}");
	allow(&d, "{\"type\":\"regex\",\"name\":\"r\",\"matching_attributes\":[\"email-src\"],"
		  "\"list\":[\"/^(security|noc|soc|abuse)\\\\@.*\\\\..*$/i\"]}");
	expect(&d, PROBE_IP, "192.0.2.1", "");
	expect(&d, PROBE_IP, "192.0.2.200", "192.0.2.200=@2");
	/* the network is larger than what is allowed of it, so that it counts outside of that */
	expect(&d, PROBE_IP, "203.0.113.5", "");
	expect(&d, PROBE_IP, "203.0.113.205", "203.0.113.0/24=@3");
	expect(&d, PROBE_IP, "198.18.1.1", "");
	/* ip-dst is not ip-dst|port */
	expect(&d, PROBE_ANY, "192.0.2.1:80", "192.0.2.1:80=@5");
	expect(&d, PROBE_DOMAIN, "www.good.example", "");
	expect(&d, PROBE_DOMAIN, "exact.example", "");
	expect(&d, PROBE_DOMAIN, "a.exact.example", "a.exact.example=@8");
	expect(&d, PROBE_DOMAIN, "x.wide.example", "wide.example=@9");
	expect(&d, PROBE_DOMAIN, "x.cdn.wide.example", "");
	expect(&d, PROBE_DOMAIN, "y.odd.example", "odd.example=@10");
	expect(&d, PROBE_DOMAIN, "x.odd.example", "");
	expect(&d, PROBE_URL, "http://www.good.example/evil", "");
	expect(&d, PROBE_URL, "http://good.example.org/evil", "http://good.example.org/evil=@12");
	expect(&d, PROBE_URL, "http://a.example/drop.sh", "/drop.sh=@13");
	expect(&d, PROBE_URL, "http://a.good.example/drop.sh", "");
	expect(&d, PROBE_DOMAIN, "host.sandbox.example", "");
	expect(&d, PROBE_MAIL, "abuse@any.example", "");
	expect(&d, PROBE_MAIL, "joe@any.example", "joe@any.example=@16");
	expect(&d, PROBE_HASH, "44d88612fea8a8f36de82e1278abb02f", "");
	ASSERT(indicators_counts(d.made).allowed == 8);
	close_desk(&d);
}

static void test_allow_forms(void)
{
	struct desk d;
	open_desk(&d);
	ASSERT(add(&d, "192.0.2.1\nevil.example\nx.below.example\n203.0.113.9\n") != NULL);
	allow(&d, "# our own\n192.0.2.0/24\tnet\nevil.example\n.below.example\n");
	allow(&d, "{\"type\":\"regex\",\"name\":\"r\",\"list\":[\"/(?<=x)a/\",\"/((a{9}){9}){9}/\"]}");
	ASSERT(has(refused(&d, 0), "regular expression") && has(refused(&d, 1), "regular expression"));
	ASSERT(!indicators_allow(d.loader, S("x"), S("{\"type\":\"odd\",\"list\":[]}"), &d.err) &&
	       has(str_from(d.err.text), "odd"));
	ASSERT(!indicators_allow(d.loader, S("x"), S("{\"type\":\"cidr\"}"), &d.err));
	ASSERT(!indicators_allow(d.loader, S("x"), S("{\"type\":"), &d.err));
	d.made = indicators_finish(d.loader);
	ASSERT(indicators_counts(d.made).kept == 1 && indicators_counts(d.made).allowed == 3);
	expect(&d, PROBE_IP, "203.0.113.9", "203.0.113.9=@4");
	close_desk(&d);
}

static void test_names_below(void)
{
	struct desk d;
	open_desk(&d);
	indicators_names_below(d.loader, true);
	ASSERT(add(&d, "evil.example\n") != NULL);
	expect(&d, PROBE_DOMAIN, "c2.evil.example", "evil.example=@1");
	expect(&d, PROBE_DOMAIN, "notevil.example", "");
	close_desk(&d);
}

static void test_damage(void)
{
	struct desk d;
	const struct indicators *opened = NULL;
	open_desk(&d);
	ASSERT(add(&d, seen) != NULL);
	d.made = indicators_finish(d.loader);
	str bytes = indicators_bytes(d.made);
	char *copy = aligned_alloc(64, ((size_t)bytes.len + 127) & ~(size_t)63);
	for (ptrdiff_t at = 0; at < bytes.len; at += at < 1000 ? 1 : 997) {
		memcpy(copy, bytes.ptr, (size_t)bytes.len);
		copy[at] ^= 0x10;
		ASSERT(!indicators_open_bytes((str){ copy, bytes.len }, &opened, &d.err) && opened == NULL);
	}
	memcpy(copy, bytes.ptr, (size_t)bytes.len);
	ASSERT(!indicators_open_bytes((str){ copy, bytes.len - 1 }, &opened, &d.err));
	ASSERT(!indicators_open_bytes((str){ copy, 0 }, &opened, &d.err));
	memcpy(copy + 8, bytes.ptr, (size_t)bytes.len);
	ASSERT(!indicators_open_bytes((str){ copy + 8, bytes.len }, &opened, &d.err));
	free(copy);
	close_desk(&d);
}

static void test_empty(void)
{
	struct desk d;
	open_desk(&d);
	ASSERT(add(&d, "") != NULL && add(&d, "# nothing\n\n") != NULL);
	expect(&d, PROBE_IP, "192.0.2.1", "");
	expect(&d, PROBE_TEXT, "http://evil.example/ 192.0.2.1", "");
	const struct indicators *opened;
	ASSERT(indicators_open_bytes(indicators_bytes(d.made), &opened, &d.err));
	indicators_free(opened);
	close_desk(&d);
}

int main(void)
{
	test_csv();
	test_stix();
	test_misp();
	test_allow();
	test_allow_forms();
	test_names_below();
	test_damage();
	test_empty();
	return 0;
}
