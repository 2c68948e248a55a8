#include "http/dispatch_priv.h"

#include "format/json.h"
#include "http/assets.h"
#include "http/fields_priv.h"

enum { BODY_MAX_DEFAULT = 64 << 10, IDEMPOTENCY_KEY_MAX = 200 };

ptrdiff_t dispatch_body_max(const struct route *route)
{
	return route == NULL ? 0 : route->body_max ? route->body_max : BODY_MAX_DEFAULT;
}

static int count_headers(const struct request *rq, const char *name)
{
	const struct pairs *h = &rq->priv->headers;
	int n = 0;
	for (ptrdiff_t i = 0; i < h->count; i++)
		n += str_eq_nocase(h->at[i].name, str_from(name));
	return n;
}

static bool reads_only(const struct request *rq)
{
	return str_eq(rq->method, S("GET")) || str_eq(rq->method, S("HEAD"));
}

/* What follows such a request is anybody's: nothing more is read from the connection. */
static struct reply *refuse_framing(struct request *rq, const char *what)
{
	struct reply *r = reply_refuse(rq, 400, ERR_INPUT, "%s", what);
	reply_header(r, "Connection", S("close"));
	return r;
}

/* RFC 9110 section 5.6.2. */
static bool is_token(str name)
{
	for (ptrdiff_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (c <= ' ' || c >= 0x7F || strchr("\"(),/:;<=>?@[\\]{}", c) != NULL)
			return false;
	}
	return name.len > 0;
}

/* libmicrohttpd joins a folded line to a name with nothing else behind it: "Transfer-Encodingchunked". */
static bool begins_like_a_length(str name)
{
	static const char *const lengths[] = { "Content-Length", "Transfer-Encoding" };
	for (ptrdiff_t i = 0; i < COUNTOF(lengths); i++) {
		str one = str_from(lengths[i]);
		if (name.len > one.len && str_starts_nocase(name, one))
			return true;
	}
	return false;
}

/* What one reader takes for a header and another for none hides a length: RFC 9112 sections 5.1, 5.2, 2.2. */
static bool headers_are_plain(const struct pairs *headers)
{
	for (ptrdiff_t i = 0; i < headers->count; i++) {
		const struct pair *h = &headers->at[i];
		if (!is_token(h->name) || begins_like_a_length(h->name))
			return false;
		for (ptrdiff_t k = 0; k < h->value.len; k++) {
			unsigned char c = (unsigned char)h->value.ptr[k];
			if ((c < 0x20 && c != '\t') || c == 0x7F)
				return false;
		}
	}
	return headers->count < PARAMS_MAX;     /* of more, the rest was not looked at */
}

/* A proxy in front and we must agree where a request ends. */
static struct reply *check_framing(struct request *rq)
{
	if (!headers_are_plain(&rq->priv->headers))
		return refuse_framing(rq, "a header is malformed, folded over two lines, or one too many");
	int lengths = count_headers(rq, "Content-Length"), encodings = count_headers(rq, "Transfer-Encoding");
	bool chunked = str_eq_nocase(request_header(rq, "Transfer-Encoding"), S("chunked"));
	if (lengths > 1 || encodings > 1 || (lengths && encodings) || (encodings && !chunked))
		return refuse_framing(rq, "the length of the body is stated in conflicting ways");
	if (count_headers(rq, "Host") > 1)
		return refuse_framing(rq, "more than one Host header");
	return NULL;
}

static struct reply *check_host(struct request *rq)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
	if (!rq->priv->loopback)
		return NULL;
	str host = request_header(rq, "Host");
	for (ptrdiff_t i = 0; i < COUNTOF(names); i++) {
		str name = str_from(names[i]);
		if (str_starts_nocase(host, name) && (host.len == name.len || host.ptr[name.len] == ':'))
			return NULL;
	}
	return reply_refuse(rq, 421, ERR_DENIED, "this server answers to 127.0.0.1 and localhost only");
}

static struct reply *find_route(const struct dispatch *d, struct request *rq)
{
	struct router_hit *hit = &rq->priv->hit;
	if (hit->result == ROUTER_FOUND)
		return NULL;
	if (hit->result == ROUTER_NO_METHOD) {
		struct reply *r = reply_refuse(rq, 405, ERR_INPUT, "this address takes %s, not " STR_FMT,
		                               hit->allow, (int)MIN(rq->method.len, 20), rq->method.ptr);
		reply_header(r, "Allow", str_from(hit->allow));
		return r;
	}
	bool api = str_eq(rq->path, S("/api")) || str_starts(rq->path, S("/api/"));
	if (d->assets != NULL && reads_only(rq) && !api)
		return assets_reply(d->assets, rq);
	return reply_refuse(rq, 404, ERR_MISSING, "there is nothing at this address");
}

