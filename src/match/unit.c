#include "match/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "match/build.h"
#include "match/unit_block.h"

static const char magic[8] = "NAUBATu";
enum { BYTE_ORDER_MARK = 0x01020304 };

uint64_t image_sum(const void *bytes, size_t size)
{
	const char *p = bytes;
	uint64_t lane[4] = { 1, 2, 3, 4 };
	for (; size >= 32; p += 32, size -= 32)
		for (int i = 0; i < 4; i++) {
			uint64_t v;
			memcpy(&v, p + 8 * i, 8);
			lane[i] = (lane[i] ^ v) * 0x9E3779B97F4A7C15u;
			lane[i] ^= lane[i] >> 31;
		}
	uint64_t sum = image_key(p, (ptrdiff_t)size);
	for (int i = 0; i < 4; i++)
		sum = (sum ^ lane[i]) * 0xD6E8FEB86659FD93u;
	return sum ^ sum >> 32;
}

/* Of the whole block but the sum itself: the head says where everything is. */
static uint64_t block_sum(const char *block, size_t size)
{
	struct image_header h;
	memcpy(&h, block, sizeof h);
	h.sum = 0;
	return image_sum(&h, sizeof h) ^ image_sum(block + sizeof h, size - sizeof h);
}

/* False if a section lies outside the block. */
static bool find_sections(struct image *im, const char *block, size_t size)
{
	const struct image_header *h = (const struct image_header *)(const void *)block;
	int i = 0;
	im->header = h;
#define X(type, name)                                                                                    \
	if (h->section[i].at > size || h->section[i].count > (size - h->section[i].at) / sizeof(type) || \
	    h->section[i].at % 8)                                                                        \
		return false;                                                                            \
	im->name = (const type *)(const void *)(block + h->section[i].at);                               \
	im->name##_count = (ptrdiff_t)h->section[i++].count;
	IMAGE_SECTIONS(X)
#undef X
	return true;
}

/* ---- building */

static void add_path(struct build *b, struct intern *names, struct section *lists, str path, uint32_t field)
{
	bool fresh;
	if (path.len == 0 || path.len > PATH_MOST)
		return;
	char *lower = NEW(b->tmp, char, path.len + 1);
	for (ptrdiff_t i = 0; i < path.len; i++)
		lower[i] = (char)(path.ptr[i] | (path.ptr[i] >= 'A' && path.ptr[i] <= 'Z' ? 32 : 0));
	struct {
		uint32_t path, field;
	} pair = { intern_add(names, (str){ lower, path.len }, &fresh), field };
	section_add(lists, &pair, sizeof pair);
	if (fresh) {
		struct path_slot s = { path_hash(lower, path.len), build_text(b, path).at, (uint32_t)path.len,
				       0, 0 };
		section_add(&b->s.paths, &s, sizeof s);
	}
}

struct path_pair {
	uint32_t path, field;
};

static int by_path(const void *x, const void *y)
{
	const struct path_pair *a = x, *b = y;
	if (a->path != b->path)
		return a->path < b->path ? -1 : 1;
	return a->field < b->field ? -1 : a->field > b->field;
}

/* The paths so far stand in order of their number: give each its list of fields, and spread them by hash. */
static void spread_paths(struct build *b, struct path_pair *pairs, ptrdiff_t count)
{
	ptrdiff_t paths = SECTION_COUNT(b->s.paths, struct path_slot), size = 64;
	struct path_slot *flat = SECTION_AT(b->s.paths, struct path_slot, 0);
	if (count > 0)
		qsort(pairs, (size_t)count, sizeof *pairs, by_path);
	for (ptrdiff_t i = 0; i < count; i++) {
		struct path_slot *s = &flat[pairs[i].path];
		if (i > 0 && pairs[i].path == pairs[i - 1].path && pairs[i].field == pairs[i - 1].field)
			continue;
		if (s->count++ == 0)
			s->first = (uint32_t)SECTION_COUNT(b->s.numbers, uint32_t);
		section_add(&b->s.numbers, &pairs[i].field, sizeof pairs[i].field);
	}
	while (size < 3 * paths)
		size *= 2;
	struct path_slot *spread = calloc((size_t)size, sizeof *spread); /* heap: becomes the section */
	ASSERT(spread);
	for (ptrdiff_t i = 0; i < paths; i++) {
		ptrdiff_t at = (ptrdiff_t)(flat[i].hash & (uint64_t)(size - 1));
		while (spread[at].count)
			at = (at + 1) & (size - 1);
		spread[at] = flat[i];
	}
	free(b->s.paths.at);
	b->s.paths = (struct section){ (char *)spread, (size_t)size * sizeof *spread,
				       (size_t)size * sizeof *spread };
}

