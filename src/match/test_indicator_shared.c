/* Real indicators and allow-lists: NAUBAT_SHARED or ../shared beside the source.  Without: skipped (77),
 * said so.  The indicators are maltrail's, the allow-lists MISP's, the bundles of OASIS and of the STIX
 * elevator. */
#include "match/indicator.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static str unpack(struct arena *a, const char *path)
{
	size_t n = strlen(path);
	bool packed = n > 4 && strcmp(path + n - 4, ".zst") == 0;
	str command = arena_printf(a, packed ? "zstd -dcq '%s'" : "cat '%s'", path);
	FILE *f = popen(command.ptr, "r");
	ptrdiff_t room = 1 << 16, len = 0;
	char *bytes = malloc((size_t)room);
	for (size_t got; f != NULL && (got = fread(bytes + len, 1, (size_t)(room - len), f)) > 0;) {
		len += (ptrdiff_t)got;
		if (len == room)
			bytes = realloc(bytes, (size_t)(room *= 2));
	}
	ASSERT(f != NULL && pclose(f) == 0);
	return (str){ bytes, len };
}

static void drop(str bytes)
{
	union {
		const char *in;
		void *out;
	} u = { bytes.ptr };
	free(u.out);
}

static ptrdiff_t hits_of(const struct indicators *i, enum probe_as as, str text, struct probe_hit *hit)
{
	struct probe p = { as, text, -1, 0 };
	return indicators_probe(i, &p, 1, hit, 64);
}

/* Does the value of this line find itself? */
static bool finds_itself(const struct indicators *i, str value, const char *file, int64_t line)
{
	struct probe_hit hit[64];
	enum probe_as as = strcmp(file, "urls") == 0      ? PROBE_URL
			   : strcmp(file, "domains") == 0 ? PROBE_DOMAIN
							  : PROBE_ANY;
	if (value.ptr[0] == '.')
		value = str_sub(value, 1, value.len);
	if (strcmp(file, "cidrs") == 0)
		value = str_cut(value, '/').head;
	ptrdiff_t n = hits_of(i, as, value, hit);
	for (ptrdiff_t k = 0; k < n; k++)
		if (hit[k].what.line == line && str_find(hit[k].what.source, str_from(file)) >= 0)
			return true;
	return false;
}

static const char *const files[] = { "domains", "ip_ports", "urls", "ips", "cidrs" };

struct all {
	struct arena arena;
	str bytes[5];
	struct indicator_loader *loader;
	const struct indicators *made;
};

static void load_all(struct all *all, const char *shared)
{
	struct err err;
	const char *form;
	arena_init(&all->arena, 1 << 28, 1 << 28);
	all->loader = indicators_begin(&all->arena, false);
	for (int f = 0; f < 5; f++) {
		str path = arena_printf(&all->arena, "%s/data/indicators/%s.txt.zst", shared, files[f]);
		if (all->bytes[f].ptr == NULL)
			all->bytes[f] = unpack(&all->arena, path.ptr);
		ASSERT(indicators_add(all->loader, str_from(files[f]), all->bytes[f], &form, &err));
		ASSERT(strcmp(form, "plain list") == 0);
	}
}

/* Every 7th line is found as what it is and where it stands; refused are only the whole top-level domains
 * and public suffixes. */
static void test_indicators(struct all *all)
{
	int64_t missed = 0, tried = 0;
	all->made = indicators_finish(all->loader);
	struct indicator_counts c = indicators_counts(all->made);
	printf("%lld kept, %lld doubled, %lld refused\n", (long long)c.kept, (long long)c.doubled,
	       (long long)c.refused);
	ASSERT(c.kept + c.doubled + c.refused == 987185 + 237902 + 141239 + 20937 + 928);
	ASSERT(c.kept > 1387000 && c.refused < 120);
	ASSERT(indicators_of_kind(all->made, INDICATOR_IP_PORT) > 237000);
	ASSERT(indicators_of_kind(all->made, INDICATOR_URL) > 141000);
	for (int f = 0; f < 5; f++) {
		int64_t line = 0;
		for (str rest = all->bytes[f]; rest.len > 0;) {
			str_cut_result cut = str_cut(rest, '\n');
			rest = cut.tail;
			if (++line % 7 != 0 || cut.head.len == 0)
				continue;
			tried++;
			missed += !finds_itself(all->made, str_cut(cut.head, '\t').head, files[f], line);
		}
	}
	/* what was refused or doubled; names of files among the domains */
	printf("%lld of %lld lines do not find themselves\n", (long long)missed, (long long)tried);
	ASSERT(tried > 198000 && missed <= 45);
	ASSERT(c.kept > 0);
}

