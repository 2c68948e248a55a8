/* node.h - what a running node lends to its routes.  Made and owned by app/; everything in it outlives the
 * server. */
#pragma once
#include "cases/world.h"
#include "http/request.h"

struct reads;
struct sessions;
struct http_server;
struct sign_key;
struct limiter;
struct metrics;
struct downloads;
struct progress;

struct node {
	const struct world *world;
	struct writer *writer;
	struct reads *reads;       /* query/reads.h: connections for reading */
	struct sessions *sessions; /* access/session.h */
	struct limiter *limiter;   /* http/limiter.h; NULL: nobody is slowed down */
	struct downloads *downloads; /* http/downloads.h */
	struct progress *verifying;  /* http/progress.h */
	struct clock *clock;
	struct rng *rng;
	bool demonstration;
	const char *store;  /* as db_open takes it */
	const char *folder; /* the node's data folder */
	struct http_server *server;
	const struct sign_key *key; /* the node's: checkpoints */
	str key_name;               /* checkpoint_name_ok; origin of its checkpoints */
	struct metrics *metrics;    /* app/metrics.h; NULL: nothing is counted */
	void *more;                 /* of the demonstration's routes */
};
