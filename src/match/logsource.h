/* logsource.h - which events a logsource means: data, share/detect/logsources.yaml, read once.
 *
 *   envelopes: [Event.System, Event.EventData, Event.UserData.*, winlog, winlog.event_data, ...]
 *   names:                            # a field's other paths, from the root of the event
 *     Channel: [winlog.channel, log_name]
 *   sources:
 *     - logsource: {product: windows, category: process_creation}        # or a list of them
 *       when: {Channel: Security, EventID: 4688}         # all of them; a list is OR; `*` any value
 *       fields: {Image: NewProcessName}                  # what a rule calls it: what the event calls it
 *     - logsource: {product: windows, category: registry_set}
 *       when: {Channel: Security, EventID: 4657}
 *       fields:                                          # one value of several, and other words before it
 *         TargetObject: {join: [ObjectName, ObjectValueName], with: \, prefixes: {\REGISTRY\MACHINE: HKLM}}
 *       set: {EventType: SetValue}                       # what every such event says, in the rules' words
 *   observables:                      # where indicators are looked for
 *     DestinationIp: {as: ip, port: DestinationPort}
 *     QueryName: domain
 *     message: {as: text, unless: Channel}     # not where this field has a value: Windows' repeats the
 *     fields
 *
 * An event belongs to an entry if all of `when` holds (whole value, without case, any of the field's
 * values).  A rule's logsource is met by an entry if each of product, category and service that the rule
 * names is the entry's.  An event may belong to several entries that a rule's logsource meets (ECS names
 * and Windows' own): the rule is then tried with each entry's fields, and one verdict is enough.
 *
 * The paths in `fields`, and the fields in `when`, `observables` and `join`, are fields themselves:
 * envelopes and names hold for them too.  A joined value is the first value of each of its fields, those
 * that are there, with `with` between them; a prefix (without case, the first that fits) is then replaced.
 * A field in `set` has that value, and the event's own if there are some.
 *
 * Decoders name the format of what they made in the key "@format" (auditd, syslog, apache ...), so that
 * `when: {"@format": auditd}` finds it.
 */
#pragma once
#include "match/indicator.h"
#include "match/rule.h"

struct source_test { str field; const str *values; ptrdiff_t value_count; };    /* a value "*": any */
struct source_prefix { str from, to; };
struct source_name {
	str                         field;
	const str                  *paths;
	ptrdiff_t                   path_count;
	bool                        joined;     /* paths make one value, `between` them */
	str                         between;
	const struct source_prefix *prefixes;
	ptrdiff_t                   prefix_count;
};
struct source_set { str field, value; };
struct source_entry {
	struct logsource           logsource;
	const struct source_test  *when;
	ptrdiff_t                  when_count;
	const struct source_name  *fields;      /* paths: the field, or fields, it is read from instead */
	ptrdiff_t                  field_count;
	const struct source_set   *set;
	ptrdiff_t                  set_count;
	int                        line;        /* of the file, for people */
};
struct source_observable {
	str           field;
	enum probe_as as;
	str           port_field, unless;       /* ptr NULL: none */
};
struct logsource_map {
	const str                      *envelopes;      /* a last component `*` stands for any one key */
	ptrdiff_t                       envelope_count;
	const struct source_name       *names;
	ptrdiff_t                       name_count;
	const struct source_entry      *entries;
	ptrdiff_t                       entry_count;
	const struct source_observable *observables;
	ptrdiff_t                       observable_count;
};
/* Unknown keys are refused; *out_at (if not NULL) is where it went wrong. */
MUST_CHECK bool logsource_load(struct arena *a, str yaml, struct logsource_map *out,
                               struct yaml_place *out_at, struct err *err);
bool logsource_meets(const struct logsource *rule, const struct logsource *entry);
str  logsource_builtin(void);           /* the bytes of share/detect/logsources.yaml, built in */
