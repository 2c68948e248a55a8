/* html_priv.h - the table of named characters, for html.c alone. */
#pragma once
#include "base/defs.h"

struct html_entity { const char *name; uint32_t rune; };

extern const struct html_entity html_entities[];        /* sorted by name */
extern const ptrdiff_t html_entity_count;