/* All lists load; what they know is taken off. */
static void test_allow(struct all *all, const char *shared)
{
	struct err err;
	struct dirent *e;
	int lists = 0;
	DIR *folder = opendir(arena_printf(&all->arena, "%s/data/warninglists", shared).ptr);
	ASSERT(folder != NULL);
	while ((e = readdir(folder)) != NULL) {
		if (strstr(e->d_name, ".json.zst") == NULL)
			continue;
		str path = arena_printf(&all->arena, "%s/data/warninglists/%s", shared, e->d_name);
		str bytes = unpack(&all->arena, path.ptr);
		bool good = indicators_allow(all->loader, path, bytes, &err);
		if (!good)
			fprintf(stderr, "%s: %s\n", e->d_name, err.text);
		ASSERT(good);
		drop(bytes);
		lists++;
	}
	closedir(folder);
	clock_t start = clock();
	all->made = indicators_finish(all->loader);
	struct indicator_counts c = indicators_counts(all->made);
	printf("%d allow-lists: %lld kept, %lld allowed, put together in %.2f s\n", lists, (long long)c.kept,
	       (long long)c.allowed, (double)(clock() - start) / CLOCKS_PER_SEC);
	ASSERT(lists == 135 && c.allowed > 100000);
	struct probe_hit hit[64];
	/* dynamic-dns, public-dns-v4 and the local networks are among the lists */
	ASSERT(hits_of(all->made, PROBE_DOMAIN, S("anon07black.ddns.net"), hit) == 0);
	ASSERT(hits_of(all->made, PROBE_DOMAIN, S("casinocruze.com"), hit) == 1);
}

static void test_stix(const char *shared)
{
	static const char *const folders[] = { "cti-documentation", "elevator-2.1-valid", "attack" };
	struct arena a;
	struct err err;
	const char *form;
	int bundles = 0;
	arena_init(&a, 1 << 28, 1 << 29);
	struct indicator_loader *l = indicators_begin(&a, false);
	for (int f = 0; f < 3; f++) {
		str path = arena_printf(&a, "%s/data/stix/%s", shared, folders[f]);
		struct dirent **names;
		int count = scandir(path.ptr, &names, NULL, alphasort);
		for (int n = 0; n < count; n++) {
			if (strstr(names[n]->d_name, ".json") != NULL) {
				str file = arena_printf(&a, STR_FMT "/%s", STR_ARG(path), names[n]->d_name);
				str bytes = unpack(&a, file.ptr);
				ASSERT(indicators_add(l, file, bytes, &form, &err) &&
				       strcmp(form, "STIX bundle") == 0);
				drop(bytes);
				bundles++;
			}
			free(names[n]);
		}
		free(names);
	}
	const struct indicators *made = indicators_finish(l);
	struct indicator_counts c = indicators_counts(made);
	printf("%d bundles: %lld kept, %lld doubled, %lld refused\n", bundles, (long long)c.kept,
	       (long long)c.doubled, (long long)c.refused);
	ASSERT(bundles == 42 && c.kept >= 400 && c.refused > 0);
	struct probe_hit hit[4];
	ASSERT(hits_of(made, PROBE_URL, S("http://x4z9arb.cn/4712/"), hit) >= 1);
	indicators_free(made);
	arena_done(&a);
}

int main(void)
{
	const char *shared = getenv("NAUBAT_SHARED");
	struct all all = { .made = NULL };
	if (shared == NULL)
		shared = "../shared";
	char probe[4096];
	snprintf(probe, sizeof(probe), "%s/data/indicators/ips.txt.zst", shared);
	FILE *f = fopen(probe, "r");
	if (f == NULL) {
		printf("skipped: no shared indicators (set NAUBAT_SHARED to the folder that has "
		       "data/indicators)\n");
		return 77;
	}
	fclose(f);
	load_all(&all, shared);
	test_indicators(&all);
	indicators_free(all.made);
	arena_done(&all.arena);
	load_all(&all, shared);
	test_allow(&all, shared);
	indicators_free(all.made);
	arena_done(&all.arena);
	for (int n = 0; n < 5; n++)
		drop(all.bytes[n]);
	test_stix(shared);
	return 0;
}
