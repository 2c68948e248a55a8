/* evidence_routes.h - originals and attachments: the bytes as they came, to be saved and never to be shown.
 *
 * found (query/) -> the gate -> room in memory -> bytes (work pool) -> evidence.taken in the journal -> sent
 *
 * I1. Hidden, RED for another team, purged and never there: one answer, 404.
 * I2. What is sent has the hash that the journal gave it when it came, or is not sent.
 * I3. At most so many bytes (app/tables.c) are held for downloads at once; the next is told to come back.
 */
#pragma once
#include "http/route.h"

extern const struct route evidence_routes[];
extern const ptrdiff_t evidence_routes_count;
