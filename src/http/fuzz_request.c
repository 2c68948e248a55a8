/* "METHOD path?query\nName: value\n...\n\nbody": a whole request through all checks.  Whatever was sent, the
 * answer is one of ours, no header of it holds a line break, and a length stated twice reaches no handler. */
#include "http/dispatch_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const words[] = { "one", "two", NULL };
static const struct field fields[] = {
	{ .name = "text", .type = FIELD_TEXT, .required = true, .max = 40 },
	{ .name = "list", .type = FIELD_ID_LIST, .max = 3 },
	{ .name = "word", .type = FIELD_TEXT, .choices = words },
	{ 0 },
};
static const struct field query[] = { { .name = "q", .type = FIELD_TEXT, .max = 20 }, { 0 } };

static struct reply *answer(struct request *rq)
{
	struct reply *r = reply_html(rq, 200, request_form(rq, "text"));
	int lengths = 0, encodings = 0;
	for (ptrdiff_t i = 0; i < rq->priv->headers.count; i++) {
		str name = rq->priv->headers.at[i].name;
		lengths += str_starts_nocase(name, S("Content-Length"));
		encodings += str_starts_nocase(name, S("Transfer-Encoding"));
	}
	ASSERT(lengths + encodings <= 1);
	reply_etag(r, S("v7"));
	reply_header(r, "X-Told", request_query(rq, "q"));
	reply_header(r, "X-Kept", request_cookie(rq, "naubat"));
	return r;
}

static const struct route rows[] = {
	{ "GET", "/a/{id}", PERM_PUBLIC, answer, .query = query },
	{ "POST", "/a", PERM_PUBLIC, answer, .fields = fields },
	{ "POST", "/form", PERM_PUBLIC, answer, .html = true },
	{ "GET", "/own", PERM_SIGNED_IN, answer },
};

static void read_headers(struct arena *a, str text, struct request *rq)
{
	struct pairs *h = &rq->priv->headers;
	h->at = NEW(a, struct pair, PARAMS_MAX);
	for (str_cut_result line = { .tail = text, .ok = true }; line.ok && h->count < PARAMS_MAX;) {
		line = str_cut(line.tail, '\n');
		str_cut_result two = str_cut(line.head, ':');
		if (line.head.len == 0) {
			rq->body = line.tail;
			break;
		}
		h->at[h->count++] = (struct pair){ two.head, str_trim(two.tail) };
	}
	rq->priv->body_length = rq->body.len;
}

static void check(const struct reply *r)
{
	ASSERT((r->status >= 200 && r->status < 600) || r->status == 304);
	ASSERT(r->body.len == 0 || r->status != 304);
	for (const struct reply_field *f = r->fields; f != NULL; f = f->next) {
		for (ptrdiff_t i = 0; i < f->value.len; i++)
			ASSERT((unsigned char)f->value.ptr[i] >= ' ' && f->value.ptr[i] != 0x7F);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct router *router;
	struct err err;
	arena_init(&a, 1 << 20, 16 << 20);
	ASSERT(router_new(&a, &(struct route_table){ rows, COUNTOF(rows) }, 1, &router, &err));
	const struct dispatch d = { .router = router };
	struct request_private priv = { .dispatch = &d, .loopback = size % 2 == 0 };
	struct request rq = { .arena = &a, .priv = &priv, .peer_uid = -1 };
	str_cut_result first = str_cut((str){ (const char *)data, (ptrdiff_t)size }, '\n');
	str_cut_result words_of = str_cut(first.head, ' '), target = str_cut(words_of.tail, '?');
	rq.method = words_of.head;
	rq.path = target.head;
	priv.raw_query = target.tail;
	read_headers(&a, first.tail, &rq);
	struct reply *r = dispatch_head(&d, &rq);
	if (r == NULL)
		r = dispatch_body(&d, &rq);
	reply_finish(r);
	check(r);
	arena_done(&a);
	return 0;
}
