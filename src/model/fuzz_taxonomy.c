/* Whatever names a class names it by its id too; a guess has a reason. */
#include "model/taxonomy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	const struct taxonomy_class *class = NULL;
	str text = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 1 << 20, 1 << 24);
	if (taxonomy_parse(text, &class, &err))
		ASSERT(taxonomy_find(str_from(class->id)) == class);
	struct taxonomy_guess guess = taxonomy_guess(&a, text);
	ASSERT((guess.class != NULL) == (guess.why.len > 0));
	arena_done(&a);
	return 0;
}
