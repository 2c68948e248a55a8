/* test_world.h - what the tests of the server share: a writer that waits to be told, routes, a client.
 *
 * Rows of struct exchange_row are asked one by one; the answer must start with `expect` and contain `also`.
 */
#pragma once
#include <pthread.h>
#include "base/buf.h"
#include "http/server.h"

enum { COMMANDS_MAX = 1000 };

struct command { int number; };

struct writer {
	pthread_mutex_t lock;           /* guards all below */
	pthread_cond_t  changed;
	pthread_t       thread;
	struct {
		struct command *c;
		void          (*done)(struct command *c, void *ctx);
		void           *ctx;
	}               queue[COMMANDS_MAX];
	int             count, done;
	bool            held, stop;
};

void writer_hold(struct writer *w, bool held);
void writer_wait_for(struct writer *w, int arrived);    /* until so many commands came, since the beginning */

struct identity { bool may_write; };

struct world {
	struct writer   writer;
	struct identity reader, handler;
	pthread_mutex_t lock;           /* guards the next two */
	pthread_cond_t  changed;
	bool            work_held;
	_Atomic bool    revoked;        /* nobody is anybody any more */
	_Atomic int     replies;
};

void world_open(struct world *w);
void world_close(struct world *w);
void world_hold_work(struct world *w, bool held);
bool world_try_open(struct world *w, struct http_options options, struct http_server **out, struct err *err);
struct http_server *world_open_server(struct world *w,
                                      struct http_options options); /* plain, if it names none */

int  client_connect(const struct http_server *s);
void client_say(int fd, str text);
str  client_hear(struct arena *a, int fd, str until);   /* until that was seen; all if it is empty */
str  client_ask_raw(struct arena *a, const struct http_server *s, str text);
str  client_ask(struct arena *a, const struct http_server *s, const char *line, const char *headers,
                const char *body);
bool client_has(str answer, const char *what);

struct exchange_row { const char *line, *headers, *body, *expect, *also; };

void client_check(struct arena *a, const struct http_server *s, const struct exchange_row *rows,
                  ptrdiff_t count);

#define JSON_TYPE       "Content-Type: application/json\r\n"
#define FORM_TYPE       "Content-Type: application/x-www-form-urlencoded\r\n"
#define HANDLER         "Cookie: naubat_session=handler\r\n"
#define TOKEN           "Authorization: Bearer handler\r\n"
