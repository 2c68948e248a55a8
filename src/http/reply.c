#include "http/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "format/json.h"
#include "http/html.h"
#include "http/reply_priv.h"
#include "http/request_priv.h"
#include "http/route.h"
#include "release/release.h"

/* The one table from codes to status.  A size is 413; a rate is 429, said by reply_error_status. */
static const struct problem { int status; const char *name, *title; } PROBLEMS[] = {
	[ERR_NONE] = { 500, "system", "Internal error" },
	[ERR_INPUT] = { 400, "input", "The request cannot be used" },
	[ERR_SIGN_IN] = { 401, "sign_in", "Sign in first" },
	[ERR_DENIED] = { 403, "denied", "This is not allowed" },
	[ERR_MISSING] = { 404, "missing", "Not found" },
	[ERR_CONFLICT] = { 409, "conflict", "It changed meanwhile" },
	[ERR_STALE] = { 412, "precondition", "It is not the version you have" },
	[ERR_LIMIT] = { 413, "too_large", "Too large" },
	[ERR_RETRY] = { 503, "retry", "Try again in a moment" },
	[ERR_UNSURE] = { 503, "unsure", "It is not known whether this was stored" },
	[ERR_FULL] = { 507, "full", "There is no room to store it" },
	[ERR_DISK] = { 503, "disk", "The node's disk failed" },
	[ERR_SYSTEM] = { 500, "system", "Internal error" },
};

/* Where the status says more than the code. */
static const struct problem PROBLEMS_BY_STATUS[] = {
	{ 405, "method", "This address does not take that method" },
	{ 413, "too_large", "Too large" },
	{ 429, "limit", "Too many requests" },
	{ 415, "media_type", "Wrong media type" },
	{ 421, "host", "Wrong host name" },
};

static struct reply *reply_new(struct request *rq, int status)
{
	struct reply *r = NEW(rq->arena, struct reply, 1);
	r->rq = rq;
	r->status = status;
	return r;
}

static bool is_header_name(const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name <= ' ' || *name >= 0x7F || *name == ':')
			return false;
	}
	return true;
}

void reply_header(struct reply *r, const char *name, str value)
{
	ASSERT(is_header_name(name));
	/* A line break in a value would let its author write headers of ours. */
	char *safe = arena_cstr(r->rq->arena, value);
	for (ptrdiff_t i = 0; i < value.len; i++) {
		if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7F)
			safe[i] = '_';
	}
	struct reply_field *f = NEW(r->rq->arena, struct reply_field, 1);
	*f = (struct reply_field){ name, { safe, value.len }, r->fields };
	r->fields = f;
}

bool reply_has_header(const struct reply *r, const char *name)
{
	for (const struct reply_field *f = r->fields; f != NULL; f = f->next) {
		if (str_eq_nocase(str_from(f->name), str_from(name)))
			return true;
	}
	return false;
}

struct reply *reply_bytes(struct request *rq, int status, const char *type, str bytes)
{
	struct reply *r = reply_new(rq, status);
	r->body = bytes;
	reply_header(r, "Content-Type", str_from(type));
	return r;
}

struct reply *reply_released(struct request *rq, int status, const struct released *body)
{
	return reply_bytes(rq, status, "application/json", released_json(rq->arena, body));
}

struct reply *reply_json(struct request *rq, int status, const struct json *body)
{
	return reply_bytes(rq, status, "application/json", json_compact(rq->arena, body));
}

struct reply *reply_html(struct request *rq, int status, str html)
{
	return reply_bytes(rq, status, "text/html; charset=utf-8", html);
}

struct reply *reply_empty(struct request *rq)
{
	return reply_new(rq, 204);
}

struct reply *reply_redirect(struct request *rq, str location)
{
	/* "//host" and "/\host" are other hosts to a browser. */
	bool ours = location.len > 0 && location.ptr[0] == '/' &&
	            !(location.len > 1 && (location.ptr[1] == '/' || location.ptr[1] == '\\'));
	struct reply *r = reply_new(rq, 303);
	reply_header(r, "Location", ours ? location : S("/"));
	return r;
}

