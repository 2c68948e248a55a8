#include "watch/decoders.h"
#include "base/text.h"

static str word(str *rest)
{
	str_cut_result cut = str_cut(*rest, ' ');
	*rest = cut.tail;
	return cut.head;
}

/* "..." with \" and \xHH inside; rest stands behind it and a blank. */
static bool quoted(struct pairs *p, str *rest, str *out)
{
	str s = *rest;
	char *text, *at;
	ptrdiff_t i = 1;
	if (!str_starts(s, S("\"")) || (text = pairs_room(p, s.len)) == NULL)
		return false;
	for (at = text; i < s.len && s.ptr[i] != '"'; i++) {
		if (s.ptr[i] != '\\' || i + 1 >= s.len) {
			*at++ = s.ptr[i];
			continue;
		}
		char c = s.ptr[++i];
		if (c == 'x' && i + 2 < s.len && text_hex_value(s.ptr[i + 1]) >= 0
		    && text_hex_value(s.ptr[i + 2]) >= 0) {
			*at++ = (char)(text_hex_value(s.ptr[i + 1]) << 4 | text_hex_value(s.ptr[i + 2]));
			i += 2;
		} else if (c == '"' || c == '\\') {
			*at++ = c;
		} else if (c == 'n' || c == 't' || c == 'r') {
			*at++ = c == 'n' ? '\n' : c == 't' ? '\t' : '\r';
		} else {
			*at++ = '\\';
			*at++ = c;
		}
	}
	if (i >= s.len)
		return false;
	pairs_keep(p, at);
	*out = (str){ text, at - text };
	for (i++; i < s.len && s.ptr[i] == ' '; i++)
		;
	*rest = str_sub(s, i, s.len);
	return true;
}

static void add_uri(struct pairs *p, str uri)
{
	str_cut_result parts = str_cut(uri, '?');
	pairs_add(p, S("cs-uri"), uri);
	pairs_add(p, S("cs-uri-stem"), parts.head);
	if (parts.ok)
		pairs_add(p, S("cs-uri-query"), parts.tail);
}

void decode_request(struct pairs *p, str request)
{
	str rest = request, method = word(&rest);
	bool upper = method.len > 0 && method.len <= 20;
	for (ptrdiff_t i = 0; i < method.len; i++)
		upper &= (method.ptr[i] >= 'A' && method.ptr[i] <= 'Z') || method.ptr[i] == '_'
		         || method.ptr[i] == '-';
	if (!upper || rest.len == 0) {          /* what somebody sent who speaks no HTTP */
		add_uri(p, request);
		return;
	}
	pairs_add(p, S("cs-method"), method);
	/* a blank in the path is not allowed, and sent all the same: the version is what stands last */
	ptrdiff_t last = rest.len;
	while (last > 0 && rest.ptr[last - 1] != ' ')
		last--;
	if (last > 0 && str_starts(str_sub(rest, last, rest.len), S("HTTP/"))) {
		pairs_add(p, S("cs-version"), str_sub(rest, last, rest.len));
		rest = str_sub(rest, 0, last - 1);
	}
	add_uri(p, rest);
}

static bool is_number(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return s.len > 0;
}

struct client { str virtual_host, host, user; };

/* host ident user, or virtual.host:80 host ident user: the ident is a dash almost always. */
static bool client_of(str s, struct client *out)
{
	str f[5], rest = s;
	ptrdiff_t n = 0;
	for (; n < COUNTOF(f) && rest.len > 0; n++)
		f[n] = word(&rest);
	if (n < 3 || rest.len > 0 || f[0].len == 0)
		return false;
	*out = (struct client){ .host = f[0], .user = str_sub(s, f[2].ptr - s.ptr, s.len) };
	if (n == 3)
		return true;
	if (!str_eq(f[1], S("-")) && str_eq(f[2], S("-")))
		*out = (struct client){ str_cut(f[0], ':').head, f[1], str_sub(s, f[3].ptr - s.ptr, s.len) };
	return n == 4 && (str_eq(f[1], S("-")) || str_eq(f[2], S("-")));
}

/* host ident user [time] "request" status bytes "referer" "agent" ..; a virtual host may come first. */
static bool common(struct pairs *p, str line)
{
	str first, time, request, status, bytes, referer, agent;
	ptrdiff_t open = str_find(line, S(" [")), close;
	struct client c;
	if (open < 0 || open > 600)
		return false;
	first = str_sub(line, 0, open);
	if (!client_of(first, &c))
		return false;
	str rest = str_sub(line, open + 2, line.len);
	close = str_find(rest, S("] \""));
	if (close < 8 || close > 40 || str_find_char(str_sub(rest, 0, close), ':') < 0)
		return false;
	time = str_sub(rest, 0, close);
	rest = str_sub(rest, close + 2, rest.len);
	if (!quoted(p, &rest, &request))
		return false;
	status = word(&rest);
	bytes = word(&rest);
	if (!is_number(status) || status.len != 3)
		return false;
	pairs_add(p, S("timestamp"), time);
	pairs_add(p, S("c-ip"), c.host);
	pairs_add_some(p, S("cs-username"), c.user);
	pairs_add_some(p, S("cs-host"), c.virtual_host);
	decode_request(p, request);
	pairs_add(p, S("sc-status"), status);
	pairs_add_some(p, S("sc-bytes"), bytes);
	if (quoted(p, &rest, &referer))
		pairs_add(p, S("cs-referer"), referer);
	if (quoted(p, &rest, &agent))
		pairs_add(p, S("cs-user-agent"), agent);
	pairs_add_some(p, S("message"), str_trim(rest));
	return true;
}

