/* regime.h - a nation's rules as one immutable value: who is who, who owes what, what may be shared.
 *
 * The file is YAML; its keys are the tables of regime/schema.c and nothing else.  Everything here is pure:
 * no clock, no disk, no mutable state.  A struct regime lives as long as the arena it was loaded in, and is
 * shared freely between threads.
 *
 * I1. Every duty, step, team, seat, floor, sharing rule and retention period has an origin: sources, or an
 *     assumption that says so in words.  A value that has both is an assumption about a sourced thing.
 * I2. Every reference resolves: a regime that loads has no dangling id.
 * I3. Text fields that are absent are empty; ids are words of [A-Za-z0-9_-].
 *
 * Deadlines and duties are in regime/plan.h, scores in regime/severity.h.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/instant.h"

struct regime_condition;        /* regime/plan.h */
struct regime_duty;             /* regime/plan.h */
struct regime_severity;         /* regime/severity.h */

struct regime_translation { str lang, text; };

/* Text for people: in the regime's first language, and in others. */
struct regime_label {
	str text;
	const struct regime_translation *also;
	ptrdiff_t also_count;
};

/* Where a value comes from. */
struct regime_origin {
	const str *sources;             /* ids of regime->sources */
	ptrdiff_t  sources_count;
	str        assume;              /* what is assumed, and why */
	str        text;                /* a sentence: "source: ...", "assumed: ..." or both */
	bool       assumed;             /* show the small mark */
	bool       weak;                /* every source is one we would not quote in court */
};

struct regime_source     { str id, title, address; bool weak; };
enum regime_direction { LEFT_TO_RIGHT, RIGHT_TO_LEFT };
struct regime_language   { str id; enum regime_direction direction; };
struct regime_named      { str id; struct regime_label title; struct regime_origin origin; };
struct regime_tier       { str id; struct regime_label title; int64_t level; struct regime_origin origin; };
struct regime_org_class  { str id; struct regime_label title; str sector; struct regime_origin origin; };
struct regime_holiday    { struct civil date; str title; };
struct regime_calendar {
	str id;
	bool weekend[7];                /* 0 = Monday, as civil_weekday */
	const struct regime_holiday *holidays;
	ptrdiff_t holidays_count;
	struct regime_origin origin;
};

enum regime_team_kind {
	TEAM_OVERSIGHT, TEAM_NATIONAL_CERT, TEAM_GOVERNMENT_CERT, TEAM_CII_CERT, TEAM_SECTORAL_CERT,
	TEAM_PROVINCIAL_CERT, TEAM_FEDERAL_CERT, TEAM_ORGANISATION_CERT, TEAM_SOC, TEAM_AUTHORITY,
	TEAM_CONTACT_POINT,
};

struct regime_team {
	str id;
	struct regime_label title;
	enum regime_team_kind kind;
	str tier, sector, province;
	str parent;                     /* the team above it; empty: the hub */
	str route_via;                  /* what goes up passes through this team */
	str acting_body;                /* who does its work while it has none of its own */
	const str *acts_as;             /* the other end of acting_body */
	ptrdiff_t acts_as_count;
	str soc, host, status, status_date, operated_by, funded_by;
	str sharing_mode;               /* receive_all_send_selected, or empty */
	str number_prefix;              /* of what this team registers; never empty */
	bool round_the_clock;
	const str *aliases;
	ptrdiff_t aliases_count;
	struct regime_origin origin;
};

/* Who is responsible for an organisation: the first rule that yields a team. */
enum regime_route_by { ROUTE_TO_TEAM, ROUTE_BY_SECTOR, ROUTE_BY_PROVINCE };
struct regime_route_rule {
	str id, team;
	enum regime_route_by by;
	const struct regime_condition *when;
	struct regime_origin origin;
};

struct regime_cii {
	const struct regime_named *grades;
	ptrdiff_t grades_count;
	const str *proposed_by, *known;
	ptrdiff_t proposed_by_count, known_count;
	str recommended_by, designated_by;
	int64_t review_months, representation_days;
	struct regime_origin origin;
};

struct regime_lifecycle {
	const str *states;
	ptrdiff_t states_count;
	str recommended_by, notified_by, rule;
	struct regime_origin origin;
};

struct regime_marking {
	str tlp_default;                /* RED, AMBER+STRICT, AMBER, GREEN or CLEAR: presumed if unmarked */
	const str *classifications;     /* lowest first; the first means none */
	ptrdiff_t classifications_count;
	str classification_default;
	const str *source_releases;     /* named, anonymous_to_peers, anonymous_to_hub */
	ptrdiff_t source_releases_count;
	str source_release_default;
	struct regime_origin origin;
};

