#include "regime/schema.h"

#define AT(type, member)        .offset = offsetof(struct type, member)
#define LIST(type, member)      .offset = offsetof(struct type, member), \
	.count_offset = offsetof(struct type, member##_count)
#define SHAPE(type)             .size = sizeof(struct type), .align = _Alignof(struct type)
#define FIELDS(table)           .fields = (table), .fields_count = COUNTOF(table)
#define ORIGIN(need, type)      .origin = (need), .origin_offset = offsetof(struct type, origin)

/* The order is that of the enums in regime.h and plan.h. */
const char *const regime_team_kind_names[] = { "oversight", "national_cert", "government_cert", "cii_cert",
	"sectoral_cert", "provincial_cert", "federal_cert", "organisation_cert", "soc", "authority",
	"contact_point", NULL };
const char *const regime_event_names[] = { "incident", "report", "directive", "audit", "breach",
	"designation", "period", "standing", NULL };
const char *const regime_anchor_names[] = { "occurred", "detected", "noticed", "told", "aware", "classified",
	"confirmed", "received", "issued", "sent", "requested", "designated", "reviewed", "period_end",
	"handled", "recovered", "loss", "paid", NULL };
const char *const regime_ower_names[] = { "party", "team", "hub", NULL };
const char *const regime_basis_names[] = { "statutory", "draft", "target", NULL };
const char *const regime_tlp_names[] = { "RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR", NULL };

static const char *const route_by_names[] = { "team", "sector", "province", NULL };
static const char *const direction_names[] = { "ltr", "rtl", NULL };

_Static_assert(COUNTOF(regime_anchor_names) == ANCHOR_COUNT + 1, "one name an anchor");
_Static_assert(COUNTOF(regime_team_kind_names) == TEAM_CONTACT_POINT + 2, "one name a kind");

enum { ADDRESSED = SPACE_TEAM | SPACE_ADDRESSEE | SPACE_ROLE };

static const struct field named_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_named, id) },
	{ "title", FIELD_LABEL, true, AT(regime_named, title) },
};
static const struct record named_record = { "entry", FIELDS(named_fields), SHAPE(regime_named),
	ORIGIN(ORIGIN_MAY, regime_named) };
static const struct record grade_record = { "grade", FIELDS(named_fields), SHAPE(regime_named),
	ORIGIN(ORIGIN_MUST, regime_named) };
static const struct record sector_record = { "sector", FIELDS(named_fields), SHAPE(regime_named),
	ORIGIN(ORIGIN_MUST, regime_named) };

static const struct field source_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_source, id) },
	{ "title", FIELD_STR, true, AT(regime_source, title) },
	{ "address", FIELD_STR, false, AT(regime_source, address) },
	{ "weak", FIELD_BOOL, false, AT(regime_source, weak) },
};
static const struct record source_record = { "source", FIELDS(source_fields), SHAPE(regime_source) };

/* Loaded on its own before the rest, because every origin names its sources in words. */
static const struct field sources_fields[] = {
	{ "sources", FIELD_RECORDS, true, LIST(regime, sources), &source_record },
};
const struct record schema_sources = { "regime file", FIELDS(sources_fields), SHAPE(regime) };

static const struct field language_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_language, id) },
	{ "direction", FIELD_ENUM, true, AT(regime_language, direction), .names = direction_names },
};
static const struct record language_record = { "language", FIELDS(language_fields), SHAPE(regime_language) };

static const struct field holiday_fields[] = {
	{ "date", FIELD_DATE, true, AT(regime_holiday, date) },
	{ "title", FIELD_STR, true, AT(regime_holiday, title) },
};
static const struct record holiday_record = { "holiday", FIELDS(holiday_fields), SHAPE(regime_holiday) };

static const struct field calendar_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_calendar, id) },
	{ "weekend", FIELD_WEEKDAYS, true, AT(regime_calendar, weekend) },
	{ "holidays", FIELD_RECORDS, false, LIST(regime_calendar, holidays), &holiday_record },
};
static const struct record calendar_record = { "calendar", FIELDS(calendar_fields), SHAPE(regime_calendar),
	ORIGIN(ORIGIN_MUST, regime_calendar) };

