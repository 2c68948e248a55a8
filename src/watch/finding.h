/* finding.h - what was found in an event, as plain values: between the scan that makes them and the reports
 * that show them.
 *
 * F1. A finding and all it points to lives as long as the block it was found in; who keeps one copies it
 *     (tally.h).
 * F2. Nothing in it is safe to show: every text came from a log, a rule's author or a feed.  The writers of
 *     report.h neutralise; nobody else writes.
 */
#pragma once
#include "match/unit.h"

#define FINDING_NO_TIME INT64_MIN

struct finding_rule {                   /* what people are told of a rule; `about.level` may be overruled */
	struct unit_rule about;
	ptrdiff_t        number;        /* the unit's, correlations behind it */
	bool             correlation;
	bool             shown;         /* else only for correlations that ask for it */
};

struct finding_detail {
	const char *label;              /* user, parent, command */
	str         field, value;       /* of the event */
	bool        end_matters;        /* of a path: cut in front, if it has to be cut */
};

struct finding_source { str file; int64_t line; };
struct finding_window {                 /* of a correlation */
	int64_t                      first_us, last_us;
	double                       value;
	const str                   *names, *group;     /* group-by fields and their values */
	ptrdiff_t                    group_count;
	const struct finding_source *events;
	ptrdiff_t                    event_count;
};

struct finding {
	const struct finding_rule   *rule;      /* NULL: an indicator, or of a search */
	const struct indicator      *indicator;
	const struct finding_window *window;
	str                          file;
	ptrdiff_t                    file_number;       /* of those that were looked through */
	int64_t                      line;      /* from 1; the record's number in EVTX */
	int64_t                      at_us;     /* or FINDING_NO_TIME */
	str                          host;
	const struct finding_detail *details;
	ptrdiff_t                    detail_count;
	const struct match_reason   *reasons;
	ptrdiff_t                    reason_count;
	str                          event;     /* its bytes, as the decoder gave them */
	const str                   *fields;    /* what correlations ask of it, in their order */
};

/* An indicator counts as high: somebody put it on a list. */
enum rule_level finding_level(const struct finding *f);
str             finding_title(const struct finding *f); /* borrowed; of an indicator its label or kind */
