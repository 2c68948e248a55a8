/* cli_verbs.h - what the commands that ask and show are made of: rows of tables, read by cli_commands.c;
 * what people say for ids is looked up by cli_lookup.c. */
#pragma once
#include "app/cli.h"

enum { OPTIONS_MAX = 8 };

enum shape { SHOW_TABLE, SHOW_RECORD, SHOW_NOTHING, SHOW_BYTES, SHOW_OVERSIGHT };
/* What the argument is. */
enum subject { NO_SUBJECT, BY_NUMBER, BY_LOGIN, BY_ORGANISATION, AS_QUERY, AS_LOGIN, AS_NAME };

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
	OPTION_REQUEST, /* of the case, that waits: by its subject, or whom it was asked of */
	OPTION_TEAM,    /* of the regime, by name */
	OPTION_CONTACT, /* of the organisation, by name; what is not said of it stays */
	OPTION_ITEM,    /* contact, network or domain of the organisation; "all": itself with all it has */
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
	bool keeps;                /* what no option says stays as it is now: cli.current */
	enum shape shape;
	const char *items;         /* the member that is shown; NULL: all, and of a table "items" */
	struct option options[OPTIONS_MAX];
	const struct cli_column *columns;
};

/* A command that a table cannot say. */
struct cli_other {
	const char *line, *words; /* "password", "changes your own" */
};
struct noun {
	const char *word;
	const struct verb *verbs;
	ptrdiff_t count;
	const struct cli_other *others; /* end with {0}; NULL: none */
};
int cli_noun_command(const struct noun *n, int argc, char **argv);

/* The id of what the argument names. */
MUST_CHECK bool cli_number_find(struct cli *c, const char *kind, str number, str *out_id, struct err *err);
MUST_CHECK bool cli_login_find(struct cli *c, str login, str *out_id, struct err *err);
MUST_CHECK bool cli_organisation_find(struct cli *c, str said, str *out_id, struct err *err);
/* The value of an option as the API wants it; `of`: id of the case that parties and clocks are of, or of the
 * organisation. */
MUST_CHECK bool cli_option_value(struct cli *c, const struct option *o, str text, str of, struct json **out,
				 struct err *err);

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