static void build_paths(struct build *b, const struct logsource_map *map)
{
	struct intern *names = intern_new();
	struct section pairs = { 0 };
	for (ptrdiff_t i = 0; i < map->name_count; i++) {
		uint32_t field = build_field(b, map->names[i].field);
		for (ptrdiff_t j = 0; j < map->names[i].path_count; j++)
			add_path(b, names, &pairs, map->names[i].paths[j], field);
	}
	ptrdiff_t fields = SECTION_COUNT(b->s.fields, struct image_field);
	for (ptrdiff_t f = 0; f < fields; f++) {
		struct span s = SECTION_AT(b->s.fields, struct image_field, f)->name;
		str name = arena_dup(b->tmp, (str){ b->s.strings.at + s.at, s.len });
		add_path(b, names, &pairs, name, (uint32_t)f);
		for (ptrdiff_t e = 0; e < map->envelope_count; e++)
			add_path(b, names, &pairs,
				 arena_printf(b->tmp, STR_FMT "." STR_FMT, STR_ARG(map->envelopes[e]),
					      STR_ARG(name)),
				 (uint32_t)f);
	}
	spread_paths(b, (struct path_pair *)(void *)pairs.at, SECTION_COUNT(pairs, struct path_pair));
	for (ptrdiff_t e = 0; e < map->envelope_count; e++) {
		str envelope = map->envelopes[e];
		if (!str_ends(envelope, S(".*")))
			continue;
		struct span s = build_text(b, str_sub(envelope, 0, envelope.len - 1));
		section_add(&b->s.wild, &s.at, sizeof s.at);
		section_add(&b->s.wild, &s.len, sizeof s.len);
	}
	free(pairs.at);
	intern_free(names);
}

static struct unit *assemble(struct build *b)
{
	struct image_header h;
	memset(&h, 0, sizeof h);
	memcpy(h.magic, magic, sizeof h.magic);
	h.version = IMAGE_VERSION;
	h.byte_order = BYTE_ORDER_MARK;
	size_t size = sizeof h;
	int i = 0;
#define X(type, name)                                                                 \
	h.section[i++] = (struct image_extent){ size, b->s.name.len / sizeof(type) }; \
	size += (b->s.name.len + 15) / 8 * 8;
	IMAGE_SECTIONS(X)
#undef X
	h.size = size;
	struct unit *u = calloc(1, sizeof *u); /* heap: a unit lives as long as its owner wants */
	char *block = calloc(1, size);         /* heap: its one block */
	ASSERT(u && block);
	i = 0;
#define X(type, name)                                                         \
	if (b->s.name.len)                                                    \
		memcpy(block + h.section[i].at, b->s.name.at, b->s.name.len); \
	i++;
	IMAGE_SECTIONS(X)
#undef X
	memcpy(block, &h, sizeof h);
	h.sum = block_sum(block, size);
	memcpy(block, &h, sizeof h);
	u->block = block;
	u->size = size;
	ASSERT(find_sections(&u->image, block, size));
	return u;
}

static void build_done(struct build *b)
{
	free(b->strings_s.at);
#define X(type, name) free(b->s.name.at);
	IMAGE_SECTIONS(X)
#undef X
	intern_free(b->texts);
	intern_free(b->fields);
	intern_free(b->predicates);
	intern_free(b->logsources);
}

bool unit_build(struct arena *tmp, const struct unit_parts *parts, struct unit **out,
		const struct rule_refusal **out_refusals, struct err *err)
{
	struct build b = { tmp, .texts = intern_new(), .fields = intern_new(), .predicates = intern_new(),
			   .logsources = intern_new() };
	build_text(&b, S(""));
	index_begin(&b);
	for (const struct rule *r = parts->rules ? parts->rules->rules : NULL; r; r = r->next)
		compile_rule(&b, r);
	for (ptrdiff_t i = 0; i < parts->extra_count; i++)
		build_field(&b, parts->extra_fields[i]);
	compile_sources(&b, parts->sources);
	witness_choose(&b);
	index_build(&b);
	build_paths(&b, parts->sources);
	bool fits = b.s.strings.len < UINT32_MAX && b.s.nodes.len / sizeof(struct image_node) < UINT32_MAX;
	if (fits) {
		*out = assemble(&b);
		(*out)->indicators = parts->indicators;
		*out_refusals = b.refusals;
	}
	build_done(&b);
	return fits || err_set(err, ERR_LIMIT, "the rules come to more than 4 GiB of text: give fewer");
}

