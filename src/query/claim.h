/* claim.h - what the holder of a claim code sees of a report: its state, and what was written to and fro. */
#pragma once
#include "db/db.h"
#include "release/release.h"

struct claim_view { bool found; struct uuid report; const struct released *page; };

/* `code` is canonical (model/number.h).  An unknown code is found == false and takes as long. */
MUST_CHECK bool claim_look(struct db *db, struct arena *a, str code, struct claim_view *out, struct err *err);
