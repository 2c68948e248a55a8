#include "match/indicator.h"

#include "match/indicator_load.h"

const char *const indicator_kind_names[12] = {
	"IP address", "network", "IP address and port",
	"domain",     "URL",     "mail address",
	"MD5",        "SHA-1",   "SHA-256",
	"JA3",        "JA4",     "file name",
};

struct indicator_loader *indicators_begin(struct arena *a, bool force)
{
	static const uint8_t none[16];
	struct indicator_loader *l = NEW(a, struct indicator_loader, 1);
	l->arena = a;
	l->force = force;
	arena_defer(a, loader_done, l);
	indicators_seed(l, none);
	return l;
}

void indicators_seed(struct indicator_loader *l, const uint8_t seed[static 16])
{
	uint64_t a = load_64((const char *)seed), b = load_64((const char *)seed + 8);
	ASSERT(l->seek.count == 0 && l->allow.count == 0);
	for (int k = 0; k < 4; k++) {
		a = hash_mix(a ^ 0xa0761d6478bd642f, b ^ (0xe7037ed1a0b428db + (uint64_t)k));
		b = hash_mix(b ^ 0x8ebc6af09c88c6e3, a ^ 0x589965cc75374cc3);
		l->secret[k] = (a ^ b) | 1;
	}
}

void indicators_names_below(struct indicator_loader *l, bool all)
{
	l->all_below = all;
}

static bool loader_open(struct indicator_loader *l, str file, struct err *err)
{
	ASSERT(!l->finished);
	if (l->files.count >= FILES_MOST)
		return err_set(err, ERR_LIMIT, "more than %d files of indicators: join some", FILES_MOST);
	l->file = string_add(&l->files, l->secret, file);
	l->file_name = arena_dup(l->arena, file);
	return true;
}

bool indicators_add(struct indicator_loader *l, str file, str bytes, const char **out_form, struct err *err)
{
	if (!loader_open(l, file, err))
		return false;
	if (str_starts(bytes, S("\xef\xbb\xbf")))
		bytes = str_sub(bytes, 3, bytes.len);
	ptrdiff_t first = 0;
	while (first < bytes.len && strchr(" \t\r\n", bytes.ptr[first]) != NULL)
		first++;
	if (first < bytes.len &&
	    (bytes.ptr[first] == '{' || loader_is_json_list(str_sub(bytes, first, bytes.len))))
		return loader_add_json(l, str_sub(bytes, first, bytes.len), out_form, err);
	if (memchr(bytes.ptr == NULL ? "" : bytes.ptr, 0, (size_t)MIN(bytes.len, 4096)) != NULL)
		return err_set(err, ERR_INPUT, "is no list of indicators: it holds bytes that no text has");
	struct csv_form form;
	if (!csv_form_find(l, file, bytes, &form, err))
		return false;
	if (form.is_csv) {
		*out_form = "CSV";
		return loader_add_csv(l, bytes, &form, err);
	}
	*out_form = "plain list";
	loader_add_list(l, bytes);
	return true;
}

const struct indicator_refusal *indicators_refused(const struct indicator_loader *l)
{
	return l->refusals;
}