/* ---- files */

str unit_bytes(const struct unit *u)
{
	return (str){ u->block, (ptrdiff_t)u->size };
}

static const char *check_block(const char *block, size_t size, struct image *out)
{
	const struct image_header *h = (const struct image_header *)(const void *)block;
	if (size < sizeof *h || memcmp(h->magic, magic, sizeof magic) != 0)
		return "it is no compiled unit";
	if (h->version != IMAGE_VERSION || h->byte_order != BYTE_ORDER_MARK)
		return "another version of naubat, or another kind of machine, made it";
	if (h->size != size || h->sum != block_sum(block, size) ||
	    !find_sections(out, block, size))
		return "it is damaged";
	return NULL;
}

bool unit_open(const char *path, struct unit **out, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_MISSING, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(struct image_header)) {
		close(fd);
		return err_set(err, ERR_INPUT, "%s: it is no compiled unit", path);
	}
	char *block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (block == MAP_FAILED)
		return err_set(err, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	struct image im = { 0 };
	const char *wrong = check_block(block, (size_t)st.st_size, &im);
	if (wrong) {
		munmap(block, (size_t)st.st_size);
		return err_set(err, ERR_INPUT, "%s: %s", path, wrong);
	}
	struct unit *u = calloc(1, sizeof *u); /* heap: a unit lives as long as its owner wants */
	ASSERT(u);
	*u = (struct unit){ block, (size_t)st.st_size, true, im, NULL };
	*out = u;
	return true;
}

void unit_free(struct unit *u)
{
	if (!u)
		return;
	if (u->mapped)
		munmap((void *)(uintptr_t)u->block, u->size);
	else
		free((void *)(uintptr_t)u->block);
	free(u);
}

void unit_set_indicators(struct unit *u, const struct indicators *i)
{
	u->indicators = i;
}

/* ---- what people are told of its rules */

ptrdiff_t unit_rule_count(const struct unit *u)
{
	return u->image.rules_count;
}

static const str *texts_of(const struct image *im, struct range r, struct arena *a, ptrdiff_t *out_count)
{
	str *list = NEW(a, str, r.count + 1);
	for (uint32_t i = 0; i < r.count; i++)
		list[i] = image_text(im, im->spans[r.first + i]);
	*out_count = r.count;
	return list;
}

void unit_rule(const struct unit *u, ptrdiff_t number, struct arena *a, struct unit_rule *out)
{
	const struct image *im = &u->image;
	const struct image_rule *r = &im->rules[number];
	memset(out, 0, sizeof *out);
	const struct {
		str *to;
		struct span from;
	} texts[] = {
		{ &out->id, r->id },
		{ &out->title, r->title },
		{ &out->author, r->author },
		{ &out->file, r->file },
		{ &out->description, r->description },
		{ &out->name, r->name },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(texts); i++)
		*texts[i].to = image_text(im, texts[i].from);
	out->level = (enum rule_level)r->level;
	out->status = (enum rule_status)r->status;
	out->silent = r->silent;
	out->line = r->line;
	out->tags = texts_of(im, r->tags, a, &out->tag_count);
	out->references = texts_of(im, r->references, a, &out->reference_count);
	out->false_positives = texts_of(im, r->false_positives, a, &out->false_positive_count);
	out->logsource = image_logsource(im->strings, &im->logsources[r->logsource]);
}

ptrdiff_t unit_find_rule(const struct unit *u, str id_or_name)
{
	const struct image *im = &u->image;
	for (ptrdiff_t i = 0; i < im->rules_count && id_or_name.len > 0; i++)
		if (str_eq_nocase(image_text(im, im->rules[i].id), id_or_name) ||
		    str_eq(image_text(im, im->rules[i].name), id_or_name))
			return i;
	return -1;
}