static void add_squid_url(struct pairs *p, str url)
{
	ptrdiff_t scheme = str_find(url, S("://"));
	str rest = scheme > 0 ? str_sub(url, scheme + 3, url.len) : url;
	str_cut_result host = str_cut(rest, '/'), query = str_cut(url, '?');
	ptrdiff_t dot = query.head.len;
	pairs_add(p, S("c-uri"), url);
	pairs_add(p, S("cs-host"), str_cut(host.head, ':').head);
	pairs_add(p, S("r-dns"), str_cut(host.head, ':').head);
	if (query.ok)
		pairs_add(p, S("c-uri-query"), query.tail);
	while (dot > 0 && query.head.ptr[dot - 1] != '.' && query.head.ptr[dot - 1] != '/')
		dot--;
	if (host.ok && dot > 0 && query.head.ptr[dot - 1] == '.')
		pairs_add_some(p, S("c-uri-extension"), str_sub(query.head, dot, query.head.len));
}

/* 1066036250.603 310 192.0.2.5 TCP_MISS/200 1234 GET http://x/ user DIRECT/198.51.100.7 text/html */
static bool squid(struct pairs *p, str line)
{
	str f[10], rest = line;
	for (ptrdiff_t i = 0; i < COUNTOF(f); i++) {
		rest = str_trim(rest);
		f[i] = i == COUNTOF(f) - 1 ? rest : word(&rest);
	}
	str_cut_result time = str_cut(f[0], '.'), result = str_cut(f[3], '/'), peer = str_cut(f[8], '/');
	if (!time.ok || !is_number(time.head) || !is_number(time.tail) || !is_number(f[1]) || !result.ok
	    || !is_number(result.tail) || !is_number(f[4]) || !peer.ok)
		return false;
	pairs_add(p, S("timestamp"), f[0]);
	pairs_add(p, S("time-taken"), f[1]);
	pairs_add(p, S("c-ip"), f[2]);
	pairs_add(p, S("s-action"), result.head);
	pairs_add(p, S("sc-status"), result.tail);
	pairs_add(p, S("sc-bytes"), f[4]);
	pairs_add(p, S("cs-method"), f[5]);
	add_squid_url(p, f[6]);
	pairs_add_some(p, S("cs-username"), f[7]);
	pairs_add_some(p, S("dst_ip"), peer.tail);
	pairs_add_some(p, S("rs-content-type"), f[9]);
	return true;
}

const char *decode_access(struct pairs *p, str line)
{
	if (line.len == 0)
		return NULL;
	if (line.ptr[0] >= '0' && line.ptr[0] <= '9' && squid(p, line))
		return "squid";
	return common(p, line) ? "apache" : NULL;
}

/* [Wed Oct 11 14:32:52.1 2000] [core:error] [pid 1] [client 192.0.2.1:80] what was wrong */
static bool apache_error(struct pairs *p, str line)
{
	str rest = line;
	for (int i = 0; str_starts(rest, S("[")); i++) {
		ptrdiff_t end = str_find_char(rest, ']');
		str inside = str_sub(rest, 1, end);
		if (end < 0)
			break;
		if (i == 0 && (end < 20 || end > 40 || str_find_char(inside, ':') < 0))
			return false;
		if (i == 0)
			pairs_add(p, S("timestamp"), inside);
		else if (str_starts(inside, S("client ")))
			pairs_add(p, S("client"), str_sub(inside, 7, inside.len));
		else
			pairs_add(p, str_starts(inside, S("pid ")) ? S("procid") : S("level"), inside);
		rest = str_trim(str_sub(rest, end + 1, rest.len));
	}
	if (pairs_find(p, S("level")).ptr == NULL)
		return false;
	str client = pairs_find(p, S("client"));
	if (client.ptr != NULL) {
		ptrdiff_t port = client.len;
		while (port > 0 && client.ptr[port - 1] != ':')
			port--;
		pairs_add(p, S("c-ip"), port > 0 && str_find_char(client, '.') >= 0
		          ? str_sub(client, 0, port - 1) : client);
	}
	pairs_add(p, S("message"), rest);
	return true;
}

/* , client: 192.0.2.1, server: x, request: "GET / HTTP/1.1", host: "y" */
static str nginx_part(struct pairs *p, str line, str name)
{
	ptrdiff_t at = str_find(line, name);
	str rest = at >= 0 ? str_sub(line, at + name.len, line.len) : S(""), text;
	if (quoted(p, &rest, &text))
		return text;
	return str_cut(rest, ',').head;
}

/* 2020/01/01 12:00:00 [error] 12#34: *5 what was wrong, client: .. */
static bool nginx_error(struct pairs *p, str line)
{
	ptrdiff_t open = str_find(str_sub(line, 0, 24), S(" [")), close;
	str rest, request;
	if (open != 19 || line.ptr[4] != '/' || line.ptr[7] != '/' || line.ptr[13] != ':')
		return false;
	rest = str_sub(line, open + 2, line.len);
	close = str_find_char(rest, ']');
	if (close < 3 || close > 10)
		return false;
	pairs_add(p, S("timestamp"), str_sub(line, 0, 19));
	pairs_add(p, S("level"), str_sub(rest, 0, close));
	pairs_add(p, S("message"), str_trim(str_sub(rest, close + 1, rest.len)));
	pairs_add_some(p, S("c-ip"), nginx_part(p, rest, S(", client: ")));
	pairs_add_some(p, S("cs-host"), nginx_part(p, rest, S(", host: ")));
	request = nginx_part(p, rest, S(", request: "));
	if (request.len > 0)
		decode_request(p, request);
	return true;
}

const char *decode_web_error(struct pairs *p, str line)
{
	if (str_starts(line, S("[")))
		return apache_error(p, line) ? "apache-error" : NULL;
	return nginx_error(p, line) ? "nginx-error" : NULL;
}
