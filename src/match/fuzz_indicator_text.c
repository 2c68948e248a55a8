/* Any bytes as every kind of observable, and as running text: hits lie in the text, and what running text
 * finds is in what the place itself gives. */
#include "match/indicator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char list[] =
	"http://evil.example/a.ps1\nhttp://"
	"evil.example\n.evil.example\na.example\nxn--bcher-kva.example\n203.0.113.5\n"
	"203.0.113.6:4444\n203.0.113.0/29\n2001:db8::bad\n2001:db8::/"
	"32\n[2001:db8::1]:80\nphish@bank.example\n/drop.sh\n"
	"host.example/p/"
	"x.php\ndropper.exe\n275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f\n"
	"44d88612fea8a8f36de82e1278abb02f\n3395856ce81f2b7382dee72602f798b642f14140\n"
	"t13d1516h2_8daaf6152771_b186095e22b6\n";

static bool is_found(const struct indicators *i, str text, enum probe_as as, const struct indicator *what)
{
	struct probe_hit hit[32];
	struct probe p = { as, text, -1, 0 };
	ptrdiff_t n = indicators_probe(i, &p, 1, hit, 32);
	for (ptrdiff_t k = 0; k < n; k++)
		if (hit[k].what.kind == what->kind && str_eq(hit[k].what.value, what->value))
			return true;
	return false;
}

/* Where a hit of running text stands, something of its kind stands. */
static void check_place(const struct indicators *i, str text, const struct probe_hit *hit)
{
	static const enum probe_as as[] = { PROBE_IP,   PROBE_IP,   PROBE_IP,   PROBE_DOMAIN,
					    PROBE_URL,  PROBE_MAIL, PROBE_HASH, PROBE_HASH,
					    PROBE_HASH, PROBE_JA3,  PROBE_JA4,  PROBE_FILE_NAME };
	str place = str_sub(text, hit->from, hit->to);
	if (hit->what.kind == INDICATOR_IP_PORT)
		return; /* the port stands behind the place */
	if (str_find(place, S("0")) >= 0 && hit->what.kind <= INDICATOR_NETWORK &&
	    str_find_char(place, '.') < 0 && str_find_char(place, ':') < 0)
		return; /* a number that a URL has for an address */
	ASSERT(is_found(i, place, as[hit->what.kind], &hit->what) || hit->what.kind <= INDICATOR_IP_PORT);
}

/* One table for all inputs. */
static const struct indicators *table(void)
{
	static struct arena a;
	static const struct indicators *made;
	struct err err = { 0 };
	const char *form;
	if (made != NULL)
		return made;
	arena_init(&a, 1 << 24, 1 << 26);
	struct indicator_loader *l = indicators_begin(&a, false);
	ASSERT(indicators_add(l, S("list"), S(list), &form, &err));
	made = indicators_finish(l);
	ASSERT(indicators_counts(made).refused == 0);
	return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct probe_hit hit[64];
	str text = { (const char *)data, (ptrdiff_t)size };
	const struct indicators *i = table();
	for (int as = PROBE_ANY; as <= PROBE_TEXT; as++) {
		struct probe p = { (enum probe_as)as, text, size & 1 ? 4444 : -1, 9 };
		ptrdiff_t n = indicators_probe(i, &p, 1, hit, 64);
		ASSERT(n >= 0 && n <= 64);
		for (ptrdiff_t k = 0; k < n; k++) {
			ASSERT(hit[k].tag == 9 && hit[k].from >= 0 && hit[k].from <= hit[k].to);
			ASSERT(hit[k].to <= text.len);
			if (as == PROBE_TEXT)
				check_place(i, text, &hit[k]);
		}
	}
	return 0;
}
