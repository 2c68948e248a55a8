#include "match/logsource.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const struct source_name *n)
{
	ASSERT(n->field.len > 0 && n->path_count > 0);
	for (ptrdiff_t i = 0; i < n->path_count; i++)
		ASSERT(n->paths[i].len > 0);
	for (ptrdiff_t i = 0; i < n->prefix_count; i++)
		ASSERT(n->joined && n->prefixes[i].from.len > 0);
}

/* What the engine relies on, whatever the file was. */
static void check(const struct logsource_map *map)
{
	ASSERT(map->entry_count > 0);
	for (ptrdiff_t i = 0; i < map->name_count; i++) {
		check_name(&map->names[i]);
		ASSERT(!map->names[i].joined);
	}
	for (ptrdiff_t i = 0; i < map->entry_count; i++) {
		const struct source_entry *e = &map->entries[i];
		ASSERT(e->when_count > 0 && e->line > 0);
		ASSERT(e->logsource.product.ptr || e->logsource.category.ptr || e->logsource.service.ptr);
		ASSERT(logsource_meets(&e->logsource, &e->logsource)
		       && logsource_meets(&(struct logsource){ 0 }, &e->logsource));
		for (ptrdiff_t j = 0; j < e->when_count; j++)
			ASSERT(e->when[j].value_count > 0);
		for (ptrdiff_t j = 0; j < e->field_count; j++)
			check_name(&e->fields[j]);
	}
	for (ptrdiff_t i = 0; i < map->observable_count; i++)
		ASSERT(map->observables[i].port_field.ptr == NULL || map->observables[i].as == PROBE_IP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct logsource_map map;
	struct yaml_place at = { 0, 0 };
	struct err err = { 0 };
	arena_init(&a, 64 << 20, 256 << 20);
	if (logsource_load(&a, (str){ (const char *)data, (ptrdiff_t)size }, &map, &at, &err))
		check(&map);
	else
		ASSERT(err.code == ERR_INPUT || err.code == ERR_LIMIT);
	arena_done(&a);
	return 0;
}