struct regime_taxonomy {
	str incident;
	const str *root_causes;
	ptrdiff_t root_causes_count;
	struct regime_origin origin;
};
struct regime_seat {
	str id, holder, alias, clearance;
	bool chair, uncertain;
	struct regime_origin origin;
};
struct regime_count_reported { int64_t count; struct regime_origin origin; };
struct regime_council {
	str team;                       /* the oversight body */
	const struct regime_seat *seats;
	ptrdiff_t seats_count;
	const struct regime_count_reported *sizes_reported;     /* sources disagree: keep them all */
	ptrdiff_t sizes_reported_count;
	int64_t quorum_percent;         /* 0: none known */
	bool quorum_with_chair;
	struct regime_origin quorum_origin;
	const str *functions;
	ptrdiff_t functions_count;
	struct regime_origin origin;
};

struct regime_sharing {
	str id, what, from, to;
	bool always;
	str max_tlp, source_release, requires, approval;
	const str *redact;
	ptrdiff_t redact_count;
	int64_t min_cell;               /* smallest count a statistic may show; 0: no rule */
	struct regime_origin origin;
};

struct regime_retention {
	str what, who;                  /* who keeps it; empty: every node */
	int64_t days, months, years;    /* one of them is not 0 */
	bool rolling;
	struct regime_origin origin;
};

struct regime_escalation {
	str id, band_min;               /* at least this band ... */
	int64_t unacknowledged_minutes; /* ... or unanswered so long; 0: not this kind */
	const str *notify;              /* teams or addressees */
	ptrdiff_t notify_count;
	int64_t within_minutes;
	bool repeat;
	str convene;
	struct regime_origin origin;
};

/* Counters about a gateway, never content. */
struct regime_gateway {
	const str *fields, *from;
	ptrdiff_t fields_count, from_count;
	bool content_forbidden;
	struct regime_origin origin;
};

/* A fact about a case that only people can settle, with the question to ask them: "significant", "listed". */
struct regime_flag {
	str id;
	struct regime_label title;
	const str *criteria;
	ptrdiff_t criteria_count;
	struct regime_origin origin;
};

struct regime {
	str id, version, jurisdiction, status, effective_from;
	struct regime_label title;
	struct regime_label notice;             /* must be on screen wherever this regime's values are */
	str number_prefix;
	int64_t offset_minutes;                 /* of local time from UTC; no daylight saving */
	str calendar, hub;
	struct regime_origin origin;
#define REGIME_LIST(type, member)       const struct type *member; ptrdiff_t member##_count
	REGIME_LIST(regime_language, languages);        /* the first is the default */
	REGIME_LIST(regime_source, sources);
	REGIME_LIST(regime_calendar, calendars);
	REGIME_LIST(regime_tier, tiers);
	REGIME_LIST(regime_named, sectors);
	REGIME_LIST(regime_named, provinces);
	REGIME_LIST(regime_org_class, org_classes);
	REGIME_LIST(regime_named, org_kinds);
	REGIME_LIST(regime_named, addressees);          /* whom duties and escalations name besides teams */
	REGIME_LIST(regime_flag, flags);
	REGIME_LIST(regime_team, teams);
	REGIME_LIST(regime_route_rule, routing);
	REGIME_LIST(regime_duty, duties);
	REGIME_LIST(regime_sharing, sharing);
	REGIME_LIST(regime_retention, retention);
	REGIME_LIST(regime_escalation, escalation);
#undef REGIME_LIST
	struct regime_lifecycle lifecycle;
	struct regime_cii cii;
	struct regime_marking marking;
	struct regime_taxonomy taxonomy;
	const struct regime_severity *severity;
	struct regime_council council;
	struct regime_gateway gateway;
};

struct regime_problem  { int line, column; bool is_error; str text; };
struct regime_problems { struct regime_problem *items; ptrdiff_t count, errors; };
/* Collects every problem of the file, not only the first.  Fails if one of them is an error; warnings pass.
 * `name` is what problems call the file.  The caller hashes the text. */
MUST_CHECK bool regime_load(struct arena *a, str yaml_text, str name, struct regime_problems *out_problems,
                            const struct regime **out_regime, struct err *err);

str regime_label_in(const struct regime_label *label, str language);    /* falls back to the default */
const struct regime_team *regime_team_find(const struct regime *r, str id);     /* by id or alias, or NULL */
/* Its acting body, or itself; and where it sends what goes up, NULL for the hub. */
const struct regime_team *regime_team_handler(const struct regime *r, const struct regime_team *t);
const struct regime_team *regime_team_above(const struct regime *r, const struct regime_team *t);
str  regime_title(const struct regime *r, str id);      /* of a team or addressee; the id itself if neither */
str  regime_team_kind_name(enum regime_team_kind kind);

/* An organisation as routing and duties see it.  Fields may be empty: unknown. */
struct regime_party { str org_class, org_kind, sector, province, cii_grade; bool cii; };

struct regime_assignment {
	const struct regime_team *team;         /* responsible by the rules; never NULL */
	const struct regime_team *handler;      /* who does its work now: team itself, or its acting body */
	const struct regime_route_rule *rule;   /* NULL: no rule fitted, the hub takes it */
	str why;                                /* a sentence for people */
};
struct regime_assignment regime_team_for(const struct regime *r, const struct regime_party *p,
                                         struct arena *a);
