/* indicator_probe.c - observables of many events are made canonical and hashed first, the lines of the
 * table that their hashes name are asked for, and only then read: memory answers many at once. */
#include "match/indicator_probe.h"

static void add_hit(struct batch *b, const struct lookup *l)
{
	const struct entry *e = table_find(b->in, &b->in->head->seek, l);
	if (e == NULL || (l->above && !entry_below(e)) || b->hits >= b->most)
		return;
	if (b->in->head->allow.kinds != 0 && allow_hit(b->in, l, e))
		return;
	struct probe_hit *hit = &b->out[b->hits++];
	*hit = (struct probe_hit){ .tag = b->probes[l->probe].tag, .from = l->from, .to = l->to };
	block_indicator(b->in, e, &hit->what);
}

/* The entry that the first bucket has for the hash, to be fetched before it is read; or NULL. */
static const struct entry *likely_entry(const struct batch *b, uint64_t hash)
{
	const struct words *entries = &b->in->head->seek.entries;
	const struct bucket *bucket = b->buckets + bucket_of(hash, b->bucket_count);
	for (int s = 0; s < BUCKET_SLOTS; s++)
		if (bucket->print[s] == (uint32_t)hash && bucket->entry[s] - 1 < entries->count)
			return (const struct entry *)block_at(b->in, entries->at) + bucket->entry[s] - 1;
	return NULL;
}

static void flush(struct batch *b)
{
	const struct words *text = &b->in->head->seek.text;
	const struct entry *likely[BATCH_LOOKUPS];
	uint16_t candidate[BATCH_LOOKUPS];
	int count = 0;
	for (int n = 0; n < b->count; n++) {
		uint64_t hash = b->lookup[n].hash;
		if (!bucket_may_hold(b->buckets + bucket_of(hash, b->bucket_count), hash))
			continue;
		likely[count] = likely_entry(b, hash);
		__builtin_prefetch(likely[count]);
		candidate[count++] = (uint16_t)n;
	}
	/* what is found has to be fetched as well: all of it beside each other */
	for (int k = 0; k < count; k++)
		if (likely[k] != NULL && entry_at(likely[k]) < text->count)
			__builtin_prefetch((const char *)block_at(b->in, text->at) + entry_at(likely[k]));
	for (int k = 0; k < count; k++)
		add_hit(b, &b->lookup[candidate[k]]);
	b->count = 0;
	b->used = 0;
}

char *batch_room(struct batch *b, ptrdiff_t need)
{
	if (need > BATCH_ROOM - b->used || b->count > BATCH_LOOKUPS - BATCH_SPARE)
		flush(b);
	return b->room + b->used;
}

struct lookup *batch_add(struct batch *b, unsigned kind, uint64_t hash)
{
	struct lookup *l = &b->lookup[b->count];
	b->count += b->count < BATCH_LOOKUPS; /* one more lies behind them: batch_room leaves enough (B2) */
	__builtin_prefetch(b->buckets + bucket_of(hash, b->bucket_count));
	*l = (struct lookup){
		.hash = hash, .probe = b->probe, .from = b->from, .to = b->to, .kind = (uint8_t)kind
	};
	return l;
}

bool batch_wants(const struct batch *b, unsigned kind)
{
	return b->in->head->seek.kinds >> kind & 1;
}

void probe_address(struct batch *b, struct ip ip, int port)
{
	const struct block_head *h = b->in->head;
	batch_room(b, 0);
	if (batch_wants(b, INDICATOR_IP))
		batch_add(b, INDICATOR_IP, hash_address(h->secret, INDICATOR_IP, ip, 0))->ip = ip;
	if (port >= 0 && batch_wants(b, INDICATOR_IP_PORT)) {
		struct lookup *l = batch_add(b, INDICATOR_IP_PORT,
					     hash_address(h->secret, INDICATOR_IP_PORT, ip, (uint64_t)port));
		l->ip = ip;
		l->len = (uint32_t)port;
	}
	if (!batch_wants(b, INDICATOR_NETWORK))
		return;
	uint8_t prefix[129];
	int n = table_prefixes(b->in, &h->seek, ip, prefix);
	for (int k = 0; k < n; k++) {
		struct network net = network_of(ip, prefix[k]);
		batch_room(b, 0);
		struct lookup *l =
			batch_add(b, INDICATOR_NETWORK,
				  hash_address(h->secret, INDICATOR_NETWORK, net.first, prefix[k]));
		l->ip = ip;
		l->len = prefix[k];
	}
}

/* A name above the one that is looked up, [start, ..) of it, unless the filter rules it out. */
static void add_above(struct batch *b, str name, int start, uint64_t hash)
{
	if (!table_may_be_below(b->in, &b->in->head->seek, hash) || b->count >= BATCH_LOOKUPS - 1)
		return;
	struct lookup *l = batch_add(b, INDICATOR_DOMAIN, hash);
	l->key = name.ptr + start;
	l->len = (uint32_t)(name.len - start);
	l->above = true;
	l->lead = (uint8_t)start;
}

