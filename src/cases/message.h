/* message.h - telling and asking: one mail to each party, through the release gate, all of them or none.
 *
 * Preview and sending use the same function, so that what was shown is what happens.
 * A recipient who signed in reads the message here, may say that it arrived (acknowledge), and answers it:
 * an answer is filed as a mail that came to the party's own address would be.
 *
 * Delivery: queued (the mailer sends it), held (waits behind a sign-in, or there is no address); then sent,
 * bounced, failed, read.  A request is a message with a clock of its own; an answer from its party meets
 * it.
 */
#pragma once
#include "cases/world.h"

enum { MESSAGE_RECIPIENTS_MAX = 200, MESSAGE_TEXT_MAX = 64 << 10 };

struct recipient {
	struct uuid id;    /* as asked: a party or an organisation; nil: a team */
	str team;          /* of the regime; empty: none */
	struct uuid party; /* nil: not in the case */
	struct uuid organisation;
	str name, address, reply;
	bool allowed, notice; /* notice: only "a message waits" leaves */
	str reason;           /* of the refusal; or what is amiss though it is allowed */
};

struct message_about {
	struct uuid incident;
	str coordinator;
	enum tlp tlp;
	const struct regime *regime;
	const str *teams; /* recipients that are teams of the regime: they come behind the ids */
	ptrdiff_t team_count;
};

/* Resolves whom the ids and teams mean and asks the gate for each.  ERR_MISSING for one that is nobody.
 * Where a team gets its mail stands in the directory: the contacts of the organisation of its name. */
MUST_CHECK bool message_preview(struct db *db, struct arena *a, const struct message_about *about,
				const struct uuid *ids, ptrdiff_t count, struct recipient **out,
				struct err *err);

struct message_send {
	const struct world *world;
	const struct identity *who;
	struct uuid incident;
	const struct uuid *ids;
	ptrdiff_t id_count;
	const str *teams;
	ptrdiff_t team_count;
	str subject, text;
	enum tlp tlp;
	int64_t request_hours; /* 0: no request */
	struct uuid *made;     /* out: one a recipient, ids before teams, in the caller's memory */
};
bool message_send_decide(struct decision *d, void *arg, struct err *err);

/* A mail, or words through the claim page, from a party of a case or the reporter of a report. */
struct message_in {
	const struct world *world;
	str reply; /* the token it came to; empty: `number` says where it belongs */
	str number;
	str from, subject, text;
	str raw;
	bool verified;     /* came to the token: else "unverified sender" */
	bool claimed;      /* came with the claim code of the report that `number` names */
	const struct identity *who; /* signed in for the organisation that ... */
	struct uuid answers;        /* ... this message was sent to or came from: it belongs where that
		does; */
	struct uuid report;         /* or that made this report */
	bool automatic;    /* bounce, auto-reply: filed, meets nothing, never answered */
	struct uuid filed; /* out: incident or report it was filed under */
};
bool message_in_decide(struct decision *d, void *arg, struct err *err);

struct message_delivery {
	struct uuid message;
	str event;  /* workflow_delivery: send, bounce, fail, read */
	str detail; /* what the mail server said, or why we did not send it; of a bounce or a failure */
};
bool message_delivery_decide(struct decision *d, void *arg, struct err *err);

/* A constituent reads a message that was sent to its organisation, or says that it arrived.  Done twice it is
 * done once.  ERR_MISSING for any message that is not its own. */
struct message_own {
	const struct identity *who;
	struct uuid message;
	bool acknowledge;
};
bool message_own_decide(struct decision *d, void *arg, struct err *err);
