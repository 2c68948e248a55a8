/* drain.h - keeps SQLite's write-ahead log short without the writer standing still for it.
 *
 * To copy a few thousand pages of the log to where they belong, and to flush them, takes as long as two
 * hundred reports.  So a thread does it, with a connection of its own.  But the engine begins its log anew
 * only when all of it is copied at the moment a transaction begins, and a busy writer adds meanwhile: the
 * thread goes over it again until little is left; that the writer copies itself, when its receipts are out.
 *
 * I1. Nothing here is needed for a receipt: a commit was flushed in the log.
 * I2. A disk that failed under the thread ends the writer with its next batch (docs/adr/0006).
 */
#pragma once
#include "db/db.h"

struct drain;

MUST_CHECK bool drain_open(const char *store, struct drain **out_d, struct err *err);
void drain_close(struct drain *d); /* NULL is fine */
/* After a batch, on the writer's thread, with its connection.  False: the disk failed. */
MUST_CHECK bool drain_after(struct drain *d, struct db *writer, struct err *err);
