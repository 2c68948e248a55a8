/* xarf.h - XARF abuse reports (github.com/xarf/xarf-spec, v4.2; v3 is lifted to v4's fields).
 *
 * xarf_parse refuses (ERR_INPUT, naming the field) what lacks a required core field, names a category that v4
 * does not have, or breaks the category's rules; unknown fields are kept in `json`.
 */
#pragma once
#include "base/instant.h"

struct json;

struct xarf_contact { str org, contact, domain; };

struct xarf_report {
	str version;                    /* as sent: "4.2.0", "3.0.0" */
	bool lifted;                    /* came as v3 */
	str report_id;                  /* v3 has none: empty */
	struct instant timestamp;
	struct xarf_contact reporter, sender;
	str source_identifier;          /* address, domain or URL complained of */
	int64_t source_port;            /* 0: none */
	str category, type;             /* "content", "phishing" */
	str evidence_source, description, url, protocol;
	str smtp_from, subject;
	ptrdiff_t evidence_count;
	const struct json *json;        /* the whole of it, as sent */
};

enum { XARF_SIZE_MAX = 8 << 20 };

MUST_CHECK bool xarf_parse(struct arena *a, str text, struct xarf_report *out_report, struct err *err);

/* Cheap: might this be one?  Tells a XARF report from any other JSON attachment. */
bool xarf_likely(str text);
