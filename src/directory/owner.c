#include "directory/owner.h"

#include "model/network.h"
#include "owner_sql.h"
#include "regime/regime.h"

struct search {
	struct db *db;
	struct arena *a;
};
struct hit {
	struct uuid organisation;
	str what, value;
};

static bool find_ip(struct search *s, struct ip ip, int bits, struct hit *out, bool *out_found,
		    struct err *err)
{
	struct sql_owner_networks_below_row *rows;
	ptrdiff_t count;
	*out_found = false;
	if (!sql_owner_networks_below(
		    s->db, s->a,
		    &(struct sql_owner_networks_below){ .ip = ip_bytes(&ip), .longest = bits }, &rows, &count,
		    err))
		return false;
	for (ptrdiff_t i = 0; i < count && !*out_found; i++) {
		struct network n = { .bits = (int)rows[i].prefix };
		if (!ip_from_bytes(rows[i].first, &n.first, err))
			return false;
		*out_found = network_contains(n, ip);
		*out = (struct hit){ rows[i].organisation, S("network"), network_format(s->a, n) };
	}
	return true;
}

static bool find_name(struct search *s, str name, struct hit *out, bool *out_found, struct err *err)
{
	*out_found = false;
	for (str left = name; left.len && !*out_found; left = str_cut(left, '.').tail) {
		struct sql_owner_domain_exact_row row;
		if (!sql_owner_domain_exact(s->db, s->a, &(struct sql_owner_domain_exact){ .name = left },
					    &row, out_found, err))
			return false;
		if (*out_found)
			*out = (struct hit){ row.organisation, S("domain"), left };
	}
	return true;
}

static bool find_host(struct search *s, str host, struct hit *out, bool *out_found, struct err *err)
{
	struct ip ip;
	struct err not_ip;
	if (host.len > 2 && host.ptr[0] == '[')
		host = str_sub(host, 1, host.len - 1);
	if (ip_parse(host, &ip, &not_ip))
		return find_ip(s, ip, 128, out, out_found, err);
	return find_name(s, host, out, out_found, err);
}

/* The host of a canonical URL: between "://" (and a user) and the next / ? # or port. */
static str url_host(str url)
{
	ptrdiff_t at = str_find(url, S("://"));
	str rest = str_sub(url, at < 0 ? 0 : at + 3, url.len);
	ptrdiff_t end = 0;
	while (end < rest.len && strchr("/?#", rest.ptr[end]) == NULL)
		end++;
	rest = str_sub(rest, 0, end);
	ptrdiff_t user = str_find_char(rest, '@');
	rest = str_sub(rest, user + 1, rest.len);
	if (rest.len && rest.ptr[0] == '[')
		return str_sub(rest, 0, str_find_char(rest, ']') + 1);
	return str_cut(rest, ':').head;
}

static bool find_asn(struct search *s, str text, struct hit *out, bool *out_found, struct err *err)
{
	struct sql_owner_asn_exact_row row;
	int64_t number = 0;
	*out_found = false;
	if (!str_to_int(str_sub(text, 2, text.len), 0, UINT32_MAX, &number))
		return true;
	if (!sql_owner_asn_exact(s->db, s->a, &(struct sql_owner_asn_exact){ .number = number }, &row,
				 out_found, err))
		return false;
	if (*out_found)
		*out = (struct hit){ row.organisation, S("asn"), text };
	return true;
}

static bool find(struct search *s, const struct observable *o, struct hit *out, bool *out_found,
		 struct err *err)
{
	struct network n;
	*out_found = false;
	switch (o->type) {
	case OBSERVABLE_IPV4:
	case OBSERVABLE_IPV6:
	case OBSERVABLE_CIDR:
		return network_parse(o->value, &n, err) && find_ip(s, n.first, n.bits, out, out_found, err);
	case OBSERVABLE_DOMAIN:
		return find_name(s, o->value, out, out_found, err);
	case OBSERVABLE_URL:
		return find_host(s, url_host(o->value), out, out_found, err);
	case OBSERVABLE_EMAIL:
		return find_name(s, str_cut(o->value, '@').tail, out, out_found, err);
	case OBSERVABLE_ASN:
		return find_asn(s, o->value, out, out_found, err);
	case OBSERVABLE_HASH:
	case OBSERVABLE_CVE:
	case OBSERVABLE_TYPES:
		break;
	}
	return true;
}

static str why(struct arena *a, const struct observable *o, const struct hit *h, str name)
{
	str shown = observable_defang_one(a, o->type, o->value);
	const char *verb = str_eq(h->what, S("network"))  ? "lies in"
			   : str_eq(h->what, S("domain")) ? "is under"
							  : "is";
	return arena_printf(a, STR_FMT " %s " STR_FMT ", registered to " STR_FMT, STR_ARG(shown), verb,
			    STR_ARG(h->value), STR_ARG(name));
}

bool owner_find(struct db *db, struct arena *a, const struct regime *r UNUSED, const struct observable *o,
		struct owner_found *out, struct err *err)
{
	struct search s = { db, a };
	struct hit hit;
	struct sql_owner_organisation_row row;
	struct owner_found none = { .name = S(""),
				    .class = S(""),
				    .sector = S(""),
				    .team = S(""),
				    .what = S(""),
				    .value = S(""),
				    .why = S("") };
	bool found = false;
	if (!find(&s, o, &hit, &found, err))
		return false;
	if (found &&
	    !sql_owner_organisation(db, a, &(struct sql_owner_organisation){ .id = hit.organisation }, &row,
				    &found, err))
		return false;
	*out = none;
	if (found)
		*out = (struct owner_found){
			hit.organisation, row.name, row.class, row.sector,
			row.team,         hit.what, hit.value, why(a, o, &hit, row.name)
		};
	return true;
}

bool owner_find_first(struct db *db, struct arena *a, const struct regime *r, const struct observables *o,
		      struct owner_found *out, struct err *err)
{
	*out = (struct owner_found){ .name = S(""),
				     .class = S(""),
				     .sector = S(""),
				     .team = S(""),
				     .what = S(""),
				     .value = S(""),
				     .why = S("") };
	for (ptrdiff_t i = 0; i < o->count && uuid_is_nil(out->organisation); i++)
		if (!owner_find(db, a, r, &o->items[i], out, err))
			return false;
	return true;
}
