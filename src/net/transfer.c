#include "net/transfer_priv.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <curl/curl.h>

enum {
	CONNECT_MS_DEFAULT = 20 * 1000,
	TIMEOUT_MS_DEFAULT = 5 * 60 * 1000,
	TEXT_MAX           = 300,
	HOST_MAX           = 253,
};

/* heap: an easy handle keeps its connection, and calls back into this. */
struct transfer {
	CURL  *easy;
	char   text[1024];              /* the server's last reply, its lines joined */
	size_t text_len;
	bool   text_open;               /* its last line was "250-..." */
	char   problem[CURL_ERROR_SIZE];
	str    content;                 /* what is still to be sent */
	bool   greeted;
	int    timeout_ms;
};

static void net_init_once(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
}

void net_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, net_init_once);
}

str transfer_sanitise(struct arena *a, str text, ptrdiff_t max)
{
	text = str_sub(str_trim(text), 0, max);
	char *p = arena_cstr(a, text);
	for (ptrdiff_t i = 0; i < text.len; i++)
		p[i] = (char)(text.ptr[i] >= ' ' && text.ptr[i] < 0x7F ? text.ptr[i] : '?');
	return (str){ p, text.len };
}

/* Every line of the dialogue passes here.  Lines "550-..." and "550 ..." of one reply are joined. */
static size_t on_server_line(char *line, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	str s = str_trim((str){ line, (ptrdiff_t)(size * count) });
	if (str_starts(s, S("221")))                    /* the goodbye after a refusal says nothing */
		return size * count;
	if (!t->text_open)
		t->text_len = 0;
	t->text_open = s.len > 3 && s.ptr[3] == '-';
	t->greeted |= str_starts(s, S("250"));
	s = str_sub(s, 4, s.len);
	size_t room = sizeof(t->text) - t->text_len;
	if (t->text_len > 0 && room > 1) {
		t->text[t->text_len++] = ' ';
		room--;
	}
	size_t n = MIN((size_t)s.len, room);
	if (n > 0)
		memcpy(t->text + t->text_len, s.ptr, n);
	t->text_len += n;
	return size * count;
}

static size_t on_want_content(char *to, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = MIN((size_t)t->content.len, size * count);
	if (n > 0)
		memcpy(to, t->content.ptr, n);
	t->content = str_sub(t->content, (ptrdiff_t)n, t->content.len);
	return n;
}

static size_t on_body(char *bytes UNUSED, size_t size, size_t count, void *ctx UNUSED)
{
	return size * count;
}

static bool host_is_good(str host)
{
	for (ptrdiff_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];
		bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			c == '.' || c == '-' ||
			c == ':';
		if (!good)
			return false;
	}
	return host.len > 0 && host.len <= HOST_MAX;
}

static bool is_loopback(str host)
{
	char text[HOST_MAX + 1] = { 0 };
	struct in_addr v4;
	memcpy(text, host.ptr, (size_t)host.len);
	return str_eq_nocase(host, S("localhost")) || str_eq(host, S("::1")) ||
		(inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127);
}

static bool has_nul(str s)
{
	return s.len > 0 && memchr(s.ptr, 0, (size_t)s.len) != NULL;
}

static bool check_server(const struct net_server *server, struct err *err)
{
	bool guarded = server->tls == NET_TLS_REQUIRED || server->tls == NET_TLS_IMPLICIT;
	if (!host_is_good(server->host))
		return err_set(err, ERR_INPUT, "the mail server needs a host name or an address");
	if (server->port < 1 || server->port > 65535)
		return err_set(err, ERR_INPUT, "the mail server's port must be from 1 to 65535");
	if (server->user.len > 0 && !guarded && !is_loopback(server->host))
		return err_set(err, ERR_INPUT,
			"a password is sent over TLS only: set TLS to required or implicit");
	if (has_nul(server->user) || has_nul(server->password) || has_nul(server->ca_file))
		return err_set(err, ERR_INPUT, "user, password and CA file must be without NUL");
	return true;
}

static CURLcode set_str(CURL *easy, CURLoption option, str value)
{
	char *copy = strndup(value.ptr ? value.ptr : "", (size_t)value.len);
	/* curl copies */
	CURLcode code = copy ? curl_easy_setopt(easy, option, copy) : CURLE_OUT_OF_MEMORY;
	if (copy != NULL)
		explicit_bzero(copy, (size_t)value.len);
	free(copy);
	return code;
}

