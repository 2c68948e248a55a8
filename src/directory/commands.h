/* commands.h - what the keepers of the directory do with it.  Each command: checks, then drafts.
 *
 *   fields -> directory_plan_* (pure reading: what would happen) -> struct directory_plan -> directory_draft
 *
 * A plan says whether the thing is new, changes or is the same already; a plan that is the same adds
 * nothing.  Imports (directory/import.h) make the same plans, so that a row and a form are judged alike.
 *
 * I1. Names, domains, networks and mail addresses are stored in one canonical form; equal things are equal
 *     bytes.
 * I2. The responsible team is that of the regime at the time of the command, and is stored: a later regime
 *     changes nothing until somebody sets the organisation again.
 * I3. One network, AS number or domain belongs to one organisation.  A more specific one may belong to
 *     another.
 * I4. A contact's name, address, telephone and note are content, and can be purged; rank and purpose are not.
 * I5. What is removed takes with it what hangs on it: no network outlives its organisation.
 */
#pragma once
#include "commit/commit.h"

struct identity;
struct regime;

enum {
	DIRECTORY_NAME_MAX = 200,
	DIRECTORY_WORD_MAX = 60,
	DIRECTORY_NOTE_MAX = 500,
	DIRECTORY_RANK_MAX = 99,
	DIRECTORY_ITEMS_MAX = 5000, /* networks, domains and contacts of one organisation */
};

struct organisation_fields {
	str name, class, sector, province, cii;
}; /* ids of the regime, but for the name */
struct contact_fields {
	str name, role, address, phone, note;
	int64_t rank;
}; /* rank 0: behind the last */

enum directory_fate { FATE_ADD, FATE_CHANGE, FATE_SAME, FATE_COUNT };

struct directory_plan {
	enum directory_fate fate;
	const char *kind;    /* "network.set" */
	struct uuid subject; /* nil: gets its id when it is drafted */
	struct json *payload, *content;
	str key; /* equal for two plans that mean the same thing: two rows of one upload */
};

/* Where plans look things up: a connection inside a snapshot or a transaction. */
struct directory {
	struct db *db;
	struct arena *a;
	const struct regime *regime;
};

/* `id` nil: by name, by network and so on; otherwise that record is changed (ERR_MISSING if there is none).
 */
MUST_CHECK bool directory_plan_organisation(struct directory *d, struct uuid id,
					    const struct organisation_fields *f, struct directory_plan *out,
					    struct err *err);
MUST_CHECK bool directory_plan_contact(struct directory *d, struct uuid id, struct uuid organisation,
				       const struct contact_fields *f, struct directory_plan *out,
				       struct err *err);
/* A network as 192.0.2.0/24, 2001:db8::/32 or one address, or an AS as AS64500; plain or defanged. */
MUST_CHECK bool directory_plan_network(struct directory *d, struct uuid id, struct uuid organisation,
				       str value, struct directory_plan *out, struct err *err);
MUST_CHECK bool directory_plan_domain(struct directory *d, struct uuid id, struct uuid organisation,
				      str value, struct directory_plan *out, struct err *err);
/* An organisation by its name or its id. */
MUST_CHECK bool directory_find_organisation(struct directory *d, str name_or_id, struct uuid *out,
					    struct err *err);
/* The record's subject, made now if it is new. */
struct uuid directory_draft(struct decision *d, const struct directory_plan *p);

/* One line of text from a person or a spreadsheet: clean, trimmed, without the apostrophe that
 * csv_write_row puts before what a spreadsheet would take for a formula. */
MUST_CHECK bool directory_line(struct arena *a, const char *what, str text, ptrdiff_t max, str *out,
			       struct err *err);

enum directory_act {
	DIRECTORY_SET, /* organisation nil: a new one */
	DIRECTORY_CONTACT,
	DIRECTORY_NETWORK,
	DIRECTORY_DOMAIN,
	DIRECTORY_REMOVE, /* item: a contact, network, AS or domain of the organisation, or itself */
};

struct directory_command {
	const struct regime *regime;
	const struct identity *who;
	enum directory_act act;
	struct uuid organisation;
	struct uuid item; /* CONTACT, NETWORK, DOMAIN: nil for a new one */
	struct organisation_fields set;
	struct contact_fields contact;
	str value;        /* NETWORK, DOMAIN */
	struct uuid made; /* out: what was set */
};

bool directory_decide(struct decision *d, void *arg, struct err *err); /* arg: struct directory_command */
