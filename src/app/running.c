#include "app/running.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "access/identity.h"
#include "app/metrics.h"
#include "app/tables.h"
#include "base/log.h"
#include "commit/commit.h"
#include "http/assets.h"
#include "query/reads.h"
#include "readers/indexer.h"
#include "readers/ticker.h"

enum { READERS = 4, TABLES_MAX = 24 };

struct running {
	struct running_options options;
	struct arena arena;
	struct clock clock;
	struct rng rng;
	struct node node;
	struct outbound *outbound;
	struct ticker *ticker;
	struct indexer *indexer;
	struct metrics *metrics;
	_Atomic bool failed;
	struct err failure; /* written once, before failed */
};

static void committed(void *ctx, int64_t size)
{
	struct running *r = ctx;
	metrics_committed(r->metrics, size);
	if (r->node.server)
		http_server_board_moved(r->node.server);
	if (r->outbound)
		outbound_wake(r->outbound);
	if (r->indexer)
		indexer_wake(r->indexer);
}

static void told(void *ctx, const struct ticker_told *t)
{
	struct running *r = ctx;
	metrics_told(r->metrics, t->reminders, t->alerts);
}

static void failed(void *ctx, const struct err *why)
{
	struct running *r = ctx;
	r->failure = *why;
	r->failed = true;
	(void)kill(getpid(), SIGTERM);
}

static void submit(void *ctx, struct command *c, void (*done)(struct command *c, void *done_ctx),
		   void *done_ctx)
{
	struct running *r = ctx;
	c->done = done;
	c->done_ctx = done_ctx;
	writer_submit(r->node.writer, c);
}

static void seen(void *ctx, const struct route *route, int status, int64_t took_us)
{
	struct running *r = ctx;
	metrics_request(r->metrics, route, status, took_us);
}

static bool start_server(struct running *r, struct err *err)
{
	struct route_table tables[TABLES_MAX];
	ptrdiff_t count = app_tables(tables, TABLES_MAX);
	for (ptrdiff_t i = 0; i < r->options.more_count; i++) {
		ASSERT(count < TABLES_MAX);
		tables[count++] = r->options.more[i];
	}
	struct http_options options = { .listeners = r->options.listeners,
					.listener_count = r->options.listener_count,
					.node = &r->node,
					.assets = assets_embedded(&r->arena),
					.certificate_pem = r->options.certificate_pem,
					.key_pem = r->options.key_pem,
					.title = S("Naubat"),
					.version = S("0.1.0") };
	struct http_hooks hooks = { .ctx = r, .submit = submit, .seen = seen };
	app_hooks(&hooks);
	return http_server_open(&options, tables, count, &hooks, &r->node.server, err);
}

static bool start(struct running *r, struct err *err)
{
	const struct running_options *o = &r->options;
	struct writer_options writer = { .store = o->store,
					 .clock = &r->clock,
					 .rng = &r->rng,
					 .committed = committed,
					 .failed = failed,
					 .ctx = r };
	struct outbound_options outbound = { .world = o->world,
					     .store = o->store,
					     .transport = o->transport,
					     .clock = &r->clock,
					     .demonstration = o->demonstration };
	struct ticker_options ticker = {
		.world = o->world, .store = o->store, .clock = &r->clock, .told = told, .ctx = r
	};
	if (!writer_open(writer, &r->node.writer, err) ||
	    !reads_open(o->store, READERS, &r->node.reads, err) || !app_sessions_open(&r->node, err))
		return false;
	outbound.writer = ticker.writer = r->node.writer;
	return outbound_open(outbound, &r->outbound, err) && ticker_open(ticker, &r->ticker, err) &&
	       indexer_open(o->store, r->node.writer, &r->indexer, err) && start_server(r, err);
}

bool running_open(const struct running_options *options, struct running **out, struct err *err)
{
	struct running *r = calloc(1, sizeof(*r)); /* heap: lives as long as the node */
	ASSERT(r != NULL);
	arena_init(&r->arena, 64 << 20, 128 << 20);
	r->options = *options;
	r->clock = clock_real();
	r->rng = rng_real();
	r->node = (struct node){ .world = options->world,
				 .clock = &r->clock,
				 .rng = &r->rng,
				 .demonstration = options->demonstration,
				 .store = options->store,
				 .folder = options->folder,
				 .key = options->key,
				 .key_name = options->key_name,
				 .metrics = r->metrics = metrics_open(),
				 .more = options->more_ctx };
	if (!start(r, err)) {
		running_close(r);
		return false;
	}
	*out = r;
	return true;
}

int running_port(const struct running *r)
{
	return http_server_port(r->node.server, 0);
}

struct node *running_node(struct running *r)
{
	return &r->node;
}

static sigset_t stop_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

void running_block_signals(void)
{
	sigset_t set = stop_signals();
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void running_wait(void)
{
	sigset_t set = stop_signals();
	int which;
	(void)sigwait(&set, &which);
}

const struct err *running_failure(const struct running *r)
{
	return r->failed ? &r->failure : NULL;
}

void running_abandon(struct running *r)
{
	http_server_close(r->node.server);
	r->node.server = NULL;
}

void running_close(struct running *r)
{
	if (r == NULL)
		return;
	http_server_close(r->node.server);
	r->node.server = NULL;
	ticker_close(r->ticker);
	indexer_close(r->indexer);
	r->indexer = NULL;
	outbound_close(r->outbound);
	r->outbound = NULL;
	writer_close(r->node.writer);
	app_sessions_close(&r->node);
	reads_close(r->node.reads);
	metrics_close(r->metrics);
	arena_done(&r->arena);
	free(r);
}
