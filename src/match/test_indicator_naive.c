/* The table against a matcher that tries every indicator in turn: random indicators, random observables,
 * the same hits.  Both sides are made of parts here, so that the naive one knows them without reading any
 * text. */
#include "match/indicator.h"
#include "model/network.h"

#include <stdio.h>
#include <stdlib.h>

enum { THINGS = 80, PROBES = 150, ROUNDS = 300, TEXT = 400 };

static uint64_t dice = 0x9e3779b97f4a7c15u;

static unsigned roll(unsigned n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice >> 33) % n;
}

/* Something that is an indicator or an observable. */
enum part {
	PART_IP,
	PART_NETWORK,
	PART_NAME,
	PART_URL,
	PART_MAIL,
	PART_HASH,
	PART_JA3,
	PART_JA4,
	PART_FILE,
	PARTS
};
enum shape { SHAPE_FULL, SHAPE_SERVER, SHAPE_HOST_PATH, SHAPE_PATH };
struct thing {
	enum part part;
	struct network net; /* PART_IP, PART_NETWORK; of a URL's host if it is an address */
	int port;           /* -1: none */
	bool below, host_is_ip, https;
	enum shape shape;
	char name[80], path[40], query[16], word[80];
};

static const char *pick(const char *const *words, unsigned count)
{
	return words[roll(count)];
}

static void random_name(char *out)
{
	static const char *const labels[] = { "a",    "b",   "cc",
					      "evil", "www", "a-rather-long-label-of-a-name",
					      "x1_y" };
	static const char *const tops[] = { "com", "net", "example", "xn--p1ai" };
	int n = 0;
	for (unsigned k = 1 + roll(4); k > 0 && n < 30; k--)
		n += snprintf(out + n, (size_t)(80 - n), "%s.", pick(labels, 7));
	snprintf(out + n, (size_t)(80 - n), "%s", pick(tops, 4));
}

static struct ip random_ip(void)
{
	struct ip v4 = {
		{ [10] = 0xff, 0xff, 10, (uint8_t)roll(3), (uint8_t)(100 * roll(3)), (uint8_t)(1 + roll(4)) }
	};
	struct ip v6 = { { 0x20, 1, 0x0d, 0xb8, (uint8_t)roll(2), [15] = (uint8_t)roll(4) } };
	return roll(3) ? v4 : v6;
}

static void random_word(struct thing *t)
{
	static const char hex[] = "0123456789abcdef";
	static const int lengths[] = { 32, 40, 64 };
	int n = t->part == PART_HASH ? lengths[roll(3)] : 32, which = (int)roll(6);
	if (t->part == PART_JA4) {
		snprintf(t->word, sizeof(t->word), "t13d15%02dh2_8daaf6152771_b186095e22b%d", 10 + which,
			 which);
	} else if (t->part == PART_FILE) {
		static const char *const stems[] = { "drop",     "evil payload",
						     "x",        "long-file-name-of-something",
						     "drop.tar", "y" };
		static const char *const ends[] = { ".exe", ".dll", ".ps1" };
		snprintf(t->word, sizeof(t->word), "%s%s", pick(stems, 6), pick(ends, 3));
	} else {
		for (int i = 0; i < n; i++)
			t->word[i] = hex[(i * 7 + which * (i % 5 + 1)) % 16];
		t->word[n] = 0;
	}
}

static void random_url(struct thing *t)
{
	static const char *const paths[] = { "/",           "/a.php", "/a/b",       "/A/b",
					     "/gate/x.php", "/a%20b", "/drop/me.sh" };
	static const char *const queries[] = { "", "", "?", "?id=1", "?id=2&x=/y" };
	static const int ports[] = { -1, -1, 80, 443, 8080 };
	t->shape = (enum shape)roll(4);
	t->https = roll(2);
	t->host_is_ip = roll(3) == 0;
	t->port = ports[roll(5)];
	snprintf(t->path, sizeof(t->path), "%s", pick(paths, 7));
	snprintf(t->query, sizeof(t->query), "%s", pick(queries, 5));
	if (t->shape == SHAPE_SERVER)
		t->path[0] = t->query[0] = 0;
	if (t->shape == SHAPE_PATH && strlen(t->path) < 2)
		snprintf(t->path, sizeof(t->path), "/drop/me.sh");
}

