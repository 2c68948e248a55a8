#include "net/client.h"

#include <curl/curl.h>
#include "base/buf.h"
#include "net/transfer.h"

struct asking {
	CURL *easy;
	struct curl_slist *headers;
	struct arena *a;
	struct buf reply;
	str cookie;
	CURLcode code;
};

static size_t on_reply(char *bytes, size_t size, size_t count, void *ctx)
{
	struct asking *q = ctx;
	buf_add(&q->reply, (str){ bytes, (ptrdiff_t)(size * count) });
	return q->reply.over ? 0 : size * count;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *ctx)
{
	struct asking *q = ctx;
	str line = { bytes, (ptrdiff_t)(size * count) };
	str name = S("set-cookie:");
	if (str_eq_nocase(str_sub(line, 0, name.len), name))
		q->cookie = arena_dup(q->a, str_trim(str_cut(str_sub(line, name.len, line.len), ';').head));
	return size * count;
}

static bool is_loopback(str url)
{
	static const char *const starts[] = { "http://127.", "http://localhost:", "http://localhost/",
					      "http://[::1]" };
	for (ptrdiff_t i = 0; i < COUNTOF(starts); i++)
		if (str_starts(url, str_from(starts[i])))
			return true;
	return false;
}

static void set_text(struct asking *q, CURLoption option, str value)
{
	if (!q->code)
		q->code = curl_easy_setopt(q->easy, option, arena_cstr(q->a, value));
}

static void set_long(struct asking *q, CURLoption option, long value)
{
	if (!q->code)
		q->code = curl_easy_setopt(q->easy, option, value);
}

static void add_header(struct asking *q, const char *name, str value)
{
	if (value.len == 0)
		return;
	str line = arena_printf(q->a, "%s: " STR_FMT, name, STR_ARG(value));
	struct curl_slist *longer = curl_slist_append(q->headers, line.ptr);
	if (longer == NULL)
		q->code = CURLE_OUT_OF_MEMORY;
	else
		q->headers = longer;
}

static void set_where(struct asking *q, const struct client_node *node, str path)
{
	str url = node->socket ? S("http://localhost") : node->url;
	while (str_ends(url, S("/")))
		url = str_sub(url, 0, url.len - 1);
	set_text(q, CURLOPT_URL, arena_printf(q->a, STR_FMT STR_FMT, STR_ARG(url), STR_ARG(path)));
	set_text(q, CURLOPT_PROTOCOLS_STR, S("http,https"));
	set_text(q, CURLOPT_PROXY, S(""));
	if (node->socket)
		set_text(q, CURLOPT_UNIX_SOCKET_PATH, str_from(node->socket));
	if (node->ca_file.len)
		set_text(q, CURLOPT_CAINFO, node->ca_file);
	set_long(q, CURLOPT_SSL_VERIFYPEER, 1L);
	set_long(q, CURLOPT_SSL_VERIFYHOST, 2L);
	set_long(q, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	set_long(q, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	set_long(q, CURLOPT_NOSIGNAL, 1L);
	set_long(q, CURLOPT_FOLLOWLOCATION, 0L);
	set_long(q, CURLOPT_TIMEOUT, (long)CLIENT_TIMEOUT_S);
}

static void set_request(struct asking *q, const struct client_request *r, const struct client_node *node)
{
	if (node->token.len)
		add_header(q, "Authorization", arena_printf(q->a, "Bearer " STR_FMT, STR_ARG(node->token)));
	add_header(q, "Cookie", node->cookie);
	add_header(q, "Sec-Fetch-Site", node->cookie.len ? S("none") : S("")); /* no page asks for it */
	add_header(q, "Content-Type", r->type);
	add_header(q, "Idempotency-Key", r->key);
	add_header(q, "Accept", S("application/json"));
	set_text(q, CURLOPT_CUSTOMREQUEST, str_from(r->method));
	if (r->body.ptr) {
		add_header(q, "Expect", S(" ")); /* no waiting for "100 Continue" */
		set_long(q, CURLOPT_POSTFIELDSIZE, (long)r->body.len);
		if (!q->code)
			q->code = curl_easy_setopt(q->easy, CURLOPT_POSTFIELDS, r->body.ptr);
	}
	if (!q->code)
		q->code = curl_easy_setopt(q->easy, CURLOPT_HTTPHEADER, q->headers);
	if (!q->code)
		q->code = curl_easy_setopt(q->easy, CURLOPT_WRITEFUNCTION, on_reply);
	if (!q->code)
		q->code = curl_easy_setopt(q->easy, CURLOPT_WRITEDATA, q);
	if (!q->code)
		q->code = curl_easy_setopt(q->easy, CURLOPT_HEADERFUNCTION, on_header);
	if (!q->code)
		q->code = curl_easy_setopt(q->easy, CURLOPT_HEADERDATA, q);
}

static bool why(const struct client_node *node, CURLcode code, struct err *err)
{
	if (node->socket && (code == CURLE_COULDNT_CONNECT || code == CURLE_FAILED_INIT))
		return err_set(
			err, ERR_RETRY,
			"no node answers at %s: is it running (naubat serve), and may this user reach it?",
			node->socket);
	return err_set(err, ERR_RETRY, "the node did not answer: %s", curl_easy_strerror(code));
}

bool client_ask(const struct client_node *node, struct arena *a, const struct client_request *request,
		struct client_reply *out_reply, struct err *err)
{
	struct asking q = { .a = a };
	long status = 0;
	if (!node->socket && !str_starts(node->url, S("https://")) && !is_loopback(node->url))
		return err_set(err, ERR_INPUT, "a node is asked over https:// only; not '" STR_FMT "'",
			       STR_ARG(str_sub(node->url, 0, 100)));
	net_init();
	buf_init(&q.reply, a, CLIENT_REPLY_MAX);
	q.easy = curl_easy_init();
	if (q.easy == NULL)
		return err_set(err, ERR_SYSTEM, "libcurl does not start");
	set_where(&q, node, request->path);
	set_request(&q, request, node);
	if (!q.code)
		q.code = curl_easy_perform(q.easy);
	if (!q.code)
		q.code = curl_easy_getinfo(q.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(q.easy);
	curl_slist_free_all(q.headers);
	if (q.code)
		return why(node, q.code, err);
	*out_reply = (struct client_reply){ (int)status, buf_str(&q.reply), q.cookie };
	return true;
}