static const struct field tier_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_tier, id) },
	{ "title", FIELD_LABEL, true, AT(regime_tier, title) },
	{ "level", FIELD_INT, true, AT(regime_tier, level), .min = 0, .max = 9 },
};
static const struct record tier_record = { "tier", FIELDS(tier_fields), SHAPE(regime_tier),
	ORIGIN(ORIGIN_MUST, regime_tier) };

static const struct field org_class_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_org_class, id) },
	{ "title", FIELD_LABEL, true, AT(regime_org_class, title) },
	{ "sector", FIELD_REF, false, AT(regime_org_class, sector), .spaces = SPACE_SECTOR },
};
static const struct record org_class_record = { "organisation class", FIELDS(org_class_fields),
	SHAPE(regime_org_class), ORIGIN(ORIGIN_MUST, regime_org_class) };

static const struct field flag_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_flag, id) },
	{ "title", FIELD_LABEL, true, AT(regime_flag, title) },
	{ "criteria", FIELD_STRS, false, LIST(regime_flag, criteria) },
};
static const struct record flag_record = { "flag", FIELDS(flag_fields), SHAPE(regime_flag),
	ORIGIN(ORIGIN_MUST, regime_flag) };

static const struct field span_fields[] = {
	{ "minutes", FIELD_INT, false, AT(regime_span, minutes), .min = 1, .max = 5256000 },
	{ "hours", FIELD_INT, false, AT(regime_span, hours), .min = 1, .max = 87600 },
	{ "days", FIELD_INT, false, AT(regime_span, days), .min = 1, .max = 36500 },
	{ "business_days", FIELD_INT, false, AT(regime_span, business_days), .min = 1, .max = 2000 },
	{ "months", FIELD_INT, false, AT(regime_span, months), .min = 1, .max = 1200 },
	{ "calendar", FIELD_REF, false, AT(regime_span, calendar), .spaces = SPACE_CALENDAR },
	{ "end_of_day", FIELD_BOOL, false, AT(regime_span, end_of_day) },
};
static const struct record span_record = { "period", FIELDS(span_fields), SHAPE(regime_span),
	.finish = finish_span };

static const struct field later_fields[] = {
	{ "anchor", FIELD_ANCHOR, true, AT(regime_later, anchor) },
	{ "than", FIELD_ANCHOR, true, AT(regime_later, than) },
	{ "by", FIELD_RECORD, true, AT(regime_later, by), .record = &span_record },
};
static const struct record later_record = { "comparison", FIELDS(later_fields), SHAPE(regime_later) };

static const struct field value_min_fields[] = {
	{ "category", FIELD_REF, true, AT(regime_value_min, category), .spaces = SPACE_CATEGORY },
	{ "value", FIELD_INT, true, AT(regime_value_min, value), .min = 0, .max = 100 },
};
static const struct record value_min_record = { "comparison", FIELDS(value_min_fields),
	SHAPE(regime_value_min) };

#define PARTY_CONDITIONS \
	{ "org_class", FIELD_REFS, false, LIST(regime_condition, org_class), .spaces = SPACE_ORG_CLASS }, \
	{ "org_kind", FIELD_REFS, false, LIST(regime_condition, org_kind), .spaces = SPACE_ORG_KIND }, \
	{ "sector", FIELD_REFS, false, LIST(regime_condition, sector), .spaces = SPACE_SECTOR }, \
	{ "province", FIELD_REFS, false, LIST(regime_condition, province), .spaces = SPACE_PROVINCE }, \
	{ "has_province", FIELD_TRUTH, false, AT(regime_condition, has_province) }, \
	{ "cii", FIELD_TRUTH, false, AT(regime_condition, cii) }, \
	{ "cii_grade", FIELD_REFS, false, LIST(regime_condition, cii_grade), .spaces = SPACE_GRADE }