/* RFC 6266 with RFC 8187: a plain ASCII name for old readers, the true one percent-encoded. */
static str format_disposition(struct arena *a, str name)
{
	struct buf b;
	buf_init(&b, a, 4096);
	name = str_sub(name, 0, 200);
	buf_add(&b, S("attachment; filename=\""));
	for (ptrdiff_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool plain = c > ' ' && c < 0x7F && strchr("\"\\/%:;*?<>|", c) == NULL;
		buf_add_char(&b, plain ? c : '_');
	}
	buf_add(&b, S("\"; filename*=UTF-8''"));
	for (ptrdiff_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		             c == '.' || c == '-' || c == '_';
		buf_printf(&b, plain ? "%c" : "%%%02X", c);
	}
	return buf_str(&b);
}

struct reply *reply_download(struct request *rq, const struct released *what, str name, str bytes)
{
	ASSERT(what != NULL);
	struct reply *r = reply_bytes(rq, 200, "application/octet-stream", bytes);
	reply_header(r, "Content-Disposition", format_disposition(rq->arena, name));
	reply_header(r, "Content-Security-Policy", S("sandbox; default-src 'none'"));
	return r;
}

static struct problem find_problem(int status, enum err_code code)
{
	for (ptrdiff_t i = 0; i < COUNTOF(PROBLEMS_BY_STATUS); i++) {
		if (PROBLEMS_BY_STATUS[i].status == status)
			return PROBLEMS_BY_STATUS[i];
	}
	struct problem p = PROBLEMS[code];
	p.status = status;
	return p;
}

/* What went wrong inside is for the log; the caller gets a word to find it by. */
static str hide_system_error(struct request *rq, const struct err *err)
{
	uint64_t n = rq->priv->number * UINT64_C(0x9E3779B97F4A7C15);
	char reference[8];
	for (int i = 0; i < 8; i++)
		reference[i] = text_base32_char((int)(n >> (24 + 5 * i) & 31));
	log_event(LOG_ERROR, "http.internal_error", LOG_TEXT("reference", ((str){ reference, 8 })),
	          LOG_TEXT("text", str_from(err->text)), LOG_TEXT("file", str_from(err->file)),
	          LOG_INT("line", err->line));
	return arena_printf(rq->arena, "internal error, reference %.8s: tell the operator", reference);
}

static bool wants_page(const struct request *rq)
{
	if (rq->route != NULL)
		return rq->route->html;
	return !str_starts(rq->path, S("/api/")) &&
	       str_find(request_header(rq, "Accept"), S("text/html")) >= 0;
}

static struct reply *problem_page(struct request *rq, struct problem p, str detail)
{
	struct buf page;
	buf_init(&page, rq->arena, 16 << 10);
	html_page_start(&page, str_from(p.title));
	buf_add(&page, S("<p>"));
	html_text(&page, detail);
	buf_add(&page, S("</p>\n<p><a href=\"/\">To the first page</a></p>\n"));
	html_page_end(&page);
	return reply_html(rq, p.status, buf_str(&page));
}

static struct reply *problem_json(struct request *rq, struct problem p, str detail, struct json *body)
{
	json_set_str(body, "type", arena_printf(rq->arena, "urn:naubat:problem:%s", p.name));
	json_set_str(body, "title", str_from(p.title));
	json_set_int(body, "status", p.status);
	json_set_str(body, "detail", detail);
	json_set_str(body, "code", str_from(p.name));
	return reply_bytes(rq, p.status, "application/problem+json", json_compact(rq->arena, body));
}

static struct reply *reply_fault(struct request *rq, struct problem p, const struct err *err,
                                 struct json *more)
{
	bool hidden = err->code == ERR_SYSTEM || err->code == ERR_NONE || err->code == ERR_FULL ||
	              err->code == ERR_DISK;
	str detail = hidden ? hide_system_error(rq, err) : arena_dup(rq->arena, str_from(err->text));
	if (err->code == ERR_FULL)
		detail = S("nothing of it was kept: send it again when the operator has made "
		           "room on the disk");
	if (err->code == ERR_DISK)
		detail = S("the node's disk failed, and nothing of it was acknowledged: send it "
		           "again later");
	struct reply *r = wants_page(rq) && more == NULL
	                ? problem_page(rq, p, detail)
	                : problem_json(rq, p, detail, more ? more : json_object(rq->arena));
	if (p.status == 401)
		reply_header(r, "WWW-Authenticate", S("Bearer realm=\"naubat\""));
	if (p.status == 429 || p.status == 503)
		reply_header(r, "Retry-After", p.status == 429 ? S("10") : S("2"));
	return r;
}

struct reply *reply_problem(struct request *rq, int status, const char *code, const struct err *err,
                            struct json *more)
{
	struct problem p = find_problem(status, err->code);
	if (code != NULL)
		p.name = code;
	return reply_fault(rq, p, err, more ? more : json_object(rq->arena));
}

