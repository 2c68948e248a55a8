/* crash.h - what crash_child and crash_check share: the node both work on, and the lines of the ledger.
 *
 * A ledger line is one write(2), so that a killed process leaves whole lines:
 *     "? KEY ACT\n"            is about to be submitted
 *     "! KEY ACT SEQ HASH\n"   was acknowledged: from now on it must be there, once, for ever
 * The key and the act are also what the command was keyed with, so that anybody can ask again.
 */
#pragma once
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "access/identity.h"
#include "base/text.h"
#include "cases/incident.h"
#include "cases/intake.h"
#include "cases/report.h"
#include "crypto/crypto.h"
#include "journal/journal.h"
#include "regime/test_support.h"

enum { KEY_BYTES = 40, ACT_BYTES = 16 };

struct node {
	struct arena arena;
	struct world world;
	struct identity who;
	struct clock clock;
	struct rng rng;
	struct writer *writer;
};

__attribute__((noreturn)) static inline void give_up(const char *what, const struct err *err)
{
	fprintf(stderr, "%s: %s\n", what, err ? err->text : "");
	exit(1);
}

static inline void node_init(struct node *n)
{
	struct err err = { 0 };
	if (!crypto_init(&err))
		give_up("crypto", &err);
	arena_init(&n->arena, 64 << 20, 256 << 20);
	n->world = (struct world){ .regime = regime_from(&n->arena, "pakistan-2023.yaml"),
				   .regime_id = S("PK-CERT-RULES-2023/0.1"),
				   .team = S("ncert"),
				   .prefix = S("DEMO"),
				   .secret = S("0123456789abcdef0123456789abcdef"),
				   .mail_domain = S("cert.example") };
	n->who = (struct identity){ .account = { { 1, 2, 3 } },
				    .login = S("duty"),
				    .name = S("Duty"),
				    .team = S("ncert"),
				    .roles = ROLE_HANDLER | ROLE_LEAD,
				    .scopes = ~0u };
	n->clock = clock_real();
	n->rng = rng_real();
	n->writer = NULL;
}

static inline bool node_open(struct node *n, const char *store, struct err *err)
{
	return writer_open((struct writer_options){ .store = store, .clock = &n->clock, .rng = &n->rng },
			   &n->writer, err);
}

static inline void node_done(struct node *n)
{
	writer_close(n->writer);
	arena_done(&n->arena);
}

static inline void node_key(const struct node *n, struct command *c, const char *key, const char *act)
{
	c->actor = n->who.account;
	c->regime = n->world.regime_id;
	commit_key(c, n->world.secret, str_from(key), str_from(act));
}

static inline int ledger_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static inline void ledger_write(int fd, str line)
{
	if (write(fd, line.ptr, (size_t)line.len) != line.len) {
		perror("ledger");
		exit(1);
	}
}

static inline void ledger_ack(int fd, struct arena *a, const char *key, const char *act,
			      const struct command *c)
{
	ledger_write(fd, arena_printf(a, "! %s %s %" PRId64 " " STR_FMT "\n", key, act, c->receipt.seq,
				      STR_ARG(text_hex(a, (str){ (const char *)c->receipt.hash.b, 32 }))));
}

/* The report that a key makes: its words hold the key, so that it can be counted in the journal. */
static inline bool intake_for(struct node *n, struct arena *a, const char *key, struct intake *out,
			      struct err *err)
{
	*out = (struct intake){ .world = &n->world,
				.channel = S("api"),
				.text = arena_printf(
					a, "marker <%s> seen at 203.0.113.7 and hxxp://login.bank[.]example/",
					key),
				.reporter_name = S("A reporter"),
				.reporter_contact = S("someone@reporter.example") };
	return intake_prepare(out, a, err);
}
