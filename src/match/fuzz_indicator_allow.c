/* Allow-lists of any bytes: each indicator is kept or allowed, and what is looked up afterwards is one
 * that was. */
#include "match/indicator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char list[] =
	"http://evil.example/a.ps1\n.evil.example\na.example\n203.0.113.5\n203.0.113.6:4444\n203.0.113.0/29\n"
	"2001:db8::/32\nphish@bank.example\n/drop.sh\nhost.example/p/x.php\ndropper.exe\n"
	"44d88612fea8a8f36de82e1278abb02f\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct probe probes[] = {
		{ PROBE_DOMAIN, { "x.evil.example", 14 }, -1, 0 },
		{ PROBE_IP, { "203.0.113.5", 11 }, 4444, 0 },
		{ PROBE_IP, { "2001:db8::5", 11 }, -1, 0 },
		{ PROBE_URL, { "http://host.example/drop.sh", 27 }, -1, 0 },
	};
	struct arena a;
	struct err err = { 0 };
	const char *form;
	struct probe_hit hit[32];
	arena_init(&a, 1 << 28, 1 << 29);
	struct indicator_loader *l = indicators_begin(&a, false);
	ASSERT(indicators_add(l, S("list"), S(list), &form, &err));
	bool good = indicators_allow(l, S("allow"), (str){ (const char *)data, (ptrdiff_t)size }, &err);
	ASSERT(good || err.text[0] != 0);
	const struct indicators *i = indicators_finish(l);
	struct indicator_counts c = indicators_counts(i);
	ASSERT(c.kept + c.allowed == 12 && c.doubled == 0);
	ASSERT(indicators_probe(i, probes, COUNTOF(probes), hit, 32) <= c.kept);
	indicators_free(i);
	arena_done(&a);
	return 0;
}