static struct lookup *add_name(struct batch *b, str name, uint64_t hash)
{
	struct lookup *l = batch_add(b, INDICATOR_DOMAIN, hash);
	l->key = name.ptr;
	l->len = (uint32_t)name.len;
	return l;
}

/* Where a name above stands: the same in the text, unless it became Punycode. */
static void place_names(struct batch *b, int first, uint32_t from, uint32_t to, bool straight)
{
	for (int k = first; k < b->count; k++) {
		b->lookup[k].from = straight ? from + b->lookup[k].lead : from;
		b->lookup[k].to = to;
	}
}

void probe_name(struct batch *b, const struct name *n, uint32_t from, uint32_t to)
{
	const uint64_t *secret = b->in->head->secret;
	uint64_t h = hash_name_start(secret);
	str name = { n->text, n->len };
	int end = n->len, first = b->count;
	for (int d = n->dots - 1; d >= 0; end = n->dot[d--]) {
		h = hash_label(secret, h, n->text, n->dot[d] + 1, end);
		add_above(b, name, n->dot[d] + 1, h);
	}
	add_name(b, name, hash_label(secret, h, n->text, 0, end));
	place_names(b, first, from, to, to - from == (uint32_t)n->len);
}

/* Nearly every name: 8 to 63 bytes of ASCII, looked up where it stands, without a copy.  False: it is
 * another. */
static bool probe_short_name(struct batch *b, str text)
{
	const uint64_t *secret = b->in->head->secret;
	uint64_t v = load_64(text.ptr + text.len - 8), high = v;
	uint64_t dots = dots_64(v) << (text.len - 8);
	for (ptrdiff_t at = 0; at < text.len - 8; at += 8) {
		v = load_64(text.ptr + at);
		high |= v;
		dots |= dots_64(v) << at;
	}
	if (high & EACH_BYTE(0x80))
		return false;
	batch_room(b, 0);
	uint64_t h = hash_name_start(secret);
	int end = (int)text.len, first = b->count;
	bool any_below = b->in->head->seek.below.count > 0;
	for (; dots != 0; dots ^= 1ull << end) {
		int dot = 63 - __builtin_clzll(dots);
		h = hash_label(secret, h, text.ptr, dot + 1, end);
		if (any_below)
			add_above(b, text, dot + 1, h);
		end = dot;
	}
	add_name(b, text, hash_label(secret, h, text.ptr, 0, end));
	place_names(b, first, b->from, b->from + (uint32_t)text.len, true);
	return true;
}

/* A host where a name is meant: it may be an address, with a port or not. */
void probe_host(struct batch *b, str text, int port)
{
	struct ip ip;
	int seen = port;
	if (text.len > 0 && text.ptr[text.len - 1] == '.')
		text.len--;
	unsigned char last = text.len > 0 ? (unsigned char)(text.ptr[text.len - 1] | 32) : 0;
	bool letter = (unsigned char)(last - 'a') < 26; /* then it is no IPv4 address, and has no port */
	if ((!letter || (last <= 'f' && memchr(text.ptr, ':', (size_t)text.len) != NULL)) &&
	    (value_ip(text, &ip) || value_ip_port(text, &ip, &seen))) {
		probe_address(b, ip, seen);
		return;
	}
	if (!batch_wants(b, INDICATOR_DOMAIN))
		return;
	ptrdiff_t len = text.len;
	while (!letter && len > 0 && (unsigned char)(text.ptr[len - 1] - '0') < 10)
		len--;
	if (!letter && len > 1 && text.ptr[len - 1] == ':')
		text.len = len - 1;
	if (text.len >= 8 && text.len < 64 && probe_short_name(b, text))
		return;
	struct name n = { .text = batch_room(b, NAME_MAX_LENGTH + TEXT_PAD) };
	if (!value_name(text, &n))
		return;
	b->used += n.len + TEXT_PAD;
	probe_name(b, &n, b->from, b->from + (uint32_t)text.len);
}

/* The text as it is, for kinds that are compared without case. */
void probe_lower(struct batch *b, unsigned kind, str text)
{
	if (text.len < 1 || text.len > VALUE_MAX || !batch_wants(b, kind))
		return;
	batch_room(b, 0);
	struct lookup *l = batch_add(b, kind, hash_text_lower(b->in->head->secret, kind, text));
	l->key = text.ptr;
	l->len = (uint32_t)text.len;
}

static int kind_of_length(ptrdiff_t n)
{
	return n == 32 ? INDICATOR_MD5 : n == 40 ? INDICATOR_SHA1 : n == 64 ? INDICATOR_SHA256 : -1;
}

static void probe_hash(struct batch *b, str text)
{
	int kind = kind_of_length(text.len);
	if (kind >= 0)
		probe_lower(b, (unsigned)kind, text);
}

