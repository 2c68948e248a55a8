/* conf.h - what the operator decides about a node: FOLDER/node.conf, a YAML map of the keys in conf.c.
 *
 * I1. An unknown key, a key of the wrong kind and a missing one are errors that name the line and the remedy.
 * I2. The file may hold passwords: it is written with mode 0600.
 * Paths that are not absolute are below the node's folder.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "net/transfer.h"

struct conf {
	str name, host, prefix, team, mail_domain, db, listen, certificate, key;
	str smtp_host, smtp_tls, smtp_ca, smtp_user, smtp_password;
	str lmtp_listen;
	str duty_mail;
	str imap_host, imap_tls, imap_ca, imap_user, imap_password, imap_folder, imap_move_to;
	int64_t smtp_port, imap_port, imap_seconds;
};

#define CONF_FOLDER_DEFAULT "/var/lib/naubat"

/* The file below a node's folder; lives in the arena. */
char *conf_path(struct arena *a, const char *folder, str file);

void conf_set_defaults(struct conf *c);
MUST_CHECK bool conf_check(const struct conf *c, struct err *err);
MUST_CHECK bool conf_load(struct arena *a, const char *folder, struct conf *out, struct err *err);
/* Every key with its words; those that have their default value are written as comments. */
MUST_CHECK bool conf_write(struct arena *a, const char *folder, const struct conf *c, struct err *err);

/* The store as db_open takes it. */
char *conf_store(struct arena *a, const char *folder, const struct conf *c);
/* "0.0.0.0:8443", "[::1]:443" */
MUST_CHECK bool conf_address(struct arena *a, str text, char **out_address, int *out_port, struct err *err);
/* duty_mail: an address of the node's own team, or TEAM=ADDRESS for each team, separated by blanks. */
struct duty_desk;
MUST_CHECK bool conf_desks(struct arena *a, const struct conf *c, const struct duty_desk **out_desks,
			   ptrdiff_t *out_count, struct err *err);
MUST_CHECK bool conf_tls_mode(str word, enum net_tls *out, struct err *err);
