/* Tables of every kind, from any bytes: taken, or refused with a reason. */
#include "directory/import.h"
#include "format/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena a;
	str text = { (const char *)bytes, (ptrdiff_t)size };
	arena_init(&a, ARENA_SOFT_DEFAULT, ARENA_HARD_DEFAULT);
	for (int kind = 0; kind < IMPORT_KINDS; kind++) {
		struct import im = { .kind = (enum import_kind)kind, .arena = &a };
		struct err err = { 0 };
		enum import_kind again;
		ASSERT(import_kind_parse(import_kind_name(im.kind), &again, &err) && again == im.kind);
		if (!import_read(&im, text, &err))
			ASSERT(err.code != ERR_NONE && err.text[0]);
		else
			ASSERT(im.table != NULL);
		arena_reset(&a);
	}
	struct err err = { 0 };
	str line;
	if (directory_line(&a, "line", text, DIRECTORY_NAME_MAX, &line, &err)) {
		str twice;
		ASSERT(line.len <= DIRECTORY_NAME_MAX && str_utf8_valid(line));
		ASSERT(directory_line(&a, "line", line, DIRECTORY_NAME_MAX, &twice, &err) &&
		       str_eq(line, twice));
	}
	arena_done(&a);
	return 0;
}
