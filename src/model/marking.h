/* marking.h - who may see something and what they may do with it.
 *
 * TLP 2.0 (FIRST, August 2022), PAP, the nation's classification and the naming of the source, together.
 * Labels are never translated and written TLP:AMBER+STRICT.  TLP:WHITE of TLP 1 is read as CLEAR.
 *
 * I1. A zeroed struct marking is *unmarked*, not CLEAR: the release gate lets nothing unmarked out.
 * I2. In each dimension a greater value is stricter, so that the join is the greater one.
 * I3. marking_join is associative, commutative and idempotent, and never less strict than either side.
 * I4. A marking can be raised, never lowered: marking_raise refuses.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum tlp { TLP_UNMARKED, TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED, TLP_COUNT };

/* Permissible actions: RED passive and undetectable only, AMBER checks at third parties, GREEN active. */
enum pap { PAP_UNMARKED, PAP_CLEAR, PAP_GREEN, PAP_AMBER, PAP_RED, PAP_COUNT };

enum source_naming { SOURCE_NAMED, SOURCE_ANONYMOUS_TO_PEERS, SOURCE_ANONYMOUS_TO_HUB, SOURCE_NAMING_COUNT };

enum { CLASSIFICATION_MAX = 15 };

struct marking {
	enum tlp  tlp;
	enum pap  pap;
	int       classification;       /* index into the regime's list, lowest first; the first means none */
	enum source_naming source;
	bool      presumed;             /* the TLP is the regime's default: nobody stated it */
};

/* With or without the "TLP:" or "PAP:"; any case; blanks around the colon and the plus are forgiven. */
MUST_CHECK bool tlp_parse(str text, enum tlp *out_tlp, struct err *err);
MUST_CHECK bool pap_parse(str text, enum pap *out_pap, struct err *err);
str             tlp_format(enum tlp tlp);               /* "TLP:AMBER+STRICT"; unmarked: "" */
str             tlp_name(enum tlp tlp);                 /* "AMBER+STRICT"; unmarked: "" */
str             pap_format(enum pap pap);               /* "PAP:AMBER"; unmarked: "" */
str             pap_name(enum pap pap);
str             tlp_meaning(enum tlp tlp);              /* one English sentence: who may have it */

MUST_CHECK bool source_naming_parse(str text, enum source_naming *out_naming, struct err *err);
str             source_naming_name(enum source_naming naming);  /* "anonymous_to_peers" */

struct marking  marking_join(struct marking a, struct marking b);       /* the stricter in every dimension */
/* is a at least as strict as b everywhere? */
bool            marking_covers(struct marking a, struct marking b);
MUST_CHECK bool marking_raise(struct marking now, struct marking wanted, struct marking *out,
			      struct err *err);

/* The whole marking as one line, for entries and envelopes:
 * "TLP:AMBER PAP:RED class=2 source=anonymous_to_peers presumed"; what is zero is left out, unmarked is
 * "unmarked". */
str             marking_format(struct arena *a, struct marking m);
MUST_CHECK bool marking_parse(str text, struct marking *out_m, struct err *err);

/* Labels in a subject, or in the first MARKING_HEAD bytes of a body.  Of several the strictest counts.
 * `doubtful`: there is a TLP: or PAP: label that is none of the known, `where` is the first such; a person
 * must look. */
enum { MARKING_HEAD = 4096 };
struct marking_found { enum tlp tlp; enum pap pap; bool doubtful; str where; };
struct marking_found marking_detect(str text);