#define COMBINATIONS(self) \
	{ "all", FIELD_RECORDS, false, LIST(regime_condition, all), .record = (self) }, \
	{ "any", FIELD_RECORDS, false, LIST(regime_condition, any), .record = (self) }, \
	{ "not", FIELD_RECORD_PTR, false, AT(regime_condition, no), .record = (self) }

/* Three tables over one struct: what may be asked depends on where. */
static const struct record route_condition, duty_condition, floor_condition;

static const struct field route_condition_fields[] = { PARTY_CONDITIONS, COMBINATIONS(&route_condition) };
static const struct record route_condition = { "condition", FIELDS(route_condition_fields),
	SHAPE(regime_condition) };

static const struct field duty_condition_fields[] = {
	PARTY_CONDITIONS,
	{ "team_kind", FIELD_REFS, false, LIST(regime_condition, team_kind), .spaces = SPACE_TEAM_KIND },
	{ "flag", FIELD_REFS, false, LIST(regime_condition, flag), .spaces = SPACE_FLAG },
	{ "band_min", FIELD_REF, false, AT(regime_condition, band_min), .spaces = SPACE_BAND },
	{ "later", FIELD_RECORD_PTR, false, AT(regime_condition, later), .record = &later_record },
	COMBINATIONS(&duty_condition),
};
static const struct record duty_condition = { "condition", FIELDS(duty_condition_fields),
	SHAPE(regime_condition) };

static const struct field floor_condition_fields[] = {
	PARTY_CONDITIONS,
	{ "life_safety", FIELD_TRUTH, false, AT(regime_condition, life_safety) },
	{ "value_min", FIELD_RECORD_PTR, false, AT(regime_condition, value_min),
	  .record = &value_min_record },
	{ "campaign_sectors_min", FIELD_INT, false, AT(regime_condition, campaign_sectors_min), .min = 2,
	  .max = 99 },
	COMBINATIONS(&floor_condition),
};
static const struct record floor_condition = { "condition", FIELDS(floor_condition_fields),
	SHAPE(regime_condition) };

static const struct record deadline_record;

static const struct field deadline_fields[] = {
	{ "anchor", FIELD_ANCHOR, false, AT(regime_deadline, anchor) },
	{ "add", FIELD_RECORD, false, AT(regime_deadline, add), .record = &span_record },
	{ "min", FIELD_RECORDS, false, LIST(regime_deadline, min), .record = &deadline_record },
	{ "if", FIELD_RECORD_PTR, false, AT(regime_deadline, test), .record = &duty_condition },
	{ "then", FIELD_DEADLINE_PTR, false, AT(regime_deadline, then), .record = &deadline_record },
	{ "else", FIELD_DEADLINE_PTR, false, AT(regime_deadline, otherwise), .record = &deadline_record },
};
static const struct record deadline_record = { "deadline", FIELDS(deadline_fields), SHAPE(regime_deadline),
	ORIGIN(ORIGIN_MAY, regime_deadline), finish_deadline };

static const struct field step_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_step, id) },
	{ "title", FIELD_LABEL, true, AT(regime_step, title) },
	{ "when", FIELD_RECORD_PTR, false, AT(regime_step, when), .record = &duty_condition },
	{ "deadline", FIELD_DEADLINE_PTR, false, AT(regime_step, deadline), .record = &deadline_record },
	{ "advisory_target", FIELD_DEADLINE_PTR, false, AT(regime_step, target), .record = &deadline_record },
	{ "from", FIELD_ANCHOR, false, AT(regime_step, from) },
	{ "owes", FIELD_ENUM, false, AT(regime_step, owes), .names = regime_ower_names },
	{ "status", FIELD_ENUM, false, AT(regime_step, status), .names = regime_basis_names },
	{ "to", FIELD_REF, false, AT(regime_step, to), .spaces = ADDRESSED },
	{ "continuous", FIELD_BOOL, false, AT(regime_step, continuous) },
	{ "repeat", FIELD_BOOL, false, AT(regime_step, repeat) },
	{ "reason_before_late", FIELD_BOOL, false, AT(regime_step, reason_before_late) },
	{ "every_months", FIELD_INT, false, AT(regime_step, every_months), .min = 1, .max = 120 },
	{ "fields", FIELD_STRS, false, LIST(regime_step, fields) },
	{ "reminders", FIELD_REMINDERS, false, LIST(regime_step, reminders) },
};
static const struct record step_record = { "step", FIELDS(step_fields), SHAPE(regime_step),
	ORIGIN(ORIGIN_MUST, regime_step), finish_step };

