/* logsource.h - which events a logsource means: data, share/detect/logsources.yaml, read once.
 *
 *   envelopes: [Event.System, Event.EventData, Event.UserData.*, winlog, winlog.event_data, ...]
 *   names:                            # a field's other paths
 *     Channel: [winlog.channel, log.file.name]
 *   sources:
 *     - logsource: {product: windows, category: process_creation}
 *       when: {Channel: Security, EventID: 4688}         # all of them; a list is OR; `*` any value
 *       fields: {Image: NewProcessName}                  # what a rule calls it: what the event calls it
 *
 * An event belongs to an entry if all of `when` holds (whole value, without case, any of the field's
 * values).  A rule's logsource is
 * met by an entry if each of product, category and service that the rule names is the entry's.
 * Decoders name the format of what they made in the key "@format" (auditd, syslog, apache ...), so that
 * `when: {"@format": auditd}` finds it.
 */
#pragma once
#include "match/rule.h"

struct source_test { str field; const str *values; ptrdiff_t value_count; };    /* a value "*": any */
struct source_name { str field; const str *paths; ptrdiff_t path_count; };
struct source_entry {
	struct logsource           logsource;
	const struct source_test  *when;
	ptrdiff_t                  when_count;
	const struct source_name  *fields;      /* paths: the field, or fields, it is read from instead */
	ptrdiff_t                  field_count;
};
struct logsource_map {
	const str                 *envelopes;   /* a last component `*` stands for any one key */
	ptrdiff_t                  envelope_count;
	const struct source_name  *names;
	ptrdiff_t                  name_count;
	const struct source_entry *entries;
	ptrdiff_t                  entry_count;
};
MUST_CHECK bool logsource_load(struct arena *a, str yaml, struct logsource_map *out,
			   struct yaml_place *out_at,
                               struct err *err);
bool logsource_meets(const struct logsource *rule, const struct logsource *entry);
str  logsource_builtin(void);           /* the bytes of share/detect/logsources.yaml, built in */