static bool is_our_origin(const struct dispatch *d, const struct request *rq, str origin)
{
	if (d->origin.len > 0)
		return str_eq_nocase(origin, d->origin);
	str scheme = rq->secure ? S("https://") : S("http://");
	return str_starts_nocase(origin, scheme) &&
	       str_eq_nocase(str_sub(origin, scheme.len, origin.len), request_header(rq, "Host"));
}

/* Another site can make a browser send our cookies or post our forms; it cannot set these two headers.
 * A token in Authorization is proof enough: no browser adds it unasked. */
static struct reply *check_origin(const struct dispatch *d, struct request *rq)
{
	bool cookies = request_header(rq, "Cookie").len > 0;
	if (reads_only(rq) || rq->local || (!cookies && !rq->route->html))
		return NULL;
	str site = request_header(rq, "Sec-Fetch-Site"), origin = request_header(rq, "Origin");
	if (site.len > 0) {
		if (str_eq(site, S("same-origin")) || str_eq(site, S("none")))
			return NULL;
	} else if (origin.len > 0) {
		if (is_our_origin(d, rq, origin))
			return NULL;
	} else if (!cookies) {
		return NULL;    /* a text browser on the public form: nobody's session is at stake */
	}
	return reply_refuse(rq, 403, ERR_DENIED,
	                    "this was sent from another site's page: send it from here, or use a token");
}

static struct reply *check_permission(const struct dispatch *d, struct request *rq)
{
	struct err err = { 0 };
	enum perm need = rq->route->need;
	if (d->hooks.identify != NULL && !d->hooks.identify(d->hooks.ctx, rq, &rq->who, &err)) {
		rq->who = NULL;
		if (err.code != ERR_SIGN_IN || need != PERM_PUBLIC)
			return reply_error(rq, &err);
	}
	if (need == PERM_PUBLIC)
		return NULL;
	if (rq->who == NULL)
		return reply_refuse(rq, 401, ERR_SIGN_IN, "sign in, or send a token, to do this");
	if (d->hooks.may == NULL)
		return reply_refuse(rq, 403, ERR_DENIED, "nobody may do this");
	return d->hooks.may(d->hooks.ctx, rq->who, need, &err) ? NULL : reply_error(rq, &err);
}

static bool has_control(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F)
			return true;
	}
	return false;
}

static struct reply *check_params(struct request *rq)
{
	struct err err;
	struct request_private *p = rq->priv;
	for (int i = 0; i < p->hit.param_count; i++) {
		str *value = &p->hit.values[i];
		if (!params_parse_percent(rq->arena, *value, value, &err) || has_control(*value))
			return reply_refuse(rq, 404, ERR_MISSING, "there is nothing at this address");
	}
	if (!params_parse_urlencoded(rq->arena, p->raw_query, &p->query, &err))
		return reply_error(rq, &err);
	bool check = rq->route->query != NULL || !rq->route->html;
	if (check && (!fields_check_query(rq->route->query, &p->query, &err) ||
	              !request_cursor_fits(rq, &err)))
		return reply_error(rq, &err);
	return NULL;
}

/* Drops the quotes of a single strong tag; a list or a weak one stays as it is and matches nothing. */
static str read_if_match(const struct request *rq)
{
	str tag = str_trim(request_header(rq, "If-Match"));
	bool quoted = tag.len >= 2 && tag.ptr[0] == '"' && tag.ptr[tag.len - 1] == '"';
	return quoted ? str_sub(tag, 1, tag.len - 1) : tag;
}

static struct reply *check_headers(struct request *rq)
{
	rq->if_match = read_if_match(rq);
	rq->idempotency_key = request_header(rq, "Idempotency-Key");
	for (ptrdiff_t i = 0; i < rq->idempotency_key.len; i++) {
		char c = rq->idempotency_key.ptr[i];
		if (c < 0x20 || c >= 0x7F || i >= IDEMPOTENCY_KEY_MAX)
			return reply_refuse(rq, 400, ERR_INPUT,
			                    "Idempotency-Key: use at most %d printable ASCII "
			                    "characters, a UUID for instance",
			                    IDEMPOTENCY_KEY_MAX);
	}
	return NULL;
}

static const char *accepted_type(const struct route *route)
{
	if (route->fields != NULL)
		return "application/json";
	return route->consumes;
}