static const struct field duty_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_duty, id) },
	{ "title", FIELD_LABEL, true, AT(regime_duty, title) },
	{ "on", FIELD_EVENT, true, AT(regime_duty, on), .names = regime_event_names },
	{ "owes", FIELD_ENUM, true, AT(regime_duty, owes), .names = regime_ower_names },
	{ "status", FIELD_ENUM, true, AT(regime_duty, status), .names = regime_basis_names },
	{ "status_note", FIELD_STR, false, AT(regime_duty, status_note) },
	{ "to", FIELD_REF, true, AT(regime_duty, to), .spaces = ADDRESSED },
	{ "copy", FIELD_REFS, false, LIST(regime_duty, copy), .spaces = ADDRESSED },
	{ "when", FIELD_RECORD_PTR, false, AT(regime_duty, when), .record = &duty_condition },
	{ "sanction", FIELD_STR, false, AT(regime_duty, sanction) },
	{ "protection", FIELD_STR, false, AT(regime_duty, protection) },
	{ "steps", FIELD_RECORDS, true, LIST(regime_duty, steps), .record = &step_record },
};
const struct record schema_duty = { "duty", FIELDS(duty_fields), SHAPE(regime_duty),
	ORIGIN(ORIGIN_MUST, regime_duty), finish_duty };

static const struct field team_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_team, id) },
	{ "title", FIELD_LABEL, true, AT(regime_team, title) },
	{ "kind", FIELD_ENUM, true, AT(regime_team, kind), .names = regime_team_kind_names },
	{ "tier", FIELD_REF, false, AT(regime_team, tier), .spaces = SPACE_TIER },
	{ "sector", FIELD_REF, false, AT(regime_team, sector), .spaces = SPACE_SECTOR },
	{ "province", FIELD_REF, false, AT(regime_team, province), .spaces = SPACE_PROVINCE },
	{ "parent", FIELD_REF, false, AT(regime_team, parent), .spaces = SPACE_TEAM },
	{ "route_via", FIELD_REF, false, AT(regime_team, route_via), .spaces = SPACE_TEAM },
	{ "acting_body", FIELD_REF, false, AT(regime_team, acting_body), .spaces = SPACE_TEAM },
	{ "acts_as", FIELD_REFS, false, LIST(regime_team, acts_as), .spaces = SPACE_TEAM },
	{ "operated_by", FIELD_REF, false, AT(regime_team, operated_by), .spaces = SPACE_TEAM },
	{ "funded_by", FIELD_STR, false, AT(regime_team, funded_by) },
	{ "soc", FIELD_STR, false, AT(regime_team, soc) },
	{ "host", FIELD_STR, false, AT(regime_team, host) },
	{ "status", FIELD_REF, true, AT(regime_team, status), .spaces = SPACE_STATE },
	{ "status_date", FIELD_DATE_TEXT, false, AT(regime_team, status_date) },
	{ "sharing_mode", FIELD_STR, false, AT(regime_team, sharing_mode) },
	{ "number_prefix", FIELD_STR, false, AT(regime_team, number_prefix) },
	{ "round_the_clock", FIELD_BOOL, false, AT(regime_team, round_the_clock) },
	{ "aliases", FIELD_STRS, false, LIST(regime_team, aliases) },
};
static const struct record team_record = { "team", FIELDS(team_fields), SHAPE(regime_team),
	ORIGIN(ORIGIN_MUST, regime_team), finish_team };

