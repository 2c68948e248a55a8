#include "model/observable.h"

#include "base/buf.h"
#include "model/network.h"
#include "model/observable_url.h"

enum { TABLE_MIN = 64, ITEMS_MIN = 16 };

struct collector {
	struct arena      *arena;
	struct observables found;
	ptrdiff_t          max, cap;
	/* open addressing: index of an item plus one; never more than half full */
	int32_t           *table;
	ptrdiff_t          slots;
};

/* FNV-1a: the table is small and of one request, and its size is limited by `max`. */
static uint32_t hash_of(enum observable_type type, str value)
{
	uint32_t h = 2166136261u ^ (uint32_t)type;
	for (ptrdiff_t i = 0; i < value.len; i++)
		h = (h ^ (unsigned char)value.ptr[i]) * 16777619u;
	return h ^ h >> 15;
}

static int32_t *find_slot(const struct collector *c, enum observable_type type, str value)
{
	for (uint32_t at = hash_of(type, value);; at++) {
		int32_t *slot = &c->table[at & (uint32_t)(c->slots - 1)];
		const struct observable *o = *slot ? &c->found.items[*slot - 1] : NULL;
		if (o == NULL || (o->type == type && str_eq(o->value, value)))
			return slot;
	}
}

static void grow(struct collector *c)
{
	if (c->found.count == c->cap) {
		c->cap = MAX(c->cap * 2, ITEMS_MIN);
		struct observable *items = NEW(c->arena, struct observable, c->cap);
		if (c->found.count)
			memcpy(items, c->found.items, (size_t)c->found.count * sizeof(*items));
		c->found.items = items;
	}
	if (c->found.count * 2 < c->slots)
		return;
	c->slots = MAX(c->slots * 2, TABLE_MIN);
	c->table = NEW(c->arena, int32_t, c->slots);
	for (ptrdiff_t i = 0; i < c->found.count; i++)
		*find_slot(c, c->found.items[i].type, c->found.items[i].value) = (int32_t)(i + 1);
}

static bool collect(void *context, const struct scan_found *f)
{
	struct collector *c = context;
	if (f->doubtful)
		return true;
	grow(c);
	int32_t *slot = find_slot(c, f->type, f->value);
	if (*slot) {
		c->found.items[*slot - 1].derived &= f->derived;
		return true;
	}
	if (c->found.count == c->max) {
		c->found.cut = true;
		return false;
	}
	c->found.items[c->found.count++] = (struct observable){
		.type = f->type,
		.value = arena_dup(c->arena, f->value),
		.at = f->at,
		.len = f->end - f->at,
		.derived = f->derived,
	};
	*slot = (int32_t)c->found.count;
	return true;
}

struct observables observable_extract(struct arena *a, str text, ptrdiff_t max)
{
	struct collector c = { .arena = a, .max = MIN(MAX(max, 0), INT32_MAX / 4) };
	observable_scan(text, collect, &c);
	return c.found;
}

struct single { struct observable o; bool found; struct arena *arena; str text; };

/* The first that is all of the text.  A person who typed setup.py into the field means the domain. */
static bool take_whole(void *context, const struct scan_found *f)
{
	struct single *one = context;
	bool scheme_only = f->link && f->doubtful;
	if (f->at != 0 || f->end != one->text.len || f->derived || scheme_only)
		return true;
	one->o = (struct observable){ .type = f->type,
				      .value = arena_dup(one->arena, f->value),
				      .len = f->end };
	one->found = true;
	return false;
}

bool observable_parse(struct arena *a, str text, struct observable *out_o, struct err *err)
{
	struct single one = { .arena = a, .text = str_trim(text) };
	struct network n;
	struct ip ip;
	if (one.text.len > 1 && str_ends(one.text, S("."))) /* a full name's dot, or a sentence's */
		one.text.len--;
	/* also what in prose could be something else */
	if (ip_parse(one.text, &ip, err)) {
		one.o.type = ip_is_v4(ip) ? OBSERVABLE_IPV4 : OBSERVABLE_IPV6;
		one.o.value = ip_format(a, ip);
		one.o.len = one.text.len;
		*out_o = one.o;
		return true;
	}
	observable_scan(one.text, take_whole, &one);
	if (one.found) {
		*out_o = one.o;
		return true;
	}
	str_cut_result cut = str_cut(one.text, '/');
	if (cut.ok && ip_parse(cut.head, &ip, err) && !network_parse(one.text, &n, err))
		return false;                                           /* it says which network was meant */
	return err_set(err, ERR_INPUT,
		       "not one address, network, AS number, domain, URL, mail address, hash or CVE id");
}

static const char *const type_names[OBSERVABLE_TYPES] = {
	"ipv4", "ipv6", "cidr", "asn", "domain", "url", "hash", "cve", "email",
};

str observable_type_name(enum observable_type type)
{
	ASSERT(type < OBSERVABLE_TYPES);
	return str_from(type_names[type]);
}

