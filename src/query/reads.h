/* reads.h - a few connections for reading, lent to whoever asks.  Thread-safe. */
#pragma once
#include "db/db.h"

struct reads;

MUST_CHECK bool reads_open(const char *store, int count, struct reads **out, struct err *err);
void            reads_close(struct reads *r);           /* all must have been given back; NULL is fine */
struct db      *reads_take(struct reads *r);            /* waits for a free one */
void            reads_give(struct reads *r, struct db *db);
