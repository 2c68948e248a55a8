#include "http/params.h"
#include "base/text.h"

enum { PART_HEADER_MAX = 4096, BOUNDARY_MAX = 70 };

static bool check_text(str text, const char *what, struct err *err)
{
	if (str_find_char(text, '\0') >= 0)
		return err_set(err, ERR_INPUT, "%s contains a zero byte: remove it", what);
	if (!str_utf8_valid(text))
		return err_set(err, ERR_INPUT, "%s is not UTF-8: send it in that encoding", what);
	return true;
}

static MUST_CHECK bool decode(struct arena *a, str text, bool plus_is_blank, str *out_text, struct err *err)
{
	if (str_find_char(text, '%') < 0 && !(plus_is_blank && str_find_char(text, '+') >= 0)) {
		*out_text = text;
		return check_text(text, "a parameter", err);
	}
	char *to = NEW(a, char, text.len + 1);
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '%') {
			int high = i + 2 < text.len ? text_hex_value(text.ptr[i + 1]) : -1;
			int low = i + 2 < text.len ? text_hex_value(text.ptr[i + 2]) : -1;
			if (high < 0 || low < 0)
				return err_set(err, ERR_INPUT,
				               "a parameter has '%%' without two hexadecimal digits: "
				               "write '%%' itself as %%25");
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_blank) {
			c = ' ';
		}
		to[n++] = c;
	}
	*out_text = (str){ to, n };
	return check_text(*out_text, "a parameter", err);
}

bool params_parse_percent(struct arena *a, str text, str *out_text, struct err *err)
{
	str decoded;
	if (!decode(a, text, false, &decoded, err))
		return false;
	*out_text = decoded;
	return true;
}

static ptrdiff_t count_char(str s, char c)
{
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < s.len; i++)
		n += s.ptr[i] == c;
	return n;
}

bool params_parse_urlencoded(struct arena *a, str text, struct pairs *out_pairs, struct err *err)
{
	struct pairs p = { 0 };
	ptrdiff_t room = count_char(text, '&') + 1;
	if (room > PARAMS_MAX)
		return err_set(err, ERR_INPUT, "more than %d parameters: send fewer", PARAMS_MAX);
	p.at = NEW(a, struct pair, room);
	for (str_cut_result c = { .tail = text, .ok = true }; c.ok;) {
		c = str_cut(c.tail, '&');
		if (c.head.len == 0)
			continue;
		str_cut_result item = str_cut(c.head, '=');
		struct pair *to = &p.at[p.count++];
		if (!decode(a, item.head, true, &to->name, err) ||
		    !decode(a, item.tail, true, &to->value, err))
			return false;
		if (to->value.ptr == NULL)
			to->value.ptr = "";     /* present and empty is not absent */
	}
	*out_pairs = p;
	return true;
}

/* A cookie we cannot read is one we did not set: skipped, as the browser's owner could not mend it. */
void params_parse_cookies(struct arena *a, str header, struct pairs *out_pairs)
{
	struct pairs p = { 0 };
	p.at = NEW(a, struct pair, MIN(count_char(header, ';') + 1, PARAMS_MAX));
	for (str_cut_result c = { .tail = header, .ok = true }; c.ok && p.count < PARAMS_MAX;) {
		c = str_cut(c.tail, ';');
		str_cut_result item = str_cut(str_trim(c.head), '=');
		if (item.ok && item.head.len > 0)
			p.at[p.count++] = (struct pair){ item.head, item.tail };
	}
	*out_pairs = p;
}

bool params_media_is(str content_type, str media)
{
	return str_eq_nocase(str_trim(str_cut(content_type, ';').head), media);
}

/* Splits at the next ';' that is outside quotes. */
static str next_param(str *rest)
{
	bool quoted = false;
	ptrdiff_t i = 0;
	for (; i < rest->len; i++) {
		quoted ^= rest->ptr[i] == '"';
		if (rest->ptr[i] == ';' && !quoted)
			break;
	}
	str item = str_trim(str_sub(*rest, 0, i));
	*rest = str_sub(*rest, i + 1, rest->len);
	return item;
}

str params_media_param(str content_type, str name)
{
	str rest = content_type;
	(void)next_param(&rest);
	while (rest.len > 0) {
		str_cut_result item = str_cut(next_param(&rest), '=');
		if (!item.ok || !str_eq_nocase(str_trim(item.head), name))
			continue;
		str value = str_trim(item.tail);
		if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
			value = str_sub(value, 1, value.len - 1);
		return value;
	}
	return (str){ 0 };
}

bool params_is_form(str content_type)
{
	return params_media_is(content_type, S("application/x-www-form-urlencoded")) ||
	       params_media_is(content_type, S("multipart/form-data"));
}

/* Browsers write '"', CR and LF in quoted names as %22, %0D and %0A and nothing else (WHATWG HTML, multipart
 * form data): other percent signs are the user's own. */
static str decode_quoted_name(struct arena *a, str name)
{
	static const struct {
		char text[4];
		char c;
	} escapes[] = { { "%22", '"' }, { "%0D", '\r' }, { "%0A", '\n' } };
	if (str_find_char(name, '%') < 0)
		return name;
	char *to = NEW(a, char, name.len + 1);
	ptrdiff_t n = 0;
	for (ptrdiff_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		for (ptrdiff_t k = 0; k < COUNTOF(escapes); k++) {
			if (str_eq_nocase(str_sub(name, i, i + 3), str_from(escapes[k].text))) {
				c = escapes[k].c;
				i += 2;
				break;
			}
		}
		to[n++] = c;
	}
	return (str){ to, n };
}

struct part { str name, file_name, type; bool is_file; };