static CURLcode set_url(CURL *easy, const struct net_server *server, const char *scheme, str path)
{
	char url[1024];
	bool v6 = str_find_char(server->host, ':') >= 0;
	(void)snprintf(url, sizeof(url), "%s%s://%s" STR_FMT "%s:%d/" STR_FMT, scheme,
		server->tls == NET_TLS_IMPLICIT ? "s" : "", v6 ? "[" : "", STR_ARG(server->host), v6 ? "]" :
			"", server->port,
		STR_ARG(path));
	return curl_easy_setopt(easy, CURLOPT_URL, url);
}

static CURLcode set_tls(CURL *easy, const struct net_server *server)
{
	static const long levels[] = {
		[NET_TLS_REQUIRED] = CURLUSESSL_ALL, [NET_TLS_IMPLICIT] = CURLUSESSL_ALL,
			[NET_TLS_OPTIONAL] = CURLUSESSL_TRY,
		[NET_TLS_NONE] = CURLUSESSL_NONE,
	};
	CURLcode code = curl_easy_setopt(easy, CURLOPT_USE_SSL, levels[server->tls]);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	return code || server->ca_file.len == 0 ? code : set_str(easy, CURLOPT_CAINFO, server->ca_file);
}

/* Nothing of the environment decides where mail goes. */
static CURLcode set_rest(struct transfer *t, const struct net_server *server)
{
	CURL *easy = t->easy;
	long connect_ms = server->connect_timeout_ms > 0 ? server->connect_timeout_ms : CONNECT_MS_DEFAULT;
	CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps,imap,imaps");
	code = code ? code : curl_easy_setopt(easy, CURLOPT_PROXY, "");
	code = code ? code : curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->problem);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_server_line);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_want_content);
	code = code ? code : curl_easy_setopt(easy, CURLOPT_READDATA, t);
	if (code || server->user.len == 0)
		return code;
	code = set_str(easy, CURLOPT_USERNAME, server->user);
	return code ? code : set_str(easy, CURLOPT_PASSWORD, server->password);
}

bool transfer_open(const struct net_server *server, const char *scheme, str path,
                   struct transfer **out_transfer, struct err *err)
{
	if (!check_server(server, err))
		return false;
	net_init();
	struct transfer *t = calloc(1, sizeof(*t));
	if (t == NULL)
		abort();
	t->easy = curl_easy_init();
	t->timeout_ms = server->timeout_ms > 0 ? server->timeout_ms : TIMEOUT_MS_DEFAULT;
	CURLcode code = t->easy ? set_url(t->easy, server, scheme, path) : CURLE_OUT_OF_MEMORY;
	code = code ? code : set_tls(t->easy, server);
	code = code ? code : set_rest(t, server);
	if (code != CURLE_OK) {
		transfer_close(t);
		return err_set(err, ERR_SYSTEM, "libcurl: %s", curl_easy_strerror(code));
	}
	*out_transfer = t;
	return true;
}

void transfer_close(struct transfer *t)
{
	if (t != NULL)
		curl_easy_cleanup(t->easy);
	free(t);
}

static enum transfer_end end_of(CURLcode code)
{
	static const struct { CURLcode code; enum transfer_end end; } ends[] = {
		{ CURLE_OK, TRANSFER_DONE },
		{ CURLE_COULDNT_RESOLVE_HOST, TRANSFER_UNREACHED },
		{ CURLE_COULDNT_CONNECT, TRANSFER_UNREACHED },
		{ CURLE_GOT_NOTHING, TRANSFER_UNREACHED }, { CURLE_OPERATION_TIMEDOUT, TRANSFER_TIMEOUT },
		{ CURLE_USE_SSL_FAILED, TRANSFER_NO_TLS }, { CURLE_SSL_CONNECT_ERROR, TRANSFER_NO_TLS },
		{ CURLE_PEER_FAILED_VERIFICATION, TRANSFER_NO_TLS },
		{ CURLE_SSL_CACERT_BADFILE, TRANSFER_NO_TLS },
		{ CURLE_SSL_CERTPROBLEM, TRANSFER_NO_TLS }, { CURLE_SSL_CIPHER, TRANSFER_NO_TLS },
		{ CURLE_SSL_ISSUER_ERROR, TRANSFER_NO_TLS }, { CURLE_LOGIN_DENIED, TRANSFER_NO_SIGN_IN },
		{ CURLE_AUTH_ERROR, TRANSFER_NO_SIGN_IN },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(ends); i++)
		if (ends[i].code == code)
			return ends[i].end;
	/* CURLE_SEND_ERROR for a rejected recipient, among others: the code decides */
	return TRANSFER_REFUSED;
}

