#include "mail/fields.h"

bool fields_line(str *rest, str *out_line)
{
	if (rest->len == 0)
		return false;
	const char *lf = memchr(rest->ptr, '\n', (size_t)rest->len);
	ptrdiff_t lf_at = lf ? lf - rest->ptr : rest->len;
	const char *cr = memchr(rest->ptr, '\r', (size_t)lf_at);
	ptrdiff_t end = cr ? cr - rest->ptr : lf_at;
	*out_line = str_sub(*rest, 0, end);
	bool crlf = end + 1 < rest->len && rest->ptr[end] == '\r' && rest->ptr[end + 1] == '\n';
	*rest = str_sub(*rest, end + 1 + crlf, rest->len);
	return true;
}

static bool is_folded(str rest)
{
	return rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t');
}

bool fields_next(struct fields *f, struct field *out_field)
{
	str line, more, before = f->rest;
	while (fields_line(&f->rest, &line)) {
		if (line.len == 0) {
			/* stays at the empty line: fields_next_block passes it */
			f->rest = before;
			return false;
		}
		while (is_folded(f->rest) && fields_line(&f->rest, &more))
			line.len = more.ptr + more.len - line.ptr;
		str_cut_result cut = str_cut(line, ':');
		if (cut.ok && str_trim(cut.head).len > 0) {
			*out_field = (struct field){ str_trim(cut.head), str_trim(cut.tail) };
			return true;
		}
		before = f->rest;
	}
	return false;
}

bool fields_next_block(struct fields *f)
{
	str line, before = f->rest;
	bool passed = false;
	while (fields_line(&f->rest, &line)) {
		if (passed && line.len > 0) {
			f->rest = before;
			return true;
		}
		passed |= line.len == 0;
		before = f->rest;
	}
	return false;
}

str fields_find(str bytes, str name)
{
	struct fields f = { bytes };
	struct field field;
	while (fields_next(&f, &field))
		if (str_eq_nocase(field.name, name))
			return field.value;
	return (str){ 0 };
}