static const struct field route_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_route_rule, id) },
	{ "by", FIELD_ENUM, true, AT(regime_route_rule, by), .names = route_by_names },
	{ "team", FIELD_REF, false, AT(regime_route_rule, team), .spaces = SPACE_TEAM },
	{ "when", FIELD_RECORD_PTR, false, AT(regime_route_rule, when), .record = &route_condition },
};
static const struct record route_record = { "routing rule", FIELDS(route_fields), SHAPE(regime_route_rule),
	ORIGIN(ORIGIN_MUST, regime_route_rule), finish_route };

static const struct field seat_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_seat, id) },
	{ "holder", FIELD_STR, true, AT(regime_seat, holder) },
	{ "alias", FIELD_STR, false, AT(regime_seat, alias) },
	{ "clearance", FIELD_REF, false, AT(regime_seat, clearance), .spaces = SPACE_CLASSIFICATION },
	{ "chair", FIELD_BOOL, false, AT(regime_seat, chair) },
	{ "uncertain", FIELD_BOOL, false, AT(regime_seat, uncertain) },
};
static const struct record seat_record = { "seat", FIELDS(seat_fields), SHAPE(regime_seat),
	ORIGIN(ORIGIN_MUST, regime_seat) };

static const struct field size_fields[] = {
	{ "count", FIELD_INT, true, AT(regime_count_reported, count), .min = 1, .max = 999 },
};
static const struct record size_record = { "reported size", FIELDS(size_fields), SHAPE(regime_count_reported),
	ORIGIN(ORIGIN_MUST, regime_count_reported) };

static const struct field quorum_fields[] = {
	{ "percent", FIELD_INT, true, AT(regime_council, quorum_percent), .min = 1, .max = 100 },
	{ "with_chair", FIELD_BOOL, false, AT(regime_council, quorum_with_chair) },
};
static const struct record quorum_record = { "quorum", FIELDS(quorum_fields), SHAPE(regime_council),
	.origin = ORIGIN_MUST, .origin_offset = offsetof(struct regime_council, quorum_origin) };

static const struct field council_fields[] = {
	{ "team", FIELD_REF, true, AT(regime_council, team), .spaces = SPACE_TEAM },
	{ "seats", FIELD_RECORDS, true, LIST(regime_council, seats), .record = &seat_record },
	{ "sizes_reported", FIELD_RECORDS, false, LIST(regime_council, sizes_reported),
	  .record = &size_record },
	{ "quorum", FIELD_INSIDE, false, .record = &quorum_record },
	{ "functions", FIELD_STRS, false, LIST(regime_council, functions) },
};
static const struct record council_record = { "council", FIELDS(council_fields), SHAPE(regime_council),
	ORIGIN(ORIGIN_MUST, regime_council), finish_council };

static const struct field lifecycle_fields[] = {
	{ "states", FIELD_STRS, true, LIST(regime_lifecycle, states) },
	{ "recommended_by", FIELD_REF, false, AT(regime_lifecycle, recommended_by), .spaces = ADDRESSED },
	{ "notified_by", FIELD_REF, false, AT(regime_lifecycle, notified_by), .spaces = ADDRESSED },
	{ "rule", FIELD_STR, false, AT(regime_lifecycle, rule) },
};
static const struct record lifecycle_record = { "lifecycle", FIELDS(lifecycle_fields),
	SHAPE(regime_lifecycle), ORIGIN(ORIGIN_MUST, regime_lifecycle) };