static struct thing random_thing(bool indicator)
{
	struct thing t = { .part = (enum part)roll(PARTS), .port = -1 };
	struct ip ip = random_ip();
	bool v4 = ip_is_v4(ip);
	t.net = (struct network){ ip, 128 };
	random_name(t.name);
	if (t.part == PART_NETWORK && !indicator)
		t.part = PART_IP;
	if (t.part == PART_NETWORK)
		t.net = network_of(ip, v4 ? 96 + 8 + (int)roll(24) : 16 + (int)roll(112));
	if (t.part == PART_IP && roll(3) == 0)
		t.port = roll(2) ? 443 : 8080;
	if (t.part == PART_NAME && indicator)
		t.below = roll(3) == 0;
	if (t.part == PART_URL)
		random_url(&t);
	random_word(&t);
	return t;
}

/* ---- as text: an indicator as a list has it, an observable as an event may */

static void noise(char *s)
{
	for (; *s; s++)
		if (*s >= 'a' && *s <= 'z' && roll(3) == 0)
			*s = (char)(*s - 32);
}

static int write_ip(struct ip ip, bool brackets, char *out)
{
	char room[IP_TEXT_MAX + 1];
	int n = ip_write(ip, room);
	if (ip_is_v4(ip) && brackets && roll(8) == 0)
		return snprintf(out, TEXT, "[::ffff:%.*s]", n, room);
	return snprintf(out, TEXT, brackets && !ip_is_v4(ip) ? "[%.*s]" : "%.*s", n, room);
}

static void write_url(const struct thing *t, char *out)
{
	char host[TEXT], port[16] = "";
	const char *top = t->shape != SHAPE_PATH && roll(6) == 0 && t->path[0] ? "#top" : "";
	const char *user = roll(4) ? "" : "user:pw@", *scheme = t->https  ? "https"
								: roll(2) ? "http"
									  : "HTTP";
	if (t->host_is_ip)
		write_ip(t->net.first, true, host);
	else
		snprintf(host, sizeof(host), "%s", t->name);
	noise(host);
	if (t->port >= 0)
		snprintf(port, sizeof(port), ":%d", t->port);
	if (t->shape == SHAPE_PATH)
		snprintf(out, TEXT, "%s%s", t->path, t->query);
	else if (t->shape == SHAPE_HOST_PATH)
		snprintf(out, TEXT, "%.90s%s%s%s%s", host, port, t->path, t->query, top);
	else
		snprintf(out, TEXT, "%s://%s%.90s%s%s%s%s", scheme, user, host, port, t->path, t->query, top);
}

static void write_thing(const struct thing *t, bool indicator, char *out)
{
	char network[NETWORK_TEXT_MAX + 1];
	int n = 0;
	switch (t->part) {
	case PART_IP:
		n = write_ip(t->net.first, t->port >= 0, out);
		if (t->port >= 0)
			snprintf(out + n, (size_t)(TEXT - n), ":%d", t->port);
		break;
	case PART_NETWORK:
		snprintf(out, TEXT, "%.*s", network_write(t->net, network), network);
		break;
	case PART_NAME:
		snprintf(out, TEXT, "%s%s%s", t->below ? "." : "", t->name,
			 !indicator && roll(4) == 0 ? "." : "");
		noise(out);
		break;
	case PART_URL:
		write_url(t, out);
		break;
	case PART_MAIL:
		snprintf(out, TEXT, "%s@%s", t->word[0] & 1 ? "joe" : "ann.b", t->name);
		noise(out);
		break;
	case PART_HASH:
	case PART_JA3:
	case PART_JA4:
	case PART_FILE:
	case PARTS:
		snprintf(out, TEXT, "%s", t->word);
		noise(out);
		break;
	}
}

