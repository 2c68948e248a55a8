/* Real mail of others: NAUBAT_SHARED or ../shared beside the source.  Without it: skipped (77), said so. */
#include "mail/parse.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include "mail/xarf.h"
#include "os/files.h"

struct arf_case { const char *file, *type, *source_ip; int domains, recipients; };

/* What a person reads in the files. */
static const struct arf_case arf_cases[] = {
	{ "bsd-arf-01", "abuse", "192.0.2.89", 1, 0 }, { "dos-arf-01", "abuse", "192.0.2.89", 1, 0 },
	{ "mac-arf-01", "abuse", "192.0.2.89", 1, 0 }, { "bsd-arf-02", "abuse", "", 1, 1 },
	{ "bsd-arf-11", "abuse", "", 0, 0 }, { "bsd-arf-14", "abuse", "", 1, 1 },
	{ "bsd-arf-16", "abuse", "192.0.2.1", 2, 7 }, { "bsd-arf-17", "abuse", "192.0.2.3", 0, 2 },
	{ "bsd-arf-18", "auth-failure", "192.0.2.222", 1, 1 },
	{ "bsd-arf-20", "auth-failure", "203.0.113.2", 1, 0 },
	{ "bsd-arf-21", "abuse", "198.51.100.224", 0, 0 },
};

struct tally { int files; };

static bool read_mail(struct arena *a, str path, struct mail *out_mail)
{
	struct err err;
	str raw;
	if (!files_read(a, arena_cstr(a, path), 64 << 20, &raw, &err))
		return false;
	bool ok = mail_parse(a, raw, NULL, out_mail, &err);
	ASSERT(ok);
	return true;
}

static void check_arf(struct arena *a, str folder, const struct arf_case *c, struct tally *tally)
{
	struct mail m;
	if (!read_mail(a, arena_printf(a, STR_FMT "/arf/sisimai-%s.eml", STR_ARG(folder), c->file), &m))
		return;
	bool same = m.kind == MAIL_ARF && str_eq(m.arf.feedback_type, str_from(c->type)) &&
		str_eq(m.arf.source_ip, str_from(c->source_ip)) &&
		m.arf.reported_domain.count == c->domains &&
		m.arf.original_rcpt_to.count == c->recipients && m.arf.original.len > 0 &&
		m.problems.count == 0;
	if (!same)
		fprintf(stderr, "ARF file %s\n", c->file);
	ASSERT(same);
	tally->files++;
}

static void check_pgp(struct arena *a, str folder, struct tally *tally)
{
	static const struct { const char *file; bool encrypted, is_signed; } cases[] = {
		{ "autocrypt-example-gossip", true, false },
		{ "autocrypt-example-simple-autocrypt", false, false },
		{ "abuseio-Abusehub_Example_1", false, true }, { "abuseio-Cleanmx_Example_2", false, true },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(cases); i++) {
		struct mail m;
		if (!read_mail(a, arena_printf(a, STR_FMT "/pgp/%s.eml", STR_ARG(folder), cases[i].file), &m))
			continue;
		ASSERT(m.encrypted == cases[i].encrypted && m.is_signed == cases[i].is_signed);
		ASSERT(m.problems.count == 0 && m.from.count == 1);
		tally->files++;
	}
}

/* Walks a folder of XARF samples; what lies under "invalid" must be refused, all else accepted. */
static void check_xarf(struct arena *a, str folder, bool valid, int depth, struct tally *tally)
{
	DIR *d = depth > 0 ? opendir(arena_cstr(a, folder)) : NULL;
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		str name = str_from(e->d_name), path = arena_printf(a, STR_FMT "/%s", STR_ARG(folder),
			e->d_name);
		struct xarf_report r;
		struct err err;
		str text;
		if (e->d_name[0] == '.' || str_eq(name, S("test-cases.json")))
			continue;
		if (!str_ends(name, S(".json"))) {
			check_xarf(a, path, valid && !str_eq(name, S("invalid")), depth - 1, tally);
			continue;
		}
		ASSERT(files_read(a, path.ptr, 1 << 20, &text, &err));
		bool ok = xarf_parse(a, text, &r, &err);
		if (ok != valid)
			fprintf(stderr, "XARF file " STR_FMT ": %s\n", STR_ARG(path), ok ? "was accepted" :
				err.text);
		ASSERT(ok == valid && (!ok || (r.category.len && r.type.len && r.source_identifier.len)));
		tally->files++;
	}
	if (d != NULL)
		closedir(d);
}

/* No expectations but that they are read without a crash. */
static void check_misc(struct arena *a, str folder, struct tally *tally)
{
	DIR *d = opendir(arena_printf(a, STR_FMT "/misc", STR_ARG(folder)).ptr);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		struct mail m;
		if (e->d_name[0] != '.' &&
		    read_mail(a, arena_printf(a, STR_FMT "/misc/%s", STR_ARG(folder), e->d_name), &m))
			tally->files++;
	}
	if (d != NULL)
		closedir(d);
}

int main(void)
{
	const char *shared = getenv("NAUBAT_SHARED");
	struct arena a;
	struct tally tally = { 0 };
	mail_init();
	arena_init(&a, MAIL_ARENA_SOFT, MAIL_ARENA_HARD);
	str here = str_from(__FILE__);                  /* from the folder that tests are run in */
	str folder = shared ? arena_printf(&a, "%s/data/mail", shared) :
		arena_printf(&a, STR_FMT "/../../../shared/data/mail",
			STR_ARG(str_sub(here, 0, here.len - (ptrdiff_t)sizeof("/test_mail_shared.c") + 1)));
	for (ptrdiff_t i = 0; i < COUNTOF(arf_cases); i++)
		check_arf(&a, folder, &arf_cases[i], &tally);
	check_pgp(&a, folder, &tally);
	check_xarf(&a, arena_printf(&a, STR_FMT "/xarf", STR_ARG(folder)), true, 8, &tally);
	check_misc(&a, folder, &tally);
	arena_done(&a);
	if (tally.files == 0)
		printf("skipped: no shared mail (set NAUBAT_SHARED to the folder that has data/mail)\n");
	else
		printf("%d files\n", tally.files);
	return tally.files == 0 ? 77 : 0;
}
