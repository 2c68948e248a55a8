/* params.h - the small languages of a request: query strings, cookies, forms, media types.
 *
 * Sources: WHATWG URL (application/x-www-form-urlencoded), RFC 6265 section 4.2 (Cookie), RFC 7578 with the
 * WHATWG rules for names in quotes (multipart/form-data), RFC 9110 section 8.3 (media types).
 *
 * I1. Names and values that leave here are valid UTF-8 without U+0000 (cookies: as sent; files: any bytes).
 * I2. Whatever was sent, at most PARAMS_MAX pairs or parts are made; more is refused, not cut.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { PARAMS_MAX = 256 };

struct pair  { str name, value; };
struct pairs { struct pair *at; ptrdiff_t count; };

struct form_file { str field, name, type, bytes; };

struct form {
	struct pairs      fields;
	struct form_file *files;
	ptrdiff_t         file_count;
};

/* Results point into the input where nothing had to be decoded. */
MUST_CHECK bool params_parse_urlencoded(struct arena *a, str text, struct pairs *out_pairs, struct err *err);
MUST_CHECK bool params_parse_percent(struct arena *a, str text, str *out_text, struct err *err);
void            params_parse_cookies(struct arena *a, str header, struct pairs *out_pairs);

bool params_is_form(str content_type);          /* urlencoded or multipart/form-data */
bool params_media_is(str content_type, str media);      /* whatever its parameters */
str  params_media_param(str content_type, str name);    /* quotes removed; no escapes; empty if absent */
MUST_CHECK bool params_parse_form(struct arena *a, str content_type, str body, struct form *out_form,
                                  struct err *err);

str params_find(const struct pairs *p, str name, ptrdiff_t i);  /* the i-th of that name; else ptr NULL */
