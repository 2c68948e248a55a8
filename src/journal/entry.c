#include "journal/entry.h"

#include "base/buf.h"
#include "base/text.h"

enum { HEADER_MAX = 4096, WORD_MAX = 80 };

static const char *const audience_words[] = { "core", "annex", "node" };

struct uuid actor_system(void)
{
	return (struct uuid){ { 0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1 } };
}

struct uuid actor_public(void)
{
	return (struct uuid){ { 0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 2 } };
}

/* Letters, digits and ._:+/@- as bits: 0 to 63, then 64 to 127. */
static bool word_char(char c)
{
	static const uint64_t bits[2] = { 0x07ffe80000000000, 0x07fffffe87ffffff };
	uint8_t u = (uint8_t)c;
	return u < 128 && (bits[u >> 6] >> (u & 63) & 1);
}

bool entry_word_ok(str word)
{
	for (ptrdiff_t i = 0; i < word.len; i++)
		if (!word_char(word.ptr[i]))
			return false;
	return word.len <= WORD_MAX;
}

struct hash256 entry_payload_hash(str salt, str payload)
{
	struct hash h;
	struct hash256 out;
	hash_init(&h);
	hash_add(&h, salt);
	hash_add(&h, payload);
	hash_done(&h, out.b);
	return out;
}

static void add_hash(struct buf *b, struct arena *tmp, const struct hash256 *h)
{
	buf_add_char(b, '"');
	buf_add(b, text_hex(tmp, (str){ (const char *)h->b, 32 }));
	buf_add_char(b, '"');
}

static void add_int(struct buf *b, int64_t n)
{
	char digits[24], *p = digits + sizeof(digits);
	ASSERT(n >= 0);
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	buf_add(b, (str){ p, digits + sizeof(digits) - p });
}

/* Member after member, without printf: half of the writer's time went there. */
void entry_seal(struct arena *a, struct entry *e)
{
	ASSERT(entry_word_ok(e->kind) && entry_word_ok(e->owner) && entry_word_ok(e->regime) &&
	       entry_word_ok(e->marking));
	struct buf b;
	buf_init(&b, a, HEADER_MAX);
	buf_add(&b, S("{\"actor\":\""));
	buf_add(&b, uuid_format(a, e->actor));
	buf_add(&b, S("\",\"at\":\""));
	buf_add(&b, instant_format(a, e->at));
	buf_add(&b, S("\",\"audience\":\""));
	buf_add(&b, str_from(audience_words[e->audience]));
	buf_add(&b, S("\",\"cause\":"));
	if (e->cause >= 0)
		add_int(&b, e->cause);
	else
		buf_add(&b, S("null"));
	buf_add(&b, S(",\"epoch\":"));
	add_int(&b, e->epoch);
	buf_add(&b, S(",\"key\":"));
	if (e->keyed)
		add_hash(&b, a, &e->key);
	else
		buf_add(&b, S("null"));
	buf_add(&b, S(",\"kind\":\""));
	buf_add(&b, e->kind);
	buf_add(&b, S("\",\"marking\":\""));
	buf_add(&b, e->marking);
	buf_add(&b, S("\",\"owner\":\""));
	buf_add(&b, e->owner);
	buf_add(&b, S("\",\"payload_hash\":"));
	add_hash(&b, a, &e->payload_hash);
	buf_add(&b, S(",\"prev\":"));
	add_hash(&b, a, &e->prev);
	buf_add(&b, S(",\"regime\":\""));
	buf_add(&b, e->regime);
	buf_add(&b, S("\",\"seq\":"));
	add_int(&b, e->seq);
	buf_add(&b, S(",\"subject\":\""));
	buf_add(&b, uuid_format(a, e->subject));
	buf_add(&b, S("\",\"v\":"));
	add_int(&b, e->v);
	buf_add_char(&b, '}');
	ASSERT(!b.over);
	e->header = buf_str(&b);
	struct hash h;
	char tag = 0;
	hash_init(&h);
	hash_add(&h, (str){ &tag, 1 });
	hash_add(&h, e->header);
	hash_done(&h, e->hash.b);
}

/* A reader over the header that knows what must come next; the first surprise sticks.  Verifying a journal is
 * half this, hence the tables. */
struct scan {
	const char *at, *end;
	bool bad;
};

static void scan_literal(struct scan *s, str word)
{
	if (s->bad || s->end - s->at < word.len || memcmp(s->at, word.ptr, (size_t)word.len) != 0)
		s->bad = true;
	else
		s->at += word.len;
}

static str scan_string(struct scan *s)
{
	scan_literal(s, S("\""));
	const char *from = s->at;
	while (!s->bad && s->at < s->end && word_char(*s->at))
		s->at++;
	str word = { from, s->at - from };
	scan_literal(s, S("\""));
	s->bad |= word.len > WORD_MAX;
	return word;
}