static const struct field cii_fields[] = {
	{ "proposed_by", FIELD_REFS, false, LIST(regime_cii, proposed_by), .spaces = ADDRESSED },
	{ "recommended_by", FIELD_REF, false, AT(regime_cii, recommended_by), .spaces = ADDRESSED },
	{ "designated_by", FIELD_REF, false, AT(regime_cii, designated_by), .spaces = ADDRESSED },
	{ "review_months", FIELD_INT, false, AT(regime_cii, review_months), .min = 1, .max = 120 },
	{ "representation_days", FIELD_INT, false, AT(regime_cii, representation_days), .min = 1,
	  .max = 999 },
	{ "grades", FIELD_RECORDS, false, LIST(regime_cii, grades), .record = &grade_record },
	{ "known", FIELD_STRS, false, LIST(regime_cii, known) },
};
static const struct record cii_record = { "critical infrastructure block", FIELDS(cii_fields),
	SHAPE(regime_cii), ORIGIN(ORIGIN_MUST, regime_cii) };

static const struct field marking_fields[] = {
	{ "tlp_default", FIELD_REF, true, AT(regime_marking, tlp_default), .spaces = SPACE_TLP },
	{ "classifications", FIELD_STRS, true, LIST(regime_marking, classifications) },
	{ "classification_default", FIELD_REF, true, AT(regime_marking, classification_default),
		.spaces = SPACE_CLASSIFICATION },
	{ "source_releases", FIELD_STRS, true, LIST(regime_marking, source_releases) },
	{ "source_release_default", FIELD_REF, true, AT(regime_marking, source_release_default),
		.spaces = SPACE_RELEASE },
};
static const struct record marking_record = { "marking", FIELDS(marking_fields), SHAPE(regime_marking),
	ORIGIN(ORIGIN_MUST, regime_marking) };

static const struct field taxonomy_fields[] = {
	{ "incident", FIELD_STR, true, AT(regime_taxonomy, incident) },
	{ "root_causes", FIELD_STRS, false, LIST(regime_taxonomy, root_causes) },
};
static const struct record taxonomy_record = { "taxonomy", FIELDS(taxonomy_fields), SHAPE(regime_taxonomy),
	ORIGIN(ORIGIN_MUST, regime_taxonomy) };

static const struct field gateway_fields[] = {
	{ "fields", FIELD_STRS, true, LIST(regime_gateway, fields) },
	{ "from", FIELD_STRS, true, LIST(regime_gateway, from) },
	{ "content_forbidden", FIELD_BOOL, true, AT(regime_gateway, content_forbidden) },
};
static const struct record gateway_record = { "gateway summary", FIELDS(gateway_fields),
	SHAPE(regime_gateway), ORIGIN(ORIGIN_MUST, regime_gateway) };

static const struct field sharing_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_sharing, id) },
	{ "what", FIELD_STR, true, AT(regime_sharing, what) },
	{ "from", FIELD_REF, true, AT(regime_sharing, from), .spaces = ADDRESSED | SPACE_TIER },
	{ "to", FIELD_REF, true, AT(regime_sharing, to), .spaces = ADDRESSED | SPACE_TIER },
	{ "always", FIELD_BOOL, false, AT(regime_sharing, always) },
	{ "max_tlp", FIELD_REF, false, AT(regime_sharing, max_tlp), .spaces = SPACE_TLP },
	{ "source_release", FIELD_REF, false, AT(regime_sharing, source_release), .spaces = SPACE_RELEASE },
	{ "requires", FIELD_STR, false, AT(regime_sharing, requires) },
	{ "approval", FIELD_STR, false, AT(regime_sharing, approval) },
	{ "redact", FIELD_STRS, false, LIST(regime_sharing, redact) },
	{ "min_cell", FIELD_INT, false, AT(regime_sharing, min_cell), .min = 1, .max = 1000 },
};
static const struct record sharing_record = { "sharing rule", FIELDS(sharing_fields), SHAPE(regime_sharing),
	ORIGIN(ORIGIN_MUST, regime_sharing) };

static const struct field retention_fields[] = {
	{ "what", FIELD_STR, true, AT(regime_retention, what) },
	{ "who", FIELD_STR, false, AT(regime_retention, who) },
	{ "days", FIELD_INT, false, AT(regime_retention, days), .min = 1, .max = 36500 },
	{ "months", FIELD_INT, false, AT(regime_retention, months), .min = 1, .max = 1200 },
	{ "years", FIELD_INT, false, AT(regime_retention, years), .min = 1, .max = 100 },
	{ "rolling", FIELD_BOOL, false, AT(regime_retention, rolling) },
};
static const struct record retention_record = { "retention period", FIELDS(retention_fields),
	SHAPE(regime_retention), ORIGIN(ORIGIN_MUST, regime_retention), finish_retention };

