/* taxonomy.h - the classes of incidents: RSIT, machine tag version 1003 (ENISA, v1.3 of 26 May 2021).
 *
 * 11 predicates and 39 values, with one-line descriptions of our own.  The canonical id is `fraud:phishing`.
 * Reading accepts every other spelling that we met: see the alias table.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct taxonomy_class {
	const char *id;                 /* "fraud:phishing" */
	const char *predicate;          /* "fraud" */
	const char *value;              /* "phishing" */
	const char *title;              /* "Phishing" */
	const char *text;               /* one line for people who must choose */
};

struct taxonomy_predicate { const char *id, *title; };

enum { TAXONOMY_CLASSES = 39, TAXONOMY_PREDICATES = 11, TAXONOMY_VERSION = 1003 };

const struct taxonomy_class     *taxonomy_at(ptrdiff_t i);              /* NULL past the end; RSIT's order */
const struct taxonomy_predicate *taxonomy_predicate_at(ptrdiff_t i);

/* Canonical ids, rsit:fraud="phishing", fraud/phishing, a value alone, IntelMQ's names and common words;
 * any case, blanks and underscores as hyphens.  NULL if it is none of them. */
const struct taxonomy_class *taxonomy_find(str text);
MUST_CHECK bool taxonomy_parse(str text, const struct taxonomy_class **out_class, struct err *err);

str taxonomy_machine_tag(struct arena *a, const struct taxonomy_class *class);  /* rsit:fraud="phishing" */

/* A guess from the words of a report, for a person to confirm.  NULL class: nothing to go by.
 * `why` is for that person: the report says "phishing", "login page". */
struct taxonomy_guess { const struct taxonomy_class *class; str why; };
struct taxonomy_guess taxonomy_guess(struct arena *a, str text);