/* ---- the naive matcher */

static bool hits_ip(const struct thing *i, struct ip ip, int port)
{
	if (i->part == PART_NETWORK)
		return network_contains(i->net, ip);
	return i->part == PART_IP && ip_cmp(i->net.first, ip) == 0 && (i->port < 0 || i->port == port);
}

static bool hits_name(const struct thing *i, const char *name)
{
	size_t n = strlen(name), k = strlen(i->name);
	if (i->part != PART_NAME)
		return false;
	if (strcmp(name, i->name) == 0)
		return true;
	return i->below && n > k && name[n - k - 1] == '.' && strcmp(name + n - k, i->name) == 0;
}

static int real_port(const struct thing *u)
{
	return u->port >= 0 ? u->port : u->shape == SHAPE_HOST_PATH ? -1 : u->https ? 443 : 80;
}

static bool same_host(const struct thing *a, const struct thing *b)
{
	if (a->host_is_ip != b->host_is_ip)
		return false;
	return a->host_is_ip ? ip_cmp(a->net.first, b->net.first) == 0 : strcmp(a->name, b->name) == 0;
}

static const char *path_of(const struct thing *u)
{
	return u->path[0] ? u->path : "/";
}

/* The whole path and query, or the path alone if the indicator has no query. */
static bool same_path(const struct thing *i, const struct thing *u)
{
	return strcmp(path_of(i), path_of(u)) == 0 && (i->query[0] == 0 || strcmp(i->query, u->query) == 0);
}

static bool hits_url(const struct thing *i, const struct thing *u)
{
	bool scheme = u->shape == SHAPE_FULL || u->shape == SHAPE_SERVER;
	if (i->part != PART_URL)
		return u->shape != SHAPE_PATH &&
		       (u->host_is_ip ? hits_ip(i, u->net.first, real_port(u)) : hits_name(i, u->name));
	bool same_server = scheme && i->https == u->https && same_host(i, u) && real_port(i) == real_port(u);
	bool usual = i->port < 0 || i->port == 80 || i->port == 443;
	switch (i->shape) {
	case SHAPE_FULL:
		return same_server && strcmp(path_of(i), path_of(u)) == 0 && strcmp(i->query, u->query) == 0;
	case SHAPE_SERVER:
		return same_server;
	case SHAPE_HOST_PATH:
		return u->shape != SHAPE_PATH && same_host(i, u) && (usual || i->port == u->port) &&
		       same_path(i, u);
	case SHAPE_PATH:
		return same_path(i, u);
	}
	return false;
}

static bool hits_mail(const struct thing *i, const struct thing *m)
{
	if (i->part == PART_MAIL)
		return (i->word[0] & 1) == (m->word[0] & 1) && strcmp(i->name, m->name) == 0;
	return hits_name(i, m->name);
}

static bool naive(const struct thing *i, const struct thing *o)
{
	switch (o->part) {
	case PART_IP:
		return hits_ip(i, o->net.first, o->port);
	case PART_NAME:
		return hits_name(i, o->name);
	case PART_URL:
		return hits_url(i, o);
	case PART_MAIL:
		return hits_mail(i, o);
	case PART_HASH:
	case PART_JA3:
	case PART_JA4:
	case PART_FILE:
		return i->part == o->part && strcmp(i->word, o->word) == 0;
	case PART_NETWORK:
	case PARTS:
		break;
	}
	return false;
}

/* ---- both */