/* Canonical decimal: no plus, no leading zeros, no minus zero. */
static int64_t scan_int(struct scan *s)
{
	const char *from = s->at;
	int64_t n = 0;
	while (!s->bad && s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	str word = { from, s->at - from };
	bool padded = word.len > 1 && word.ptr[0] == '0';
	if (!s->bad && (padded || !str_to_int(word, 0, INT64_C(1) << 53, &n)))
		s->bad = true;
	return n;
}

/* What each lower-case hexadecimal digit stands for, with DIGIT set: capitals would be a second spelling. */
enum { DIGIT = 0x10 };
static const uint8_t digit_values[256] = {
	['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14, ['5'] = 0x15,
	['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19, ['a'] = 0x1a, ['b'] = 0x1b,
	['c'] = 0x1c, ['d'] = 0x1d, ['e'] = 0x1e, ['f'] = 0x1f,
};

static void scan_hex(struct scan *s, uint8_t *out, int bytes)
{
	unsigned good = DIGIT;
	if (s->bad || s->end - s->at < 2 * bytes) {
		s->bad = true;
		return;
	}
	for (int i = 0; i < bytes; i++) {
		unsigned high = digit_values[(uint8_t)s->at[2 * i]];
		unsigned low = digit_values[(uint8_t)s->at[2 * i + 1]];
		good &= high & low;
		out[i] = (uint8_t)(high << 4 | (low & 15));
	}
	s->bad = good != DIGIT;
	s->at += s->bad ? 0 : 2 * bytes;
}

static struct hash256 scan_hash(struct scan *s)
{
	struct hash256 h = { { 0 } };
	scan_literal(s, S("\""));
	scan_hex(s, h.b, 32);
	scan_literal(s, S("\""));
	return h;
}

static struct uuid scan_uuid(struct scan *s)
{
	static const int groups[] = { 4, 2, 2, 2, 6 };
	struct uuid u = { { 0 } };
	uint8_t *to = u.b;
	for (ptrdiff_t i = 0; i < COUNTOF(groups); i++) {
		scan_literal(s, i == 0 ? S("\"") : S("-"));
		scan_hex(s, to, groups[i]);
		to += groups[i];
	}
	scan_literal(s, S("\""));
	return u;
}

static struct instant scan_instant(struct scan *s)
{
	struct instant t = { 0 };
	struct err ignored;
	str word = scan_string(s);
	/* A leap second is read as the next minute's first, which is written otherwise. */
	if (!s->bad && (word.len != 27 || word.ptr[10] != 'T' || word.ptr[17] == '6' || word.ptr[26] != 'Z' ||
			!instant_parse(word, &t, &ignored)))
		s->bad = true;
	return t;
}

static bool scan_null(struct scan *s)
{
	if (s->bad || s->end - s->at < 4 || memcmp(s->at, "null", 4) != 0)
		return false;
	scan_literal(s, S("null"));
	return true;
}

static enum audience_scope scan_audience(struct scan *s)
{
	str word = scan_string(s);
	for (int i = 0; i < 3; i++)
		if (str_eq(word, str_from(audience_words[i])))
			return (enum audience_scope)i;
	s->bad = true;
	return SCOPE_NODE;
}

bool entry_parse(str header, struct entry *out_e, struct err *err)
{
	struct scan s = { header.ptr, header.ptr + header.len, header.len == 0 || header.len > HEADER_MAX };
	struct entry e = { .cause = -1, .header = header };
	scan_literal(&s, S("{\"actor\":"));
	e.actor = scan_uuid(&s);
	scan_literal(&s, S(",\"at\":"));
	e.at = scan_instant(&s);
	scan_literal(&s, S(",\"audience\":"));
	e.audience = scan_audience(&s);
	scan_literal(&s, S(",\"cause\":"));
	if (!scan_null(&s))
		e.cause = scan_int(&s);
	scan_literal(&s, S(",\"epoch\":"));
	e.epoch = scan_int(&s);
	scan_literal(&s, S(",\"key\":"));
	e.keyed = !scan_null(&s);
	if (e.keyed)
		e.key = scan_hash(&s);
	scan_literal(&s, S(",\"kind\":"));
	e.kind = scan_string(&s);
	scan_literal(&s, S(",\"marking\":"));
	e.marking = scan_string(&s);
	scan_literal(&s, S(",\"owner\":"));
	e.owner = scan_string(&s);
	scan_literal(&s, S(",\"payload_hash\":"));
	e.payload_hash = scan_hash(&s);
	scan_literal(&s, S(",\"prev\":"));
	e.prev = scan_hash(&s);
	scan_literal(&s, S(",\"regime\":"));
	e.regime = scan_string(&s);
	scan_literal(&s, S(",\"seq\":"));
	e.seq = scan_int(&s);
	scan_literal(&s, S(",\"subject\":"));
	e.subject = scan_uuid(&s);
	scan_literal(&s, S(",\"v\":"));
	e.v = (int)scan_int(&s);
	scan_literal(&s, S("}"));
	if (s.bad || s.at != s.end)
		return err_set(
			err, ERR_INPUT,
			"not a journal header: differs from the canonical form %td bytes before its end",
			s.end - s.at);
	struct hash h;
	char tag = 0;
	hash_init(&h);
	hash_add(&h, (str){ &tag, 1 });
	hash_add(&h, header);
	hash_done(&h, e.hash.b);
	*out_e = e;
	return true;
}

bool entry_payload_check(const struct entry *e, struct err *err)
{
	if (e->payload.ptr == NULL && e->salt.ptr == NULL)
		return true;
	if (e->payload.ptr == NULL || e->salt.len != 32)
		return err_set(err, ERR_INPUT, "entry %lld has half a payload", (long long)e->seq);
	struct hash256 h = entry_payload_hash(e->salt, e->payload);
	if (memcmp(h.b, e->payload_hash.b, 32) != 0)
		return err_set(err, ERR_INPUT,
			       "the payload of entry %lld (" STR_FMT ") is not what its header says: it was "
			       "altered",
			       (long long)e->seq, STR_ARG(e->kind));
	return true;
}
