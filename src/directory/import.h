/* import.h - the directory from and to spreadsheets.  docs/directory.md describes the columns.
 *
 *   text -> import_read (pure, on the caller's thread) -> struct import -> import_plan (dry run), or
 *   import_decide
 *
 * I1. All rows or none: import_decide refuses (ERR_INPUT) if one row is refused, and adds no draft.
 * I2. A dry run and the real run judge by the same code.
 * I3. What directory_export wrote, imported, is the same for every row.
 */
#pragma once
#include "base/buf.h"
#include "directory/commands.h"

enum { IMPORT_SIZE_MAX = 8 << 20, IMPORT_ROWS_MAX = 20000, IMPORT_CHANGES_MAX = 5000 };

enum import_kind { IMPORT_ORGANISATIONS, IMPORT_CONTACTS, IMPORT_NETWORKS, IMPORT_DOMAINS, IMPORT_KINDS };

struct import_row {
	int line;
	bool refused;
	struct directory_plan plan; /* unless refused */
	str name;                   /* for people: which row this is */
	str reason;                 /* why it is refused */
};

struct import {
	const struct regime *regime;
	const struct identity *who;
	enum import_kind kind;
	struct arena *arena;        /* rows and reasons live here */
	struct import_table *table; /* made by import_read */

	/* Made by import_plan and import_decide. */
	struct import_row *rows;
	ptrdiff_t count, fates[FATE_COUNT], refused;
};

MUST_CHECK bool import_kind_parse(str name, enum import_kind *out_kind, struct err *err);
str import_kind_name(enum import_kind kind);

/* Columns and rows; fails with the line for what is no such table. */
MUST_CHECK bool import_read(struct import *im, str csv, struct err *err);
/* Fills rows, refused ones included; writes nothing. */
MUST_CHECK bool import_plan(struct import *im, struct db *db, struct err *err);
bool import_decide(struct decision *d, void *arg,
		   struct err *err); /* arg: struct import, after import_read */

/* With a row of names, sorted, safe to open in a spreadsheet. */
MUST_CHECK bool directory_export(struct db *db, struct arena *a, enum import_kind kind, struct buf *out,
				 struct err *err);