/* Are they one key of the table, of which the first stays? */
static bool is_same(const struct thing *a, const struct thing *b)
{
	if (a->part != b->part)
		return false;
	switch (a->part) {
	case PART_IP:
		return ip_cmp(a->net.first, b->net.first) == 0 && a->port == b->port;
	case PART_NETWORK:
		return network_cmp(a->net, b->net) == 0;
	case PART_NAME:
		return strcmp(a->name, b->name) == 0;
	case PART_MAIL:
		return (a->word[0] & 1) == (b->word[0] & 1) && strcmp(a->name, b->name) == 0;
	case PART_URL:
		break;
	case PART_HASH:
	case PART_JA3:
	case PART_JA4:
	case PART_FILE:
	case PARTS:
		return strcmp(a->word, b->word) == 0;
	}
	bool path = a->shape == b->shape && strcmp(path_of(a), path_of(b)) == 0 &&
		    strcmp(a->query, b->query) == 0;
	if (!path || a->shape == SHAPE_PATH)
		return path;
	int ap = a->port == 80 || a->port == 443 ? -1 : a->port,
	    bp = b->port == 80 || b->port == 443 ? -1 : b->port;
	if (a->shape == SHAPE_HOST_PATH)
		return same_host(a, b) && ap == bp;
	return same_host(a, b) && a->https == b->https && real_port(a) == real_port(b);
}

static void load(struct indicator_loader *l, const struct thing *things, char (*text)[TEXT])
{
	static char list[THINGS * TEXT], table[THINGS * TEXT];
	size_t n = 0, m = (size_t)snprintf(table, sizeof(table), "ja3,filename,label\n");
	struct err err;
	const char *form;
	for (int i = 0; i < THINGS; i++) {
		write_thing(&things[i], true, text[i]);
		if (things[i].part == PART_JA3)
			m += (size_t)snprintf(table + m, sizeof(table) - m, "%s,,%d\n", text[i], i);
		else if (things[i].part == PART_FILE)
			m += (size_t)snprintf(table + m, sizeof(table) - m, ",%s,%d\n", text[i], i);
		else
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s\t%d\n", text[i], i);
	}
	ASSERT(indicators_add(l, S("list"), (str){ list, (ptrdiff_t)n }, &form, &err) &&
	       strcmp(form, "plain list") == 0);
	ASSERT(indicators_add(l, S("table"), (str){ table, (ptrdiff_t)m }, &form, &err) &&
	       strcmp(form, "CSV") == 0);
	for (const struct indicator_refusal *r = indicators_refused(l); r != NULL; r = r->next)
		fprintf(stderr, STR_FMT " " STR_FMT "\n", STR_ARG(r->value), STR_ARG(r->why));
	ASSERT(indicators_refused(l) == NULL);
}

static enum probe_as as_of(const struct thing *o)
{
	static const enum probe_as as[PARTS] = { PROBE_IP,  PROBE_IP,   PROBE_DOMAIN,
						 PROBE_URL, PROBE_MAIL, PROBE_HASH,
						 PROBE_JA3, PROBE_JA4,  PROBE_FILE_NAME };
	bool by_shape = o->part != PART_JA3 && o->part != PART_FILE &&
			!(o->part == PART_URL && o->shape == SHAPE_PATH);
	return by_shape && roll(3) == 0 ? PROBE_ANY : as[o->part];
}

/* Each indicator that naively hits is among the hits, by itself or by its equal; each hit hits naively. */
static int64_t compare(const struct thing *things, const struct thing *o, const struct probe *p,
		       const struct probe_hit *hit, ptrdiff_t hits)
{
	int which[4 * THINGS], n = 0;
	for (ptrdiff_t h = 0; h < hits; h++) {
		int64_t k = -1;
		if (hit[h].tag != p->tag)
			continue;
		ASSERT(str_to_int(hit[h].what.label, 0, THINGS - 1, &k) && n < 4 * THINGS);
		bool below = hit[h].what.below;
		if (!naive(&things[k], o) || below != things[k].below)
			fprintf(stderr, "'" STR_FMT "' is found by '" STR_FMT "'\n", STR_ARG(p->text),
				STR_ARG(hit[h].what.value));
		ASSERT(naive(&things[k], o) && below == things[k].below);
		for (int m = 0; m < n; m++)
			ASSERT(which[m] != k);
		which[n++] = (int)k;
	}
	for (int i = 0; i < THINGS; i++) {
		bool found = !naive(&things[i], o);
		for (int m = 0; m < n && !found; m++)
			found = is_same(&things[i], &things[which[m]]);
		if (!found)
			fprintf(stderr, "'" STR_FMT "' is not found by %d\n", STR_ARG(p->text), i);
		ASSERT(found);
	}
	return n;
}

