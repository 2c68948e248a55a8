/* parse.h - the bytes of a mail as a value: who, to whom, what it answers, its text, what hangs on it.
 *
 * RFC 5322, 2045-2049, 2047, 2231; automatic mail by RFC 3834, bounces by RFC 3464, abuse reports by RFC 5965
 * (ARF) and XARF v4 (v3 is lifted to it).
 *
 * I1. No bytes make mail_parse crash or fail, except more than MAIL_SIZE_MAX of them and an arena too small:
 *     a broken or cut mail gives what can be had, and says in problems[] what was missing.
 * I2. Nothing in a mail is run, resolved or fetched.
 * I3. Every str is UTF-8 without NUL (what could not be decoded is U+FFFD), except the `bytes` of an
 *     attachment.  It is still foreign text: escape it where it is shown.
 * I4. Everything lives in the given arena, or borrows from the raw bytes.  Parsing a mail of n bytes takes up
 *     to about 4 n there: give it MAIL_ARENA_SOFT and MAIL_ARENA_HARD.
 * I5. mail_init has returned before the first mail_parse.  Parsing then needs no lock in any thread.
 */
#pragma once
#include "base/instant.h"

struct json;

enum {
	MAIL_SIZE_MAX        = 50 << 20,        /* raw bytes: more is ERR_LIMIT */
	MAIL_DEPTH_MAX       = 20,              /* parts in parts, mails in mails */
	MAIL_PARTS_MAX       = 500,
	MAIL_ATTACHMENTS_MAX = 200,
	MAIL_ADDRESSES_MAX   = 500,             /* per header */
	MAIL_PROBLEMS_MAX    = 32,
	MAIL_REFERENCES_MAX  = 100,             /* the last ones */
	MAIL_TEXT_MAX        = 4 << 20,         /* of text; the rest is in the original */
	MAIL_HOPS_MAX        = 50,              /* Received lines; more is a loop */
	MAIL_ARENA_SOFT      = 256 << 20,
	MAIL_ARENA_HARD      = 512 << 20,
};

struct mail_strings { str *items; ptrdiff_t count; };

struct mail_address { str name, address; };     /* address: local@domain, as written; name may be empty */
struct mail_addresses { struct mail_address *items; ptrdiff_t count; };

/* Download only: never opened by us.  `name` is one safe path component, never empty. */
struct mail_attachment {
	str  name, type;        /* type/subtype in lower case, as claimed */
	str  bytes;             /* decoded; a nested mail with LF line ends */
	bool is_mail;           /* message/rfc822 or its headers alone */
	/* of a nested mail: From, Date, Subject and text, for reading and extracting */
	str  text;
};
struct mail_attachments { struct mail_attachment *items; ptrdiff_t count; };

/* One failed (or delayed, or delivered) recipient of RFC 3464. */
struct mail_failure {
	str  recipient;         /* the address without its type */
	str  action, status;    /* "failed", "5.1.1"; either may be empty */
	str  diagnostic;
};
struct mail_bounce {
	struct mail_failure *items;             /* none if the bounce has no report */
	ptrdiff_t            count;
	str                  message_id;        /* of the mail that bounced, without <>; may be empty */
	bool                 permanent;         /* somebody has action "failed" and status 5.x.x (or none) */
};

/* RFC 5965, with the fields of RFC 6591.  Multiple values keep their order. */
struct mail_arf {
	str feedback_type, user_agent, version; /* required by the RFC; an absent one is also a problem */
	str source_ip, source_port, arrival_date, incidents, reporting_mta;
	str original_mail_from, original_envelope_id, auth_failure, authentication_results;
	struct mail_strings original_rcpt_to, reported_domain, reported_uri;
	str original;                           /* the reported mail, or its headers: bytes as they came */
	str original_subject, original_from, original_message_id;
};

enum mail_kind { MAIL_PLAIN, MAIL_ARF, MAIL_XARF };

struct xarf_report;                             /* mail/xarf.h */

struct mail {
	str message_id, in_reply_to;            /* without <> */
	struct mail_strings references;         /* without <>, oldest first */
	struct mail_addresses from, sender, reply_to, to, cc;
	/* Every address the mail says it was for: To, Cc, Resent-*, Delivered-To, X-Original-To, Envelope-To.
	 * Each once.  The envelope knows better: hand LMTP's recipients to thread_find_token too. */
	struct mail_strings recipients;
	str return_path;                        /* empty and is_null_return_path: "<>" */
	str subject;
	struct instant date;                    /* us == 0: none, or unreadable */
	str text;                               /* LF line ends */
	bool text_from_html;
	struct mail_attachments attachments;

	bool encrypted;                         /* PGP/MIME, inline PGP, S/MIME: kept, receipted, not read */
	bool is_signed;                         /* says so; nothing was verified */
	bool is_null_return_path;
	bool auto_submitted;                    /* RFC 3834: there, and not "no" */
	bool is_auto_reply;                     /* vacation and the like, by headers and known subjects */
	bool is_bulk;                           /* List-*, Precedence bulk, list, junk */
	bool is_loop;                           /* our own mail came back, or it travelled too far */
	bool is_bounce;                         /* a delivery report (RFC 3464), or from a mailer daemon */
	struct mail_bounce bounce;

	enum mail_kind kind;
	struct mail_arf arf;                    /* kind MAIL_ARF */
	struct xarf_report *xarf;               /* kind MAIL_XARF: xarf_count of them, never 0 */
	ptrdiff_t xarf_count;

	struct mail_strings problems;           /* for people: "part 3: unknown charset \"x-foo\"" */
};

struct mail_parse_options {
	/* as in our X-Naubat-Loop and Message-IDs; empty: any X-Naubat-Loop is a loop */
	str own_host;
};

/* Once per process, before threads parse; more calls are harmless. */
void mail_init(void);

MUST_CHECK bool mail_parse(struct arena *a, str raw, const struct mail_parse_options *options,
                           struct mail *out_mail, struct err *err);

/* May a program answer this mail?  False for bounces, loops, lists, automatic mail (RFC 3834 section 2). */
bool mail_may_answer(const struct mail *m);

/* Where an answer goes: the first Reply-To, else the first From; empty address if there is none. */
struct mail_address mail_answer_address(const struct mail *m);

str mail_kind_name(enum mail_kind kind);        /* "plain", "arf", "xarf" */
