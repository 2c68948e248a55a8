/* First byte: which parser.  For a form the first line is the Content-Type. */
#include "http/params.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pairs(const struct pairs *p)
{
	ASSERT(p->count <= PARAMS_MAX);
	for (ptrdiff_t i = 0; i < p->count; i++) {
		ASSERT(str_utf8_valid(p->at[i].name) && str_utf8_valid(p->at[i].value));
		ASSERT(str_find_char(p->at[i].value, '\0') < 0);
		ASSERT(params_find(p, p->at[i].name, 0).ptr != NULL);
	}
}

static void check_form(struct arena *a, str text)
{
	struct form f;
	struct err err = { 0 };
	str_cut_result parts = str_cut(text, '\n');
	(void)params_media_param(parts.head, S("charset"));
	if (!params_parse_form(a, parts.head, parts.tail, &f, &err)) {
		ASSERT(err.code == ERR_INPUT);
		return;
	}
	check_pairs(&f.fields);
	for (ptrdiff_t i = 0; i < f.file_count; i++) {
		ASSERT(str_utf8_valid(f.files[i].name) && str_utf8_valid(f.files[i].type));
		ASSERT(f.files[i].bytes.len <= text.len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct pairs p;
	struct err err;
	str text = { (const char *)data + 1, (ptrdiff_t)size - 1 }, out;
	if (size == 0)
		return 0;
	arena_init(&a, 4 << 20, 64 << 20);
	switch (data[0]) {
	case 'q':
		if (params_parse_urlencoded(&a, text, &p, &err))
			check_pairs(&p);
		break;
	case 'c':
		params_parse_cookies(&a, text, &p);
		ASSERT(p.count <= PARAMS_MAX);
		break;
	case 'p':
		ASSERT(!params_parse_percent(&a, text, &out, &err) || str_utf8_valid(out));
		break;
	default:
		check_form(&a, text);
	}
	arena_done(&a);
	return 0;
}
