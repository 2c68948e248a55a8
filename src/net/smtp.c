#include "net/smtp.h"

#include <stdlib.h>
#include "net/transfer_priv.h"

enum { ADDRESS_MAX = 254, HELO_MAX = 253 };

struct smtp { struct transfer *transfer; };

static bool is_name(str s, ptrdiff_t max)
{
	for (ptrdiff_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    c == '.' || c == '-'))
			return false;
	}
	return s.len > 0 && s.len <= max;
}

/* What can stand between < and > without ending it: nothing here is quoted for the sender's sake. */
static bool is_path(str s)
{
	for (ptrdiff_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7F || strchr("<>\"\\()[],;:", s.ptr[i]) != NULL)
			return false;
	return s.len <= ADDRESS_MAX;
}

/* A bare CR or LF is where servers disagree about the end of a mail (SMTP smuggling): not by us. */
static bool has_crlf_only(str bytes)
{
	for (ptrdiff_t i = 0; i < bytes.len; i++) {
		const char *p = memchr(bytes.ptr + i, '\n', (size_t)(bytes.len - i));
		ptrdiff_t end = p ? p - bytes.ptr : bytes.len;
		const char *cr = memchr(bytes.ptr + i, '\r', (size_t)(end - i));
		ptrdiff_t cr_at = cr ? cr - bytes.ptr : -1;
		if (p == NULL)
			return cr == NULL;
		if (cr_at != end - 1)
			return false;
		i = end;
	}
	return true;
}

bool smtp_open(const struct net_server *server, str helo, struct smtp **out_smtp, struct err *err)
{
	struct transfer *transfer = NULL;
	if (!is_name(helo, HELO_MAX))
		return err_set(err, ERR_INPUT, "the name to greet the mail server with must be a host name");
	if (!transfer_open(server, "smtp", helo, &transfer, err))
		return err_wrap(err, "SMTP");
	struct smtp *smtp = calloc(1, sizeof(*smtp));           /* heap: keeps a connection */
	if (smtp == NULL)
		abort();
	smtp->transfer = transfer;
	*out_smtp = smtp;
	return true;
}

void smtp_close(struct smtp *smtp)
{
	if (smtp != NULL)
		transfer_close(smtp->transfer);
	free(smtp);
}

/* 5xx answers that are about us or the server, not about this mail (RFC 4954, RFC 3207). */
static bool is_about_us(int code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static enum smtp_fate fate_of(const struct transfer_result *r)
{
	switch (r->end) {
	case TRANSFER_DONE:
		return SMTP_SENT;
	case TRANSFER_REFUSED:
		return r->greeted && r->code >= 500 && r->code <= 599 && !is_about_us(r->code) ?
			SMTP_PERMANENT : SMTP_TEMPORARY;
	case TRANSFER_UNREACHED:
	case TRANSFER_NO_TLS:
	case TRANSFER_NO_SIGN_IN:
	case TRANSFER_TIMEOUT:
		return SMTP_TEMPORARY;
	}
	return SMTP_TEMPORARY;
}

bool smtp_send(struct smtp *smtp, struct arena *a, const struct smtp_message *message,
               struct smtp_result *out_result, struct err *err)
{
	struct transfer_result r;
	if (!is_path(message->sender) || !is_path(message->recipient) || message->recipient.len == 0)
		return err_set(err, ERR_INPUT,
			"an address that SMTP cannot carry: name@host in ASCII is needed");
	if (message->bytes.len == 0 || !has_crlf_only(message->bytes))
		return err_set(err, ERR_INPUT, "a mail to be sent must have CR LF line ends only");
	transfer_mail(smtp->transfer, a, message, &r);
	*out_result = (struct smtp_result){ .fate = fate_of(&r), .code = r.code, .text = r.text };
	return true;
}
