/* cli_verbs.h - what the commands that ask and show are made of: rows of tables, read by cli_commands.c. */
#pragma once
#include "app/cli.h"

enum { OPTIONS_MAX = 8 };

enum shape { SHOW_TABLE, SHOW_RECORD, SHOW_NOTHING };
enum subject { NO_SUBJECT, BY_NUMBER, BY_LOGIN, AS_QUERY, AS_LOGIN }; /* what the argument is */

/* What people say for what the API wants. */
enum option_kind {
	OPTION_TEXT,
	OPTION_WORDS, /* parted by commas */
	OPTION_INT,
	OPTION_YES,     /* yes or no */
	OPTION_FACTORS, /* of severity: factor=option, parted by commas */
	OPTION_TIME,    /* RFC 3339, or "now" */
	OPTION_REPORTS, /* numbers of reports, parted by commas */
	OPTION_CASE,    /* number of an incident */
	OPTION_PARTY,   /* of the case, by its name */
	OPTION_PARTIES, /* parties by name; teams and organisations by id; parted by commas */
	OPTION_CLOCK,   /* of the case, by its title */
	OPTION_PERSON,  /* a colleague, by name */
	OPTION_ENDS,    /* "all": everything that closing would leave open */
};

struct option {
	const char *flag, *member; /* member NULL: it takes the place of %p in the path */
	enum option_kind kind;
};

struct verb {
	const char *word, *words;
	enum subject subject;
	const char *subject_name;
	const char *method, *path; /* "/api/reports/%s": %s the subject, %p an option without a member */
	const char *kind;          /* of BY_NUMBER, for the search */
	bool reads_text;           /* standard input is the member "text" */
	bool reads_table;          /* it is the member "csv" */
	enum shape shape;
	struct option options[OPTIONS_MAX];
	const struct cli_column *columns;
};

extern const struct verb case_verbs[];
extern const ptrdiff_t case_verbs_count;

/* The id of a report or an incident. */
MUST_CHECK bool cli_number_find(struct cli *c, const char *kind, str number, str *out_id, struct err *err);
/* The value of an option as the API wants it; `incident`: id of the case that parties and clocks are of. */
MUST_CHECK bool cli_option_value(struct cli *c, const struct option *o, str text, str incident,
				 struct json **out, struct err *err);

#define PAGING                            \
	{ "--cursor", "cursor", false },  \
	{                                 \
		"--limit", "limit", false \
	}

/* One act on a report or an incident that needs a reason. */
#define REASONED(w, d, k, p)                                                                                 \
	{                                                                                                    \
		.word = (w), .words = (d), .subject = BY_NUMBER, .subject_name = "NUMBER", .method = "POST", \
		.path = (p), .kind = (k), .shape = SHOW_NOTHING, .options = {                                \
			{ "--reason", "reason", false }                                                      \
		}                                                                                            \
	}
#define KEEPING(k, p)                                                               \
	REASONED("hold", "put it under legal hold; by a shift lead", k, p "/hold"), \
		REASONED("lift", "lift the hold", k, p "/lift-hold"),               \
		REASONED("purge", "ask that its words go for good; somebody else confirms", k, p "/purge")
