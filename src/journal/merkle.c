#include "journal/merkle.h"

static struct hash256 hash_parts(char tag, str a, str b)
{
	struct hash h;
	struct hash256 out;
	hash_init(&h);
	hash_add(&h, (str){ &tag, 1 });
	hash_add(&h, a);
	hash_add(&h, b);
	hash_done(&h, out.b);
	return out;
}

static str hash_str(const struct hash256 *h)
{
	return (str){ (const char *)h->b, 32 };
}

static struct hash256 node(struct hash256 left, struct hash256 right)
{
	return hash_parts(1, hash_str(&left), hash_str(&right));
}

struct hash256 merkle_leaf(str header)
{
	return hash_parts(0, header, (str){ 0 });
}

/* Adding a leaf is adding one to a binary number: each carry joins two full subtrees of one size. */
void merkle_append(struct merkle *m, struct hash256 leaf, struct merkle_stored out[static 8], int *out_count)
{
	int64_t carry = m->size;
	int level = 0, stored = 0;
	struct hash256 h = leaf;
	for (; carry & 1; carry >>= 1) {
		ASSERT(m->count > 0);
		h = node(m->full[--m->count], h);
		level++;
		if (level % MERKLE_STORED_EVERY == 0)
			out[stored++] = (struct merkle_stored){ level, m->size >> level, h };
	}
	ASSERT(m->count < MERKLE_LEVELS);
	m->full[m->count++] = h;
	m->size++;
	*out_count = stored;
}

struct hash256 merkle_root(const struct merkle *m)
{
	struct hash256 h;
	if (m->count == 0) {
		hash_sha256((str){ 0 }, h.b);
		return h;
	}
	h = m->full[m->count - 1];
	for (int i = m->count - 2; i >= 0; i--)
		h = node(m->full[i], h);
	return h;
}

str merkle_format(struct arena *a, const struct merkle *m)
{
	return arena_dup(a, (str){ (const char *)m->full, (ptrdiff_t)sizeof(struct hash256) * m->count });
}

bool merkle_load(int64_t size, str bytes, struct merkle *out_m, struct err *err)
{
	int count = __builtin_popcountll((unsigned long long)size);
	if (size < 0 || bytes.len != (ptrdiff_t)sizeof(struct hash256) * count)
		return err_set(err, ERR_SYSTEM,
			       "the journal's head is damaged: %td bytes of frontier for %lld entries",
			       bytes.len, (long long)size);
	*out_m = (struct merkle){ .size = size, .count = count };
	if (count)
		memcpy(out_m->full, bytes.ptr, (size_t)bytes.len);
	return true;
}

/* The largest power of two below n, n > 1 (RFC 6962's k). */
static int64_t split(int64_t n)
{
	return (int64_t)1 << (63 - __builtin_clzll((unsigned long long)(n - 1)));
}

/* Root of leaves [from, from + n); n leaves are split until a stored subtree fits.  Depth is at most 62. */
static bool range_root(struct merkle_source *s, int64_t from, int64_t n, struct hash256 *out, struct err *err)
{
	int level = 63 - __builtin_clzll((unsigned long long)n);
	bool whole = ((int64_t)1 << level) == n && from % n == 0;
	if (whole && level % MERKLE_STORED_EVERY == 0)
		return s->find(s, level, from >> level, out, err);
	struct hash256 left, right;
	int64_t k = split(n);
	if (!range_root(s, from, k, &left, err) || !range_root(s, from + k, n - k, &right, err))
		return false;
	*out = node(left, right);
	return true;
}

bool merkle_path(struct merkle_source *s, int64_t index, int64_t size, struct arena *a,
		 struct hash256 **out_path, int *out_count, struct err *err)
{
	if (index < 0 || index >= size)
		return err_set(err, ERR_MISSING, "there is no entry %lld in a journal of %lld",
			       (long long)index, (long long)size);
	struct hash256 *path = NEW(a, struct hash256, MERKLE_LEVELS);
	int count = 0;
	int64_t from = 0, n = size;
	while (n > 1) { /* downwards; the path is read upwards */
		int64_t k = split(n);
		bool left = index - from < k;
		if (!range_root(s, left ? from + k : from, left ? n - k : k, &path[count++], err))
			return false;
		from += left ? 0 : k;
		n = left ? k : n - k;
	}
	for (int i = 0; i < count / 2; i++) {
		struct hash256 t = path[i];
		path[i] = path[count - 1 - i];
		path[count - 1 - i] = t;
	}
	*out_path = path;
	*out_count = count;
	return true;
}

bool merkle_consistency(struct merkle_source *s, int64_t old_size, int64_t size, struct arena *a,
			struct hash256 **out_path, int *out_count, struct err *err)
{
	if (old_size < 1 || old_size > size)
		return err_set(err, ERR_INPUT,
			       "no consistency proof from %lld to %lld entries: the first must be at "
			       "least 1 and not larger",
			       (long long)old_size, (long long)size);
	struct hash256 *down = NEW(a, struct hash256, MERKLE_LEVELS + 1), last;
	int count = 0;
	int64_t from = 0, n = size, m = old_size;
	bool complete = true; /* RFC 6962's b */
	while (m != n) {
		int64_t k = split(n);
		bool left = m <= k;
		if (!range_root(s, left ? from + k : from, left ? n - k : k, &down[count++], err))
			return false;
		complete = complete && left;
		from += left ? 0 : k;
		m -= left ? 0 : k;
		n = left ? k : n - k;
	}
	struct hash256 *path = NEW(a, struct hash256, MERKLE_LEVELS + 2);
	int total = 0;
	if (!complete) {
		if (!range_root(s, from, n, &last, err))
			return false;
		path[total++] = last;
	}
	while (count > 0)
		path[total++] = down[--count];
	*out_path = path;
	*out_count = total;
	return true;
}

/* RFC 9162 section 2.1.3.2. */
bool merkle_path_check(struct hash256 leaf, int64_t index, int64_t size, const struct hash256 *path,
		       int count, struct hash256 root)
{
	if (index < 0 || index >= size)
		return false;
	int64_t fn = index, sn = size - 1;
	struct hash256 r = leaf;
	for (int i = 0; i < count; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn) {
			r = node(path[i], r);
			for (; fn != 0 && !(fn & 1); fn >>= 1)
				sn >>= 1;
		} else {
			r = node(r, path[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(r.b, root.b, 32) == 0;
}

/* RFC 9162 section 2.1.4.2. */
bool merkle_consistency_check(int64_t old_size, int64_t size, struct hash256 old_root, struct hash256 root,
			      const struct hash256 *path, int count)
{
	if (old_size < 1 || old_size > size)
		return false;
	if (old_size == size)
		return count == 0 && memcmp(old_root.b, root.b, 32) == 0;
	bool power = (old_size & (old_size - 1)) == 0;
	if (count == 0)
		return false;
	int64_t fn = old_size - 1, sn = size - 1;
	for (; fn & 1; fn >>= 1)
		sn >>= 1;
	int at = 0;
	struct hash256 fr = power ? old_root : path[at++], sr = fr;
	for (; at < count; at++) {
		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn) {
			fr = node(path[at], fr);
			sr = node(path[at], sr);
			for (; fn != 0 && !(fn & 1); fn >>= 1)
				sn >>= 1;
		} else {
			sr = node(sr, path[at]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(fr.b, old_root.b, 32) == 0 && memcmp(sr.b, root.b, 32) == 0;
}
