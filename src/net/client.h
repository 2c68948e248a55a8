/* client.h - one HTTP request to a node of ours, from the command line: over its Unix socket, or HTTPS.
 *
 * I1. A certificate is always verified: against ca_file, else the system's authorities.
 * I2. Plain HTTP leaves for a loopback address only.
 * I3. Redirects are not followed; no proxy, no .netrc, no environment.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { CLIENT_REPLY_MAX = 64 << 20, CLIENT_TIMEOUT_S = 120 };

struct client_node {
	const char *socket; /* path; NULL: url */
	str url;            /* "https://cert.example:8443" */
	str ca_file;
	str token; /* empty: none */
	str cookie; /* of somebody who signed in; empty: none */
};

struct client_request {
	const char *method;
	str path; /* with its query */
	str type, body;
	str key; /* Idempotency-Key; empty: none */
};

struct client_reply {
	int status;
	str body;
	str cookie; /* "name=value" that it was given; empty: none */
};

/* ERR_RETRY: nobody answered; ERR_INPUT: it cannot be asked so. */
MUST_CHECK bool client_ask(const struct client_node *node, struct arena *a,
			   const struct client_request *request, struct client_reply *out_reply,
			   struct err *err);