static const struct field escalation_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_escalation, id) },
	{ "band_min", FIELD_REF, false, AT(regime_escalation, band_min), .spaces = SPACE_BAND },
	{ "unacknowledged_minutes", FIELD_INT, false, AT(regime_escalation, unacknowledged_minutes), .min = 1,
	  .max = 99999 },
	{ "notify", FIELD_REFS, true, LIST(regime_escalation, notify),
	  .spaces = SPACE_TEAM | SPACE_ADDRESSEE },
	{ "within_minutes", FIELD_INT, false, AT(regime_escalation, within_minutes), .min = 1, .max = 99999 },
	{ "repeat", FIELD_BOOL, false, AT(regime_escalation, repeat) },
	{ "convene", FIELD_STR, false, AT(regime_escalation, convene) },
};
static const struct record escalation_record = { "escalation", FIELDS(escalation_fields),
	SHAPE(regime_escalation), ORIGIN(ORIGIN_MUST, regime_escalation), finish_escalation };

static const struct field band_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_band, id) },
	{ "title", FIELD_LABEL, true, AT(regime_band, title) },
	{ "min", FIELD_INT, false, AT(regime_band, min), .min = 0, .max = 100 },
	{ "colour", FIELD_STR, false, AT(regime_band, colour) },
};
static const struct record band_record = { "band", FIELDS(band_fields), SHAPE(regime_band) };

static const struct field option_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_option, id) },
	{ "title", FIELD_LABEL, true, AT(regime_option, title) },
	{ "value", FIELD_INT, true, AT(regime_option, value), .min = 0, .max = 100 },
	{ "unknown", FIELD_BOOL, false, AT(regime_option, unknown) },
};
static const struct record option_record = { "option", FIELDS(option_fields), SHAPE(regime_option) };

static const struct field category_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_category, id) },
	{ "title", FIELD_LABEL, true, AT(regime_category, title) },
	{ "weight", FIELD_INT, true, AT(regime_category, weight), .min = 1, .max = 1000 },
	{ "options", FIELD_RECORDS, true, LIST(regime_category, options), .record = &option_record },
};
static const struct record category_record = { "category", FIELDS(category_fields), SHAPE(regime_category),
	ORIGIN(ORIGIN_MUST, regime_category), finish_category };

static const struct field floor_fields[] = {
	{ "id", FIELD_ID, true, AT(regime_floor, id) },
	{ "reason", FIELD_STR, true, AT(regime_floor, reason) },
	{ "when", FIELD_RECORD_PTR, true, AT(regime_floor, when), .record = &floor_condition },
	{ "at_least", FIELD_REF, false, AT(regime_floor, at_least), .spaces = SPACE_BAND },
	{ "raise_bands", FIELD_INT, false, AT(regime_floor, raise_bands), .min = 1, .max = 9 },
};
static const struct record floor_record = { "floor", FIELDS(floor_fields), SHAPE(regime_floor),
	ORIGIN(ORIGIN_MUST, regime_floor), finish_floor };

static const struct field severity_fields[] = {
	{ "model", FIELD_STR, true, AT(regime_severity, model) },
	{ "min", FIELD_INT, false, AT(regime_severity, min), .min = 0, .max = 10000000 },
	{ "max", FIELD_INT, false, AT(regime_severity, max), .min = 0, .max = 10000000 },
	{ "bands", FIELD_RECORDS, true, LIST(regime_severity, bands), .record = &band_record },
	{ "categories", FIELD_RECORDS, false, LIST(regime_severity, categories), .record = &category_record },
	{ "floors", FIELD_RECORDS, false, LIST(regime_severity, floors), .record = &floor_record },
};
static const struct record severity_record = { "severity block", FIELDS(severity_fields),
	SHAPE(regime_severity), ORIGIN(ORIGIN_MUST, regime_severity), finish_severity };

