/* What is read is written in one form and read again the same; a label that is found is one that parses. */
#include "model/marking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	str text = { (const char *)data, (ptrdiff_t)size };
	struct marking m = { 0 };
	enum tlp tlp = TLP_UNMARKED, again;
	enum pap pap;
	arena_init(&a, 1 << 20, 1 << 24);
	if (marking_parse(text, &m, &err))
		ASSERT(str_eq(marking_format(&a, m), text));
	struct marking_found found = marking_detect(text);
	ASSERT(found.tlp < TLP_COUNT && found.pap < PAP_COUNT && found.doubtful == (found.where.len > 0));
	if (tlp_parse(text, &tlp, &err)) {
		ASSERT(tlp != TLP_UNMARKED && tlp_parse(tlp_format(tlp), &again, &err) && again == tlp);
		str label = arena_printf(&a, "[" STR_FMT "] x", STR_ARG(tlp_format(tlp)));
		ASSERT(marking_detect(label).tlp == tlp);
	}
	(void)!pap_parse(text, &pap, &err);
	arena_done(&a);
	return 0;
}
