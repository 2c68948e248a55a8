#include "http/request.h"

#include "base/text.h"
#include "crypto/hash.h"
#include "http/request_priv.h"

str request_param(const struct request *rq, const char *name)
{
	const struct router_hit *hit = &rq->priv->hit;
	for (int i = 0; i < hit->param_count; i++) {
		if (str_eq(hit->names[i], str_from(name)))
			return hit->values[i];
	}
	ASSERT(!"a name that is in the route's path");
}

bool request_param_uuid(const struct request *rq, const char *name, struct uuid *out_id, struct err *err)
{
	struct err ignored;
	/* An address that is no id names nothing: the same answer as for a record that is not there. */
	return uuid_parse(request_param(rq, name), out_id, &ignored) ||
	       err_set(err, ERR_MISSING, "%s: there is nothing under this id", name);
}

str request_query_at(const struct request *rq, const char *name, ptrdiff_t i)
{
	return params_find(&rq->priv->query, str_from(name), i);
}

str request_query(const struct request *rq, const char *name)
{
	return request_query_at(rq, name, 0);
}

enum { CURSOR_MARK = 4 };

static void cursor_mark(const struct request *rq, char out[static CURSOR_MARK + 1])
{
	uint8_t digest[32];
	str of = arena_printf(rq->arena, STR_FMT "?" STR_FMT "&" STR_FMT, STR_ARG(rq->path),
	                      STR_ARG(request_query(rq, "sort")), STR_ARG(request_query(rq, "kind")));
	hash_sha256(of, digest);
	for (int i = 0; i < CURSOR_MARK; i++)
		out[i] = text_base32_char(digest[i] & 31);
	out[CURSOR_MARK] = '-';
}

str request_cursor_seal(const struct request *rq, str cursor)
{
	char mark[CURSOR_MARK + 1];
	if (cursor.len == 0)
		return cursor;
	cursor_mark(rq, mark);
	return arena_printf(rq->arena, "%.*s" STR_FMT, CURSOR_MARK + 1, mark, STR_ARG(cursor));
}

str request_cursor(const struct request *rq)
{
	str cursor = request_query(rq, "cursor");
	return cursor.len ? str_sub(cursor, CURSOR_MARK + 1, cursor.len) : S("");
}

bool request_cursor_fits(const struct request *rq, struct err *err)
{
	char mark[CURSOR_MARK + 1];
	str cursor = request_query(rq, "cursor");
	cursor_mark(rq, mark);
	return cursor.len == 0 || str_starts(cursor, (str){ mark, CURSOR_MARK + 1 }) ||
	       err_set(err, ERR_INPUT,
	               "cursor: not one that this list gave out, in this order; take it from `next` of the "
	               "page before, or begin again without it");
}

str request_header(const struct request *rq, const char *name)
{
	const struct pairs *h = &rq->priv->headers;
	for (ptrdiff_t i = 0; i < h->count; i++) {
		if (str_eq_nocase(h->at[i].name, str_from(name)))
			return h->at[i].value;
	}
	return (str){ 0 };
}

str request_form_at(const struct request *rq, const char *name, ptrdiff_t i)
{
	return params_find(&rq->priv->form.fields, str_from(name), i);
}

str request_form(const struct request *rq, const char *name)
{
	return request_form_at(rq, name, 0);
}

str request_cookie(const struct request *rq, const char *name)
{
	return params_find(&rq->priv->cookies, str_from(name), 0);
}

bool request_file(const struct request *rq, ptrdiff_t i, str *out_name, str *out_type, str *out_bytes)
{
	const struct form *f = &rq->priv->form;
	if (i < 0 || i >= f->file_count)
		return false;
	*out_name = f->files[i].name;
	*out_type = f->files[i].type;
	*out_bytes = f->files[i].bytes;
	return true;
}