static void reset_dialogue(struct transfer *t)
{
	t->text_len = 0;
	t->text_open = false;
	t->problem[0] = 0;
	t->greeted = false;
}

/* The server's own words where they say why; a last "250 OK" before a lost connection does not. */
static str dialogue_text(struct transfer *t, struct arena *a, CURLcode code, long response)
{
	if (t->text_len > 0 && (code == CURLE_OK || (response >= 400 && end_of(code) != TRANSFER_TIMEOUT)))
		return transfer_sanitise(a, (str){ t->text, (ptrdiff_t)t->text_len }, TEXT_MAX);
	return transfer_sanitise(a, str_from(t->problem[0] ? t->problem : curl_easy_strerror(code)),
		TEXT_MAX);
}

void transfer_mail(struct transfer *t, struct arena *a, const struct smtp_message *message,
                   struct transfer_result *out_result)
{
	str from = arena_printf(a, "<" STR_FMT ">", STR_ARG(message->sender));
	str recipient = arena_printf(a, "<" STR_FMT ">", STR_ARG(message->recipient));
	curl_off_t size = message->bytes.len;
	struct curl_slist *to = curl_slist_append(NULL, recipient.ptr);
	CURLcode code = to ? set_str(t->easy, CURLOPT_MAIL_FROM, from) : CURLE_OUT_OF_MEMORY;
	code = code ? code : curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, to);
	code = code ? code : curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
	code = code ? code : curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, size);
	reset_dialogue(t);
	t->content = message->bytes;
	long response = 0, connects = 1;
	if (code == CURLE_OK) {
		code = curl_easy_perform(t->easy);
		(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &response);
		(void)curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
	}
	*out_result = (struct transfer_result){
		.end = end_of(code), .code = (int)response, .greeted = t->greeted || connects == 0,
		.text = dialogue_text(t, a, code, response),
	};
	(void)curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(to);
	t->content = (str){ 0 };
}

bool transfer_connect(struct transfer *t, struct err *err)
{
	reset_dialogue(t);
	CURLcode code = curl_easy_setopt(t->easy, CURLOPT_CONNECT_ONLY, 1L);
	code = code ? code : curl_easy_perform(t->easy);
	if (code == CURLE_OK)
		return true;
	return err_set(err, ERR_RETRY, "the mail server cannot be used: %s",
		t->problem[0] ? t->problem : curl_easy_strerror(code));
}

static bool wait_socket(struct transfer *t, short events, struct err *err)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	if (curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd == CURL_SOCKET_BAD)
		return err_set(err, ERR_RETRY, "the mail server closed the connection");
	struct pollfd p = { .fd = fd, .events = events };
	if (poll(&p, 1, t->timeout_ms) <= 0)
		return err_set(err, ERR_RETRY, "the mail server did not answer in time");
	return true;
}

bool transfer_write(struct transfer *t, str bytes, struct err *err)
{
	while (bytes.len > 0) {
		size_t n = 0;
		CURLcode code = curl_easy_send(t->easy, bytes.ptr, (size_t)bytes.len, &n);
		if (code == CURLE_AGAIN) {
			if (!wait_socket(t, POLLOUT, err))
				return false;
		} else if (code != CURLE_OK) {
			return err_set(err, ERR_RETRY, "the mail server: %s", curl_easy_strerror(code));
		}
		bytes = str_sub(bytes, (ptrdiff_t)n, bytes.len);
	}
	return true;
}

bool transfer_read(struct transfer *t, char *to, ptrdiff_t room, ptrdiff_t *out_len, struct err *err)
{
	for (;;) {
		size_t n = 0;
		CURLcode code = curl_easy_recv(t->easy, to, (size_t)room, &n);
		if (code == CURLE_OK && n > 0) {
			*out_len = (ptrdiff_t)n;
			return true;
		}
		if (code == CURLE_OK)
			return err_set(err, ERR_RETRY, "the mail server closed the connection");
		if (code != CURLE_AGAIN)
			return err_set(err, ERR_RETRY, "the mail server: %s", curl_easy_strerror(code));
		if (!wait_socket(t, POLLIN, err))
			return false;
	}
}
