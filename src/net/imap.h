/* imap.h - fetches unseen mail of one folder by IMAP4rev1 (RFC 3501), by UID.
 *
 * libcurl connects, verifies TLS and signs in; the commands are ours (BODY.PEEK[], which libcurl's own FETCH
 * is not: it would mark \Seen before the mail is durable).
 *
 * I1. A message is marked \Seen, or moved, only after `take` has returned IMAP_STORED for it.  A crash in
 *     between brings it again: `take` must be idempotent (the hash of the raw mail is its key).
 * I2. A message larger than size_max is left alone, unseen, and counted.
 */
#pragma once
#include "net/transfer.h"

enum imap_take {
	IMAP_STORED,            /* durable: mark it */
	IMAP_LEAVE,             /* not now: leave it unseen, go on with the next */
	IMAP_STOP,              /* leave it unseen and end this round */
};

struct imap_message {
	uint32_t uid, uid_validity;
	str      bytes;         /* borrowed for the call */
};

struct imap_options {
	str       folder;       /* ASCII; empty: "INBOX" */
	str       move_to;      /* empty: mark \Seen in place */
	ptrdiff_t size_max;     /* 0: 50 MiB */
	int       batch_max;    /* messages a round; 0: 100 */
	void     *ctx;
	enum imap_take (*take)(void *ctx, const struct imap_message *message);
};

struct imap_round {
	int stored, left, too_large;
	uint32_t first_too_large;       /* uid, for the operator */
};

/* One round: connect, take what is unseen, sign out.  On an error out_round still says what was done
 * before. */
MUST_CHECK bool imap_fetch(const struct net_server *server, const struct imap_options *options,
                           struct imap_round *out_round, struct err *err);