static const struct field identity_fields[] = {
	{ "id", FIELD_STR, true, AT(regime, id) },
	{ "version", FIELD_STR, true, AT(regime, version) },
	{ "title", FIELD_LABEL, true, AT(regime, title) },
	{ "jurisdiction", FIELD_STR, true, AT(regime, jurisdiction) },
	{ "status", FIELD_STR, true, AT(regime, status) },
	{ "notice", FIELD_LABEL, true, AT(regime, notice) },
	{ "effective_from", FIELD_DATE_TEXT, false, AT(regime, effective_from) },
	{ "number_prefix", FIELD_STR, true, AT(regime, number_prefix) },
	{ "utc_offset_minutes", FIELD_INT, true, AT(regime, offset_minutes), .min = -840, .max = 840 },
	{ "calendar", FIELD_REF, true, AT(regime, calendar), .spaces = SPACE_CALENDAR },
	{ "hub", FIELD_REF, true, AT(regime, hub), .spaces = SPACE_TEAM },
	{ "languages", FIELD_RECORDS, true, LIST(regime, languages), .record = &language_record },
};
static const struct record identity_record = { "identity", FIELDS(identity_fields), SHAPE(regime),
	ORIGIN(ORIGIN_MUST, regime) };

static const struct field root_fields[] = {
	{ "regime", FIELD_INSIDE, true, .record = &identity_record },
	{ "sources", FIELD_RECORDS, true, LIST(regime, sources), .record = &source_record },
	{ "calendars", FIELD_RECORDS, true, LIST(regime, calendars), .record = &calendar_record },
	{ "tiers", FIELD_RECORDS, true, LIST(regime, tiers), .record = &tier_record },
	{ "sectors", FIELD_RECORDS, true, LIST(regime, sectors), .record = &sector_record },
	{ "provinces", FIELD_RECORDS, false, LIST(regime, provinces), .record = &named_record },
	{ "org_classes", FIELD_RECORDS, true, LIST(regime, org_classes), .record = &org_class_record },
	{ "org_kinds", FIELD_RECORDS, false, LIST(regime, org_kinds), .record = &named_record },
	{ "addressees", FIELD_RECORDS, false, LIST(regime, addressees), .record = &named_record },
	{ "flags", FIELD_RECORDS, false, LIST(regime, flags), .record = &flag_record },
	{ "lifecycle", FIELD_RECORD, true, AT(regime, lifecycle), .record = &lifecycle_record },
	{ "teams", FIELD_RECORDS, true, LIST(regime, teams), .record = &team_record },
	{ "routing", FIELD_RECORDS, false, LIST(regime, routing), .record = &route_record },
	{ "cii", FIELD_RECORD, false, AT(regime, cii), .record = &cii_record },
	{ "marking", FIELD_RECORD, true, AT(regime, marking), .record = &marking_record },
	{ "taxonomy", FIELD_RECORD, false, AT(regime, taxonomy), .record = &taxonomy_record },
	{ "severity", FIELD_RECORD_PTR, true, AT(regime, severity), .record = &severity_record },
	{ "duties", FIELD_RECORDS, true, LIST(regime, duties), .record = &schema_duty },
	{ "sharing", FIELD_RECORDS, false, LIST(regime, sharing), .record = &sharing_record },
	{ "retention", FIELD_RECORDS, false, LIST(regime, retention), .record = &retention_record },
	{ "escalation", FIELD_RECORDS, false, LIST(regime, escalation), .record = &escalation_record },
	{ "council", FIELD_RECORD, false, AT(regime, council), .record = &council_record },
	{ "gateway_summary", FIELD_RECORD, false, AT(regime, gateway), .record = &gateway_record },
};
const struct record schema_root = { "regime file", FIELDS(root_fields), SHAPE(regime) };