/* SHA1=..,MD5=..,IMPHASH=..: a hash of imports is as long as an MD5, and none. */
static void probe_hashes(struct batch *b, str text)
{
	static const struct {
		const char *name;
		unsigned kind;
	} names[] = {
		{ "MD5", INDICATOR_MD5 },
		{ "SHA1", INDICATOR_SHA1 },
		{ "SHA256", INDICATOR_SHA256 },
	};
	for (ptrdiff_t at = 0, end; at < text.len; at = end + 1) {
		for (end = at; end < text.len && text.ptr[end] != ',' && text.ptr[end] != ' '; end++)
			continue;
		str_cut_result cut = str_cut(str_sub(text, at, end), '=');
		for (ptrdiff_t k = 0; cut.ok && k < COUNTOF(names); k++) {
			if (!str_eq_nocase(cut.head, str_from(names[k].name)) ||
			    kind_of_length(cut.tail.len) != (int)names[k].kind)
				continue;
			b->from = (uint32_t)(cut.tail.ptr - text.ptr);
			b->to = b->from + (uint32_t)cut.tail.len;
			probe_lower(b, names[k].kind, cut.tail);
		}
		if (!cut.ok && end - at >= 32) {
			b->from = (uint32_t)at;
			b->to = (uint32_t)end;
			probe_hash(b, str_sub(text, at, end));
		}
	}
}

void probe_mail_at(struct batch *b, str address, uint32_t at)
{
	ptrdiff_t from, to;
	char *room = batch_room(b, VALUE_MAX + TEXT_PAD);
	int len = value_mail(address, room, &from, &to);
	if (len == 0)
		return;
	b->used += len + TEXT_PAD;
	if (batch_wants(b, INDICATOR_MAIL)) {
		struct lookup *l = batch_add(b, INDICATOR_MAIL,
					     hash_text(b->in->head->secret, INDICATOR_MAIL, room, len));
		l->key = room;
		l->len = (uint32_t)len;
		l->from = at;
		l->to = at + (uint32_t)address.len;
	}
	if (!batch_wants(b, INDICATOR_DOMAIN))
		return;
	struct name n = { .text = batch_room(b, NAME_MAX_LENGTH + TEXT_PAD) };
	if (value_name(str_sub(address, from, to), &n)) {
		b->used += n.len + TEXT_PAD;
		probe_name(b, &n, at + (uint32_t)from, at + (uint32_t)to);
	}
}

/* Name <local@domain> or <local@domain> or local@domain */
static void probe_mail(struct batch *b, str text)
{
	ptrdiff_t from = 0, to = text.len;
	if (text.len > 0 && text.ptr[text.len - 1] == '>') {
		for (from = text.len - 1; from > 0 && text.ptr[from - 1] != '<'; from--)
			continue;
		to = text.len - 1;
	}
	str address = str_sub(text, from, to);
	if (address.len > 255 + 1 + NAME_MAX_LENGTH + 1)
		return;
	probe_mail_at(b, address, b->from + (uint32_t)from);
}

static void probe_file_name(struct batch *b, str text)
{
	uint32_t start = b->from;
	str base = value_base_name(text);
	probe_lower(b, INDICATOR_FILE_NAME, text);
	if (base.len == text.len)
		return;
	b->from = start + (uint32_t)(base.ptr - text.ptr);
	probe_lower(b, INDICATOR_FILE_NAME, base);
}

static void probe_one(struct batch *b, const struct probe *p)
{
	struct ip ip;
	int port = p->port;
	switch (p->as) {
	case PROBE_IP:
		if (value_ip(p->text, &ip) || value_ip_port(p->text, &ip, &port))
			probe_address(b, ip, port);
		break;
	case PROBE_DOMAIN:
		probe_host(b, p->text, p->port);
		break;
	case PROBE_URL:
		probe_url(b, p->text, p->port);
		break;
	case PROBE_MAIL:
		probe_mail(b, p->text);
		break;
	case PROBE_HASH:
		probe_hash(b, p->text);
		break;
	case PROBE_FILE_NAME:
		probe_file_name(b, p->text);
		break;
	case PROBE_JA3:
		probe_lower(b, INDICATOR_JA3, p->text);
		break;
	case PROBE_JA4:
		probe_lower(b, INDICATOR_JA4, p->text);
		break;
	case PROBE_HASHES:
		probe_hashes(b, p->text);
		break;
	case PROBE_TEXT:
		probe_text(b, p->text);
		break;
	case PROBE_ANY:
		probe_any(b, p->text, p->port);
		break;
	}
}

ptrdiff_t indicators_probe(const struct indicators *i, const struct probe *probes, ptrdiff_t count,
			   struct probe_hit *out, ptrdiff_t most)
{
	struct batch b;
	if (i->head->seek.buckets.count == 0)
		return 0;
	b.in = i;
	b.buckets = block_at(i, i->head->seek.buckets.at);
	b.bucket_count = i->head->seek.buckets.count;
	b.probes = probes;
	b.out = out;
	b.most = most;
	b.hits = 0;
	b.count = 0;
	b.used = 0;
	for (ptrdiff_t n = 0; n < count && b.hits < most; n++) {
		if (probes[n].text.len < 1 || probes[n].text.len > PROBE_LONGEST)
			continue;
		b.probe = (uint32_t)n;
		b.from = 0;
		b.to = (uint32_t)probes[n].text.len;
		probe_one(&b, &probes[n]);
	}
	flush(&b);
	return b.hits;
}
