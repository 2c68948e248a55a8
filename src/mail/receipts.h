/* receipts.h - how many automatic receipts one address gets.
 *
 * Whoever forges a sender makes us write to somebody who reported nothing (backscatter).  So an address gets
 * RECEIPTS_AN_HOUR receipts in an hour; its reports are taken all the same, and a person can answer them.
 * A table of fixed size in memory, keyed hashes instead of addresses; a restart forgets it.  Called on the
 * writer's thread only.
 */
#pragma once
#include "base/instant.h"

enum { RECEIPTS_AN_HOUR = 5 };

struct receipts;

struct receipts *receipts_open(void);
void receipts_close(struct receipts *r); /* NULL is fine */

/* Counts one.  r NULL: there is no limit. */
bool receipts_take(struct receipts *r, str secret, str address, struct instant now);
