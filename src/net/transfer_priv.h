/* transfer_priv.h - libcurl as smtp.c and imap.c see it. */
#pragma once
#include "net/smtp.h"

enum transfer_end {
	TRANSFER_DONE,
	TRANSFER_REFUSED,       /* the dialogue went on until the server said no, or broke off: see code */
	TRANSFER_UNREACHED,     /* no connection, or it was lost */
	TRANSFER_NO_TLS,        /* no TLS, or a certificate that we do not trust */
	TRANSFER_NO_SIGN_IN,
	TRANSFER_TIMEOUT,
};

struct transfer_result {
	enum transfer_end end;
	int  code;              /* the server's last; 0: none */
	bool greeted;           /* it took our greeting: what it refused then was this mail */
	str  text;              /* the server's last words, else libcurl's; sanitised */
};

struct transfer;

/* `scheme` is "smtp" or "imap"; an s is added for TLS from the first byte.  `path` may be empty. */
MUST_CHECK bool transfer_open(const struct net_server *server, const char *scheme, str path,
                              struct transfer **out_transfer, struct err *err);
void            transfer_close(struct transfer *t);     /* NULL is fine */

/* SMTP: addresses and bytes were checked by the caller. */
void transfer_mail(struct transfer *t, struct arena *a, const struct smtp_message *message,
                   struct transfer_result *out_result);

/* Connects, starts TLS, signs in; then the stream is the caller's. */
MUST_CHECK bool transfer_connect(struct transfer *t, struct err *err);
MUST_CHECK bool transfer_write(struct transfer *t, str bytes, struct err *err);
/* At least one byte, or an error; waits at most the server's timeout. */
MUST_CHECK bool transfer_read(struct transfer *t, char *to, ptrdiff_t room, ptrdiff_t *out_len,
	struct err *err);

str transfer_sanitise(struct arena *a, str text, ptrdiff_t max);        /* printable ASCII, the rest is "?" */
