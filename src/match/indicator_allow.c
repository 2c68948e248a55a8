/* indicator_allow.c - is it known to an allow-list?  What the lists are read to is in the second table. */
#include "match/indicator_value.h"

static bool is_for(const struct entry *e, unsigned kind, bool equal)
{
	uint32_t for_equal = e->word[4] >> 4 & 0xfff, for_above = e->word[4] >> 16 & 0xfff;
	return ((equal ? for_equal | for_above : for_above) >> kind & 1) != 0;
}

bool allow_address(const struct indicators *i, unsigned kind, struct ip ip, int bits)
{
	const struct table_head *t = &i->head->allow;
	struct lookup l = { .kind = INDICATOR_IP, .ip = ip };
	uint8_t prefix[129];
	if (bits == 128 && (t->kinds >> INDICATOR_IP & 1)) {
		l.hash = hash_address(i->head->secret, INDICATOR_IP, ip, 0);
		const struct entry *e = table_find(i, t, &l);
		if (e != NULL && is_for(e, kind, true))
			return true;
	}
	/* all lines are asked for before the first is read */
	const struct bucket *all = block_at(i, t->buckets.at);
	uint64_t hash[129];
	int n = table_prefixes(i, t, ip, prefix);
	for (int k = 0; k < n && prefix[k] <= bits; k++) {
		hash[k] = hash_address(i->head->secret, INDICATOR_NETWORK, network_of(ip, prefix[k]).first,
				       prefix[k]);
		__builtin_prefetch(all + bucket_of(hash[k], t->buckets.count));
	}
	l.kind = INDICATOR_NETWORK;
	for (int k = 0; k < n && prefix[k] <= bits; k++) {
		l.hash = hash[k];
		l.len = prefix[k];
		const struct entry *e = table_find(i, t, &l);
		if (e != NULL && is_for(e, kind, true))
			return true;
	}
	return false;
}

bool allow_name(const struct indicators *i, unsigned kind, str name, bool equal)
{
	char room[NAME_MAX_LENGTH + TEXT_PAD];
	const struct table_head *t = &i->head->allow;
	struct name n = { .text = room };
	if (!(t->kinds >> INDICATOR_DOMAIN & 1) || !value_name(name, &n))
		return false;
	uint64_t h = hash_name_start(i->head->secret);
	int end = n.len;
	for (int d = n.dots - 1; d >= -1; d--) {
		int start = d >= 0 ? n.dot[d] + 1 : 0;
		h = hash_label(i->head->secret, h, n.text, start, end);
		end = start - 1;
		if (d >= 0 && !table_may_be_below(i, t, h))
			continue;
		struct lookup l = { .hash = h,
				    .key = n.text + start,
				    .len = (uint32_t)(n.len - start),
				    .kind = INDICATOR_DOMAIN };
		const struct entry *e = table_find(i, t, &l);
		if (e != NULL && is_for(e, kind, d < 0 && equal))
			return true;
	}
	return false;
}

static bool piece_at(const struct indicators *i, unsigned kind, str text, ptrdiff_t at, uint32_t head)
{
	const struct block_head *h = i->head;
	const uint32_t *heads = block_at(i, h->piece_heads.at);
	const struct block_piece *pieces = block_at(i, h->pieces.at);
	uint32_t n = heads[head];
	for (uint64_t tried = 0; n != 0 && n <= h->pieces.count && tried < h->pieces.count; tried++) {
		const struct block_piece *p = &pieces[n - 1];
		str piece = block_text(i, &h->piece_text, p->at, p->len);
		if ((p->kinds >> kind & 1) && piece.len > 0 && str_starts(str_sub(text, at, text.len), piece))
			return true;
		n = p->next;
	}
	return false;
}

/* A substring that allows stands in it. */
static bool has_piece(const struct indicators *i, unsigned kind, str text)
{
	const struct block_head *h = i->head;
	const uint16_t *kinds = block_at(i, h->piece_kinds.at);
	if (h->piece_heads.count == 0)
		return false;
	bool any_short = (kinds[PIECE_HEADS - 1] >> kind & 1) != 0;
	for (ptrdiff_t at = 0; at < text.len; at++) {
		if (any_short && piece_at(i, kind, text, at, PIECE_HEADS - 1))
			return true;
		if (text.len - at < 4)
			continue;
		uint32_t head = piece_head(text.ptr + at, 4);
		if ((kinds[head] >> kind & 1) && piece_at(i, kind, text, at, head))
			return true;
	}
	return false;
}

bool allow_text(const struct indicators *i, unsigned kind, str text)
{
	char lower[VALUE_MAX + TEXT_PAD];
	if (text.len < 1 || text.len > VALUE_MAX)
		return false;
	value_lower(lower, text.ptr, text.len);
	struct lookup l = { .hash = hash_text(i->head->secret, ALLOW_TEXT, lower, text.len),
			    .key = lower,
			    .len = (uint32_t)text.len,
			    .kind = ALLOW_TEXT };
	const struct entry *e = table_find(i, &i->head->allow, &l);
	return (e != NULL && is_for(e, kind, true)) || has_piece(i, kind, (str){ lower, text.len });
}

static bool allow_host(const struct indicators *i, str host)
{
	struct ip ip;
	if (value_ip(host, &ip))
		return allow_address(i, INDICATOR_URL, ip, 128);
	return allow_name(i, INDICATOR_URL, host, false) || has_piece(i, INDICATOR_URL, host);
}

static bool allow_url(const struct indicators *i, str value)
{
	char room[VALUE_MAX + TEXT_PAD];
	struct url u = { .text = room };
	if (allow_text(i, INDICATOR_URL, value))
		return true;
	return value_url(value, &u) && u.host_end > u.host &&
	       allow_host(i, (str){ room + u.host, u.host_end - u.host });
}

bool allow_value(const struct indicators *i, unsigned kind, bool below, str value)
{
	struct network net;
	struct ip ip;
	int port;
	switch (kind) {
	case INDICATOR_IP:
		return value_ip(value, &ip) && allow_address(i, kind, ip, 128);
	case INDICATOR_IP_PORT:
		return value_ip_port(value, &ip, &port) && allow_address(i, kind, ip, 128);
	case INDICATOR_NETWORK:
		return value_network(value, &net, true) && allow_address(i, kind, net.first, net.bits);
	case INDICATOR_DOMAIN:
		return allow_name(i, kind, value, !below) || has_piece(i, kind, value);
	case INDICATOR_URL:
		return allow_url(i, value);
	default:
		return allow_text(i, kind, value);
	}
}

bool allow_hit(const struct indicators *i, const struct lookup *l, const struct entry *e)
{
	if (l->kind == INDICATOR_NETWORK)
		return allow_address(i, INDICATOR_IP, l->ip, 128);
	if (l->kind == INDICATOR_IP || l->kind == INDICATOR_IP_PORT)
		return false;
	str whole = { l->key - l->lead, l->len + l->lead };
	if (l->kind == INDICATOR_DOMAIN && entry_below(e))
		return allow_name(i, l->kind, whole, true) || has_piece(i, l->kind, whole);
	if (l->kind == INDICATOR_URL && l->host_len > 0 && l->host != NULL && l->key[0] == '/')
		return allow_host(i, (str){ l->host, l->host_len });
	return false;
}
