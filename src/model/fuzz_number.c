/* A number that is read checks, and is read again as itself; so is a claim code. */
#include "model/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	str text = { (const char *)data, (ptrdiff_t)size }, number, again;
	arena_init(&a, 1 << 20, 1 << 24);
	if (number_parse(&a, text, &number, &err)) {
		ASSERT(number_check(number));
		ASSERT(number_parse(&a, number, &again, &err) && str_eq(again, number));
	} else {
		ASSERT(!number_check(text));
	}
	if (claim_code_parse(&a, text, &number, &err))
		ASSERT(claim_code_parse(&a, claim_code_format(&a, number), &again, &err) &&
		       str_eq(again, number));
	if (size >= NUMBER_RANDOM_BYTES)
		ASSERT(number_check(number_make(&a, S("PK-NCERT"), 2026, data)));
	arena_done(&a);
	return 0;
}