struct reply *reply_error_status(struct request *rq, int status, const struct err *err)
{
	return reply_fault(rq, find_problem(status, err->code), err, NULL);
}

struct reply *reply_error(struct request *rq, const struct err *err)
{
	return reply_error_status(rq, PROBLEMS[err->code].status, err);
}

struct reply *reply_refuse(struct request *rq, int status, enum err_code code, const char *fmt, ...)
{
	struct err err;
	char text[sizeof(err.text)];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)err_set(&err, code, "%s", text);
	return reply_error_status(rq, status, &err);
}

static bool is_cookie_text(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++) {
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7F || strchr("\",;\\", s.ptr[i]) != NULL)
			return false;
	}
	return true;
}

void reply_cookie(struct reply *r, const char *name, str value, int64_t max_age_s)
{
	ASSERT(is_cookie_text(value));
	struct arena *a = r->rq->arena;
	str age = max_age_s < 0 ? S("") : arena_printf(a, "; Max-Age=%lld", (long long)max_age_s);
	reply_header(r, "Set-Cookie",
	             arena_printf(a, "%s=" STR_FMT "; Path=/; HttpOnly; SameSite=Strict" STR_FMT "%s", name,
	                          STR_ARG(value), STR_ARG(age), r->rq->secure ? "; Secure" : ""));
}

void reply_etag(struct reply *r, str tag)
{
	r->etag = arena_printf(r->rq->arena, "\"" STR_FMT "\"", STR_ARG(tag));
	reply_header(r, "ETag", r->etag);
}

struct reply *reply_after(struct request *rq, struct command *c,
                          struct reply *(*finish)(struct request *rq, struct command *c))
{
	struct reply *r = reply_new(rq, 0);
	r->kind = REPLY_AFTER;
	r->command = c;
	r->finish_command = finish;
	return r;
}

struct reply *reply_after_work(struct request *rq, void (*work)(void *arg), void *arg,
                               struct reply *(*finish)(struct request *rq, void *arg))
{
	struct reply *r = reply_new(rq, 0);
	r->kind = REPLY_WORK;
	r->work = work;
	r->finish_work = finish;
	r->arg = arg;
	return r;
}

struct reply *reply_stream(struct request *rq, bool (*next)(struct request *rq, void *state, struct buf *out),
                           void *state)
{
	struct reply *r = reply_new(rq, 200);
	r->kind = REPLY_STREAM;
	r->next = next;
	r->arg = state;
	reply_header(r, "Content-Type", S("text/event-stream"));
	reply_header(r, "X-Accel-Buffering", S("no"));  /* nginx would hold events back */
	return r;
}

/* RFC 9110 section 13.1.2: weak comparison, any of a list, or "*". */
static bool matches_tag(str list, str tag)
{
	for (str_cut_result c = { .tail = list, .ok = list.len > 0 }; c.ok;) {
		c = str_cut(c.tail, ',');
		str one = str_trim(c.head);
		if (str_starts(one, S("W/")))
			one = str_sub(one, 2, one.len);
		if (str_eq(one, tag) || str_eq(one, S("*")))
			return true;
	}
	return false;
}

static const struct { const char *name, *value;
} HEADERS_OF_ALL[] = {
	{ "Cache-Control", "no-store" },
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	  "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
	  "frame-ancestors 'none'" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	/* Not no-referrer: with that, browsers post forms with "Origin: null", and ours could not be told
	 * from a stranger's.  Other sites get no referrer by either. */
	{ "Referrer-Policy", "same-origin" },
	{ "X-Content-Type-Options", "nosniff" },
};

void reply_finish(struct reply *r)
{
	bool reads = str_eq(r->rq->method, S("GET")) || str_eq(r->rq->method, S("HEAD"));
	if (r->etag.len > 0 && r->status == 200 && reads &&
	    matches_tag(request_header(r->rq, "If-None-Match"), r->etag)) {
		r->status = 304;
		r->body = (str){ 0 };
	}
	for (ptrdiff_t i = 0; i < COUNTOF(HEADERS_OF_ALL); i++) {
		if (!reply_has_header(r, HEADERS_OF_ALL[i].name))
			reply_header(r, HEADERS_OF_ALL[i].name, str_from(HEADERS_OF_ALL[i].value));
	}
	if (r->rq->secure)
		reply_header(r, "Strict-Transport-Security", S("max-age=31536000"));
}
