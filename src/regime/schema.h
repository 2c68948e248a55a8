/* schema.h - the keys a regime file may hold, as tables.  Inside regime/ only.
 *
 * One table entry names a key, what its value is, and where it goes in a struct of regime.h, plan.h or
 * severity.h.  load.c reads a file by these tables; lint.c walks the same file by the same tables to check
 * references, so that a new key is one line here and nowhere else.
 */
#pragma once
#include "format/yaml.h"
#include "regime/plan.h"
#include "regime/severity.h"

enum field_kind {
	FIELD_STR, FIELD_ID, FIELD_REF,         /* str */
	FIELD_STRS, FIELD_REFS,                 /* const str * and a count; one scalar is a list of one */
	FIELD_LABEL, FIELD_INT, FIELD_BOOL, FIELD_TRUTH,
	FIELD_ENUM,                             /* the position of the word in `names` */
	FIELD_EVENT,                            /* enum regime_event: a bit */
	FIELD_DATE, FIELD_DATE_TEXT,            /* struct civil; str */
	FIELD_ANCHOR,                           /* struct regime_anchor_expr */
	FIELD_REMINDERS,                        /* const int64_t * of minutes and a count */
	FIELD_WEEKDAYS,                         /* bool[7] */
	FIELD_INSIDE,                           /* a map whose members go to the same struct */
	FIELD_RECORD, FIELD_RECORD_PTR,         /* a map: the struct itself, a pointer to it */
	FIELD_RECORDS,                          /* a list of maps: pointer and count */
	FIELD_DEADLINE_PTR,                     /* a map, or null */
};

/* What an id may refer to: bits. */
enum space {
	SPACE_SOURCE = 1 << 0, SPACE_CALENDAR = 1 << 1, SPACE_TIER = 1 << 2, SPACE_SECTOR = 1 << 3,
	SPACE_PROVINCE = 1 << 4, SPACE_ORG_CLASS = 1 << 5, SPACE_ORG_KIND = 1 << 6, SPACE_ADDRESSEE = 1 << 7,
	SPACE_FLAG = 1 << 8, SPACE_TEAM = 1 << 9, SPACE_BAND = 1 << 10, SPACE_CATEGORY = 1 << 11,
	SPACE_GRADE = 1 << 12, SPACE_STATE = 1 << 13, SPACE_CLASSIFICATION = 1 << 14, SPACE_RELEASE = 1 << 15,
	SPACE_LANGUAGE = 1 << 16, SPACE_TEAM_KIND = 1 << 17, SPACE_ROLE = 1 << 18, SPACE_TLP = 1 << 19,
};

struct record;

struct field {
	const char *key;
	enum field_kind kind;
	bool required;
	size_t offset, count_offset;
	const struct record *record;            /* of the RECORD kinds */
	const char *const *names;               /* of FIELD_ENUM; ends with NULL */
	unsigned spaces;                        /* of FIELD_REF and FIELD_REFS */
	int64_t min, max;                       /* of FIELD_INT */
};

enum origin_need { ORIGIN_NONE, ORIGIN_MAY, ORIGIN_MUST };

struct loader;

struct record {
	const char *noun;                       /* for people: "duty" */
	const struct field *fields;
	ptrdiff_t fields_count;
	size_t size, align;
	enum origin_need origin;
	size_t origin_offset;
	/* what the table cannot say */
	void (*finish)(struct loader *l, const struct yaml *y, void *made);
};

extern const struct record schema_root, schema_duty, schema_sources;

extern const char *const regime_team_kind_names[], *const regime_event_names[], *const regime_anchor_names[],
	*const regime_ower_names[], *const regime_basis_names[], *const regime_tlp_names[];

struct loader {
	struct arena *arena;
	struct regime *regime;
	struct regime_problems *problems;
	const struct yaml *steps;               /* of the duty being linted */
};

void problem_add(struct loader *l, struct yaml_place at, bool is_error, const char *fmt, ...) PRINTF(4, 5);

#define wrong(l, y, ...)        problem_add((l), (y)->at, true, __VA_ARGS__)

/* load.c */
void load_record(struct loader *l, const struct record *record, const struct yaml *y, char *into);
const struct field *record_field(const struct record *record, str key);

/* origin.c */
void origin_load(struct loader *l, const struct record *record, const struct yaml *y,
                 struct regime_origin *into);

/* anchor.c */
MUST_CHECK bool anchor_parse(struct arena *a, str text, struct regime_anchor_expr *out_expr, struct err *err);

/* lint.c */
void lint_references(struct loader *l, const struct record *record, const struct yaml *y);
void lint_whole(struct loader *l, const struct yaml *root);
bool space_has(const struct loader *l, unsigned spaces, str id);
str  space_nearest(const struct loader *l, unsigned spaces, str id);    /* empty if nothing is near */
int  word_distance(str a, str b);                                       /* edits, up to 9 */

/* schema_finish.c: the checks that need more than a table */
void finish_span(struct loader *l, const struct yaml *y, void *made);
void finish_deadline(struct loader *l, const struct yaml *y, void *made);
void finish_step(struct loader *l, const struct yaml *y, void *made);
void finish_duty(struct loader *l, const struct yaml *y, void *made);
void finish_team(struct loader *l, const struct yaml *y, void *made);
void finish_route(struct loader *l, const struct yaml *y, void *made);
void finish_retention(struct loader *l, const struct yaml *y, void *made);
void finish_escalation(struct loader *l, const struct yaml *y, void *made);
void finish_floor(struct loader *l, const struct yaml *y, void *made);
void finish_category(struct loader *l, const struct yaml *y, void *made);
void finish_severity(struct loader *l, const struct yaml *y, void *made);
void finish_council(struct loader *l, const struct yaml *y, void *made);