static MUST_CHECK bool parse_part_header(struct arena *a, str line, struct part *part, struct err *err)
{
	str_cut_result header = str_cut(line, ':');
	if (!header.ok)
		return err_set(err, ERR_INPUT, "form: a part has a header line without ':'");
	if (str_eq_nocase(header.head, S("content-type"))) {
		part->type = str_trim(header.tail);
		return check_text(part->type, "a part's media type", err);
	}
	if (!str_eq_nocase(header.head, S("content-disposition")))
		return true;
	if (!params_media_is(header.tail, S("form-data")))
		return err_set(err, ERR_INPUT, "form: a part's disposition is not form-data");
	str file_name = params_media_param(header.tail, S("filename"));
	part->name = decode_quoted_name(a, params_media_param(header.tail, S("name")));
	part->is_file = file_name.ptr != NULL;
	part->file_name = decode_quoted_name(a, file_name);
	return check_text(part->name, "a field's name", err) &&
	       check_text(part->file_name, "a file's name", err);
}

/* Takes the header lines and the empty line after them off `rest`. */
static MUST_CHECK bool parse_part_headers(struct arena *a, str *rest, struct part *out_part, struct err *err)
{
	struct part part = { 0 };
	ptrdiff_t used = 0;
	for (;;) {
		ptrdiff_t end = str_find(str_sub(*rest, 0, PART_HEADER_MAX), S("\r\n"));
		if (end < 0 || (used += end + 2) > PART_HEADER_MAX)
			return err_set(err, ERR_INPUT, "form: a part's header does not end within %d bytes",
			               PART_HEADER_MAX);
		str line = str_sub(*rest, 0, end);
		*rest = str_sub(*rest, end + 2, rest->len);
		if (line.len == 0)
			break;
		if (!parse_part_header(a, line, &part, err))
			return false;
	}
	if (part.name.ptr == NULL)
		return err_set(err, ERR_INPUT, "form: a part has no name");
	*out_part = part;
	return true;
}

static MUST_CHECK bool add_part(struct form *f, struct part part, str bytes, struct err *err)
{
	if (f->fields.count + f->file_count >= PARAMS_MAX)
		return err_set(err, ERR_INPUT, "form: more than %d parts: send fewer", PARAMS_MAX);
	if (part.is_file) {
		if (part.file_name.len > 0 || bytes.len > 0)    /* an empty file box is no file */
			f->files[f->file_count++] =
			        (struct form_file){ part.name, part.file_name, part.type, bytes };
		return true;
	}
	if (!check_text(bytes, "a form field", err))
		return false;
	f->fields.at[f->fields.count++] = (struct pair){ part.name, bytes };
	return true;
}

/* From just after a boundary to the end of its line; what stands before the first boundary is nobody's. */
static MUST_CHECK bool skip_boundary_line(str *rest, struct err *err)
{
	ptrdiff_t line = str_find(str_sub(*rest, 0, 256), S("\r\n"));
	if (line < 0 || str_trim(str_sub(*rest, 0, line)).len > 0)
		return err_set(err, ERR_INPUT, "form: a boundary line is damaged or cut");
	*rest = str_sub(*rest, line + 2, rest->len);
	return true;
}

static MUST_CHECK bool parse_multipart(struct arena *a, str boundary, str body, struct form *out_form,
                                       struct err *err)
{
	if (boundary.len == 0 || boundary.len > BOUNDARY_MAX || str_find_char(boundary, '\0') >= 0)
		return err_set(err, ERR_INPUT, "form: multipart without a boundary of 1 to %d characters",
		               BOUNDARY_MAX);
	struct form f = { .fields.at = NEW(a, struct pair, PARAMS_MAX),
	                  .files = NEW(a, struct form_file, PARAMS_MAX) };
	str mark = arena_printf(a, "\r\n--" STR_FMT, STR_ARG(boundary));
	bool at_start = str_starts(body, str_sub(mark, 2, mark.len));
	ptrdiff_t first = at_start ? -2 : str_find(body, mark);
	if (first < 0 && !at_start)
		return err_set(err, ERR_INPUT, "form: its boundary never occurs: it was cut or mislabelled");
	str rest = str_sub(body, first + mark.len, body.len);
	while (!str_starts(rest, S("--"))) {
		struct part part = { 0 };
		if (!skip_boundary_line(&rest, err) || !parse_part_headers(a, &rest, &part, err))
			return false;
		ptrdiff_t end = str_find(rest, mark);
		if (end < 0)
			return err_set(err, ERR_INPUT,
			               "form: it ends in the middle of a part: send it again");
		if (!add_part(&f, part, str_sub(rest, 0, end), err))
			return false;
		rest = str_sub(rest, end + mark.len, rest.len);
	}
	*out_form = f;
	return true;
}

bool params_parse_form(struct arena *a, str content_type, str body, struct form *out_form, struct err *err)
{
	if (params_media_is(content_type, S("multipart/form-data")))
		return parse_multipart(a, params_media_param(content_type, S("boundary")), body, out_form,
		                       err);
	if (!params_media_is(content_type, S("application/x-www-form-urlencoded")))
		return err_set(err, ERR_INPUT, "a form must be sent as multipart/form-data or urlencoded");
	struct form f = { 0 };
	if (!params_parse_urlencoded(a, body, &f.fields, err))
		return false;
	*out_form = f;
	return true;
}

str params_find(const struct pairs *p, str name, ptrdiff_t i)
{
	for (ptrdiff_t k = 0; k < p->count; k++) {
		if (str_eq(p->at[k].name, name) && i-- == 0)
			return p->at[k].value;
	}
	return (str){ 0 };
}
