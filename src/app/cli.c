#include "app/cli.h"

#include <stdlib.h>
#include "app/conf.h"
#include "base/buf.h"
#include "base/uuid.h"
#include "crypto/random.h"
#include "format/json.h"
#include "os/clock.h"

enum { TOO_LARGE = 413, TOO_MANY = 429, SERVER_TROUBLE = 500 };

void cli_find_node(struct cli *c, const char *where)
{
	const char *url = getenv("NAUBAT_URL"), *token = getenv("NAUBAT_TOKEN"), *ca = getenv("NAUBAT_CA");
	where = where ? where : url && url[0] ? url : CONF_FOLDER_DEFAULT;
	c->node = (struct client_node){ .token = str_from(token), .ca_file = str_from(ca) };
	if (str_find(str_from(where), S("://")) > 0)
		c->node.url = str_from(where);
	else
		c->node.socket = conf_path(c->a, where, S("naubat.sock"));
}

str cli_escape(struct arena *a, str text)
{
	struct buf b;
	buf_init(&b, a, text.len * 3 + 1);
	for (ptrdiff_t i = 0; i < text.len; i++) {
		char x = text.ptr[i];
		bool plain = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') ||
			     x == '-' || x == '_' || x == '.' || x == '~';
		if (plain)
			buf_add_char(&b, x);
		else
			buf_printf(&b, "%%%02X", (unsigned)(unsigned char)x);
	}
	return buf_str(&b);
}

static bool refused(struct cli *c, const struct client_reply *r, struct err *err)
{
	struct json *j = json_object(c->a);
	struct err unreadable;
	if (r->body.len && !json_parse(c->a, r->body, (struct json_limits){ 0 }, &j, &unreadable))
		return err_set(err, ERR_DENIED, "the node's answer (%d) cannot be read", r->status);
	str detail = json_get_str(j, "detail"), title = json_get_str(j, "title");
	str words = detail.len ? detail : title;
	c->why = r->status >= SERVER_TROUBLE || r->status == TOO_MANY ? CLI_LATER : CLI_REFUSED;
	if ((r->status == 401 || r->status == 403) && c->node.token.len == 0)
		return err_set(err, ERR_DENIED,
			       STR_FMT " (%d; set NAUBAT_TOKEN to a token that may: the console makes them)",
			       STR_ARG(words), r->status);
	return err_set(err, r->status == TOO_LARGE ? ERR_LIMIT : ERR_DENIED, STR_FMT " (%d)", STR_ARG(words),
		       r->status);
}

static bool ask(struct cli *c, const struct client_request *r, struct client_reply *out, struct err *err)
{
	c->why = CLI_LATER;
	if (!client_ask(&c->node, c->a, r, out, err))
		return false;
	if (out->status >= 300)
		return refused(c, out, err);
	if (out->cookie.len)
		c->node.cookie = out->cookie;
	return true;
}

bool cli_send(struct cli *c, struct client_request *r, struct json **out, struct err *err)
{
	struct client_reply reply;
	*out = json_object(c->a);
	if (!ask(c, r, &reply, err))
		return false;
	if (reply.body.len && !json_parse(c->a, reply.body, (struct json_limits){ 0 }, out, err))
		return err_wrap(err, "the node's answer (%d) cannot be read", reply.status);
	return true;
}

bool cli_fetch(struct cli *c, str path, str *out, struct err *err)
{
	struct client_reply reply;
	if (!ask(c, &(struct client_request){ .method = "GET", .path = path }, &reply, err))
		return false;
	*out = reply.body;
	return true;
}

str cli_new_key(struct cli *c)
{
	struct clock clock = clock_real();
	struct rng rng = rng_real();
	uint8_t random[10];
	rng.fill(&rng, random, sizeof(random));
	return uuid_format(c->a, uuid_make(clock.now(&clock), random));
}

bool cli_call(struct cli *c, const char *method, str path, const struct json *body, struct json **out,
	      struct err *err)
{
	struct client_request r = { .method = method, .path = path };
	if (body) {
		r.type = S("application/json");
		r.body = json_compact(c->a, body);
		r.key = cli_new_key(c);
	}
	return cli_send(c, &r, out, err);
}
