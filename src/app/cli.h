/* cli.h - commands that speak to a node which runs: through its folder's socket as the machine's operator,
 * or with a token as somebody.
 *
 *   --node FOLDER or https://..., else NAUBAT_URL, else the folder /var/lib/naubat
 *   NAUBAT_TOKEN   whose eyes and hands; needed for everything about cases, which no operator may see
 *   NAUBAT_CA      PEM of who signed the node's certificate
 */
#pragma once
#include "net/client.h"

struct json;

/* Exit codes, as naubat(1) lists them. */
enum cli_exit { CLI_DONE = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_LATER = 75 };

struct cli {
	struct arena *a;
	struct client_node node;
	bool json;
	enum cli_exit why;          /* of the last failure */
	const struct json *current; /* what is to be changed, as it is now; NULL: nothing was looked up */
};

/* `where`: of --node, or NULL. */
void cli_find_node(struct cli *c, const char *where);
/* body NULL: none.  False: *err has words for people, c->why the exit code. */
MUST_CHECK bool cli_call(struct cli *c, const char *method, str path, const struct json *body,
			 struct json **out, struct err *err);
MUST_CHECK bool cli_send(struct cli *c, struct client_request *r, struct json **out, struct err *err);
/* What is no JSON, as it comes. */
MUST_CHECK bool cli_fetch(struct cli *c, str path, str *out, struct err *err);
str cli_new_key(struct cli *c); /* for client_request.key: a request that changes something */
str cli_escape(struct arena *a, str text); /* of a query's value */

struct cli_column {
	const char *title, *member; /* "owner.name" */
	int width;                  /* at most so many characters; 0: as many as there are */
};
void cli_print_table(struct cli *c, const struct json *items, const struct cli_column *columns);
void cli_print_record(struct cli *c, const struct json *record); /* members, set in by their depth */
void cli_print_oversight(struct cli *c, const struct json *numbers);

int mail_command(int argc, char **argv);
int owner_command(int argc, char **argv);
int search_command(int argc, char **argv);
int clock_command(int argc, char **argv);
int outbox_command(int argc, char **argv);
int directory_command(int argc, char **argv);
int purge_command(int argc, char **argv);
int request_command(int argc, char **argv);
int session_command(int argc, char **argv);
int oversight_command(int argc, char **argv);
int token_command_line(int argc, char **argv);
int account_password_command(int argc, char **argv);
int token_make_command(int argc, char **argv);
int report_command(int argc, char **argv);
int case_command(int argc, char **argv); /* and "incident" */
int account_command_line(int argc, char **argv);
int regime_adopt_command(int argc, char **argv);
int regime_list_command(int argc, char **argv);