static struct reply *check_body_head(struct request *rq)
{
	const struct route *route = rq->route;
	int64_t length = rq->priv->body_length;
	if (length == 0)
		return NULL;
	if (reads_only(rq))
		return reply_refuse(rq, 400, ERR_INPUT, "a GET request has no body here");
	if (length > dispatch_body_max(route))
		return reply_refuse(rq, 413, ERR_LIMIT,
		                    "the body has %lld bytes, more than the %lld allowed here",
		                    (long long)length, (long long)dispatch_body_max(route));
	str encoding = request_header(rq, "Content-Encoding"), type = request_header(rq, "Content-Type");
	if (encoding.len > 0 && !str_eq_nocase(encoding, S("identity")))
		return reply_refuse(rq, 415, ERR_INPUT, "send the body without Content-Encoding");
	const char *accepted = accepted_type(route);
	if (accepted != NULL && !params_media_is(type, str_from(accepted)))
		return reply_refuse(rq, 415, ERR_INPUT, "send the body as %s", accepted);
	str charset = params_media_param(type, S("charset"));
	if (route->fields != NULL && charset.len > 0 && !str_eq_nocase(charset, S("utf-8")))
		return reply_refuse(rq, 415, ERR_INPUT, "send JSON in UTF-8");
	if (accepted == NULL && route->html && !params_is_form(type))
		return reply_refuse(rq, 415, ERR_INPUT, "send a form: multipart/form-data or urlencoded");
	return NULL;
}

struct reply *dispatch_head(const struct dispatch *d, struct request *rq)
{
	struct err err;
	struct reply *refused = check_framing(rq);
	if (refused == NULL)
		refused = check_host(rq);
	if (refused != NULL)
		return refused;
	rq->priv->hit = router_find(d->router, rq->method, rq->path);
	rq->route = rq->priv->hit.route;
	params_parse_cookies(rq->arena, request_header(rq, "Cookie"), &rq->priv->cookies);
	if (d->hooks.admit != NULL && !d->hooks.admit(d->hooks.ctx, rq, &err))
		return reply_error_status(rq, err.code == ERR_LIMIT ? 429 : 403, &err);
	refused = find_route(d, rq);
	if (refused == NULL)
		refused = check_origin(d, rq);
	if (refused == NULL)
		refused = check_permission(d, rq);
	if (refused == NULL)
		refused = check_params(rq);
	if (refused == NULL)
		refused = check_headers(rq);
	return refused != NULL ? refused : check_body_head(rq);
}

/* The console shows the fault beside its field. */
static struct reply *refuse_field(struct request *rq, const struct err *err)
{
	str text = str_from(err->text);
	ptrdiff_t colon = str_find(text, S(": "));
	struct json *more = json_object(rq->arena), *list = json_array(rq->arena);
	struct json *one = json_object(rq->arena);
	json_set_str(one, "name", str_sub(text, 0, colon));
	json_set_str(one, "detail", str_sub(text, colon + 2, text.len));
	json_append(list, one);
	json_set(more, "fields", list);
	return reply_problem(rq, 400, NULL, err, more);
}

static struct reply *read_json(struct request *rq)
{
	struct err err;
	struct json *body = NULL;
	const struct json_limits limits = { 0, dispatch_body_max(rq->route) };
	if (rq->body.len == 0)
		body = json_object(rq->arena);
	else if (!json_parse(rq->arena, rq->body, limits, &body, &err))
		return reply_error(rq, &err);
	if (!fields_check(rq->route->fields, body, &err))
		return refuse_field(rq, &err);
	rq->json = body;
	return NULL;
}

static struct reply *read_form(struct request *rq)
{
	struct err err;
	str type = request_header(rq, "Content-Type");
	if (rq->body.len == 0 || !params_is_form(type))
		return NULL;
	if (!params_parse_form(rq->arena, type, rq->body, &rq->priv->form, &err))
		return reply_error(rq, &err);
	return NULL;
}

struct reply *dispatch_body(const struct dispatch *d, struct request *rq)
{
	(void)d;
	struct reply *r = NULL;
	if (!reads_only(rq))
		r = rq->route->fields != NULL ? read_json(rq) : read_form(rq);
	if (r != NULL)
		return r;
	r = rq->route->handle(rq);
	ASSERT(r != NULL);
	if (rq->arena->over)
		return reply_refuse(rq, 413, ERR_LIMIT,
		                    "this takes more memory than one request may use: ask for less");
	return r;
}

bool dispatch_still_allowed(const struct dispatch *d, struct request *rq)
{
	struct err err;
	const struct identity *now = NULL;
	if (rq->route->need == PERM_PUBLIC)
		return true;
	return d->hooks.identify != NULL && d->hooks.identify(d->hooks.ctx, rq, &now, &err) && now != NULL &&
	       d->hooks.may != NULL && d->hooks.may(d->hooks.ctx, now, rq->route->need, &err);
}