static void probe_all(const struct indicators *made, const struct probe *p, struct probe_hit *hit,
		      ptrdiff_t *out_hits)
{
	*out_hits = 0;
	for (ptrdiff_t from = 0; from < PROBES; from += PROBE_BATCH) {
		ptrdiff_t count = PROBES - from < PROBE_BATCH ? PROBES - from : PROBE_BATCH;
		*out_hits +=
			indicators_probe(made, p + from, count, hit + *out_hits, PROBES * THINGS - *out_hits);
	}
}

/* A copy of the block answers like the table itself. */
static void reopen(const struct indicators *made, const struct probe *p, const struct probe_hit *hit,
		   ptrdiff_t hits)
{
	static struct probe_hit again[PROBES * THINGS];
	ptrdiff_t count;
	struct err err;
	const struct indicators *opened;
	str bytes = indicators_bytes(made);
	char *copy = aligned_alloc(64, ((size_t)bytes.len + 63) & ~(size_t)63);
	memcpy(copy, bytes.ptr, (size_t)bytes.len);
	ASSERT(indicators_open_bytes((str){ copy, bytes.len }, &opened, &err));
	probe_all(opened, p, again, &count);
	ASSERT(count == hits);
	for (ptrdiff_t h = 0; h < hits; h++)
		ASSERT(again[h].tag == hit[h].tag && str_eq(again[h].what.value, hit[h].what.value) &&
		       str_eq(again[h].what.label, hit[h].what.label) &&
		       again[h].what.line == hit[h].what.line);
	indicators_free(opened);
	free(copy);
}

static int64_t one_round(void)
{
	static char text[THINGS][TEXT], seen[PROBES][TEXT];
	static struct probe_hit hit[PROBES * THINGS];
	struct thing things[THINGS], observed[PROBES];
	struct probe p[PROBES];
	struct arena a;
	uint8_t seed[16];
	ptrdiff_t hits;
	int64_t matched = 0;
	arena_init(&a, 1 << 24, 1 << 26);
	struct indicator_loader *l = indicators_begin(&a, false);
	for (int i = 0; i < 16; i++)
		seed[i] = (uint8_t)roll(256);
	indicators_seed(l, seed);
	for (int i = 0; i < THINGS; i++)
		things[i] = random_thing(true);
	load(l, things, text);
	const struct indicators *made = indicators_finish(l);
	for (int i = 0; i < PROBES; i++) {
		observed[i] = random_thing(false);
		write_thing(&observed[i], false, seen[i]);
		p[i] = (struct probe){ as_of(&observed[i]), str_from(seen[i]), -1, (uint32_t)i };
		if (observed[i].part == PART_IP && observed[i].port >= 0 && roll(2)) {
			p[i].port = observed[i].port;
			write_ip(observed[i].net.first, roll(2), seen[i]);
			p[i].text = str_from(seen[i]);
		}
	}
	probe_all(made, p, hit, &hits);
	for (int i = 0; i < PROBES; i++)
		matched += compare(things, &observed[i], &p[i], hit, hits);
	ASSERT(matched == hits);
	reopen(made, p, hit, hits);
	indicators_free(made);
	arena_done(&a);
	return matched;
}

int main(int argc, char **argv)
{
	int64_t rounds = ROUNDS, matched = 0;
	if (argc == 2 && !str_to_int(str_from(argv[1]), 1, INT32_MAX, &rounds))
		return 2;
	for (int64_t n = 0; n < rounds; n++)
		matched += one_round();
	printf("%lld comparisons, %lld hits\n", (long long)(rounds * THINGS * PROBES), (long long)matched);
	ASSERT(matched > rounds * 10); /* or the dice are no good */
	return 0;
}