bool observable_type_parse(str name, enum observable_type *out_type, struct err *err)
{
	for (int i = 0; i < OBSERVABLE_TYPES; i++)
		if (str_eq(name, str_from(type_names[i]))) {
			*out_type = (enum observable_type)i;
			return true;
		}
	return err_set(err, ERR_INPUT,
		       "an observable is ipv4, ipv6, cidr, asn, domain, url, hash, cve or email");
}

str observable_hash_name(str value)
{
	switch (value.len) {
	case 32:
		return S("MD5");
	case 40:
		return S("SHA-1");
	case 64:
		return S("SHA-256");
	case 128:
		return S("SHA-512");
	default:
		return S("unknown hash");
	}
}

struct defanger {
	struct buf out;
	str        text;
	ptrdiff_t  done;                /* of the text, in bytes */
};

static void copy_until(struct defanger *d, ptrdiff_t at)
{
	buf_add(&d->out, str_sub(d->text, d->done, at));
	d->done = MAX(d->done, at);
}

/* The safe way to write a unit.  What stood between blanks keeps them: they end a URL. */
static str safe_unit(struct unit u, str raw, const struct scan_found *f)
{
	bool blanks = raw.ptr[0] == ' ';
	if (f->doubtful)                        /* [.] would say that it is a name */
		return u.code == '.' && u.form == UNIT_PLAIN ? S("{.}") : raw;
	if (u.code == '.')
		return blanks ? S(" [.] ") : S("[.]");
	if (u.code == '@')
		return blanks ? S(" [@] ") : S("[@]");
	if (u.code == ':' && (f->type == OBSERVABLE_IPV6 || f->type == OBSERVABLE_CIDR))
		return S("[:]");
	return raw;
}

/* Every unit of [from, to).  A wide dot in the path of a URL is no dot: it stays. */
static void guard(struct defanger *d, ptrdiff_t from, ptrdiff_t to, const struct scan_found *f, bool in_path)
{
	uint32_t before = UNIT_END;
	copy_until(d, from);
	for (ptrdiff_t at = from; at < to;) {
		struct unit u = written_read(d->text, at, before);
		bool wide = (unsigned char)d->text.ptr[at] >= 0x80;
		bool link = in_path && str_starts(str_sub(d->text, at, to), S("://"));
		if (link)
			u = (struct unit){ '/', 3, UNIT_PLAIN };
		str raw = str_sub(d->text, at, at + u.len);
		buf_add(&d->out, link ? S("[://]") : wide && in_path ? raw : safe_unit(u, raw, f));
		before = u.code;
		at += u.len;
	}
	d->done = MAX(d->done, to);
}

static void defang_scheme(struct defanger *d, ptrdiff_t at)
{
	ptrdiff_t end = at;
	copy_until(d, at);
	while (end < d->text.len && written_is_alnum((unsigned char)d->text.ptr[end]))
		end++;
	str safe = observable_url_safe_scheme(str_sub(d->text, at, end));
	if (safe.len) {
		buf_add(&d->out, safe);
		d->done = end;
	}
}

static bool defang_found(void *context, const struct scan_found *f)
{
	struct defanger *d = context;
	if (f->at < d->done) /* the host of a URL, the domain of an address: already safe */
		return true;
	if (f->link)
		defang_scheme(d, f->at);
	if (f->guard_end > f->guard_at) {
		guard(d, f->guard_at, f->guard_end, f, false);
		if (f->link)
			guard(d, f->guard_end, f->end, f, true);
	}
	return true;
}

str observable_defang(struct arena *a, str text)
{
	struct defanger d = { .text = text };
	buf_init(&d.out, a, text.len * 4 + 64);
	observable_scan(text, defang_found, &d);
	copy_until(&d, text.len);
	ASSERT(!d.out.over);
	return buf_str(&d.out);
}

/* Byte by byte: in a canonical value nothing is written out, and (.) is three characters. */
str observable_defang_one(struct arena *a, enum observable_type type, str value)
{
	struct defanger d = { .text = value };
	bool link = type == OBSERVABLE_URL, colons = type == OBSERVABLE_IPV6 || type == OBSERVABLE_CIDR;
	buf_init(&d.out, a, value.len * 5 + 64);
	if (type == OBSERVABLE_ASN || type == OBSERVABLE_HASH || type == OBSERVABLE_CVE)
		return arena_dup(a, value);
	if (link)
		defang_scheme(&d, 0);
	ptrdiff_t rest = link ? str_find(value, S("://")) + 3 : 0;
	copy_until(&d, rest);
	for (ptrdiff_t i = rest; i < value.len; i++) {
		char c = value.ptr[i];
		if (c == '.' || c == '@' || (c == ':' && colons)) {
			buf_printf(&d.out, "[%c]", c);
		} else if (link && str_starts(str_sub(value, i, value.len), S("://"))) {
			buf_add(&d.out, S("[://]"));
			i += 2;
		} else {
			buf_add_char(&d.out, c);
		}
	}
	return buf_str(&d.out);
}
