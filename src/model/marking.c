#include "model/marking.h"

#include "base/buf.h"

struct label { const char *name; int value; };

static const struct label tlp_labels[] = {
	{ "CLEAR", TLP_CLEAR },
	{ "WHITE", TLP_CLEAR },                 /* TLP 1 */
	{ "GREEN", TLP_GREEN },
	{ "AMBER", TLP_AMBER },
	{ "AMBER+STRICT", TLP_AMBER_STRICT },
	{ "RED", TLP_RED },
};

static const struct label pap_labels[] = {
	{ "CLEAR", PAP_CLEAR },
	{ "WHITE", PAP_CLEAR },
	{ "GREEN", PAP_GREEN },
	{ "AMBER", PAP_AMBER },
	{ "RED", PAP_RED },
};

/* TLP and PAP differ in one label only, so they are one grammar with two tables. */
struct scheme {
	const char         *name;
	const struct label *labels;
	ptrdiff_t           count;
	const char         *possible;
};

static const struct scheme tlp_scheme = {
	"TLP",
	tlp_labels,
	COUNTOF(tlp_labels),
	"TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED",
};

static const struct scheme pap_scheme = {
	"PAP", pap_labels, COUNTOF(pap_labels), "PAP:CLEAR, PAP:GREEN, PAP:AMBER or PAP:RED",
};

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static ptrdiff_t skip_blanks(str s, ptrdiff_t i)
{
	while (i < s.len && (s.ptr[i] == ' ' || s.ptr[i] == '\t'))
		i++;
	return i;
}

static ptrdiff_t skip_alnum(str s, ptrdiff_t i)
{
	while (i < s.len && is_alnum(s.ptr[i]))
		i++;
	return i;
}

static int label_value(const struct scheme *scheme, str name)
{
	for (ptrdiff_t i = 0; i < scheme->count; i++)
		if (str_eq_nocase(str_from(scheme->labels[i].name), name))
			return scheme->labels[i].value;
	return 0;
}

/* A label's words at i: value, or 0 if it is none; *end is past it.  STRICT may be joined to AMBER in any
 * way: to take AMBER STRICT for AMBER would be to lower it. */
static int read_label(const struct scheme *scheme, str s, ptrdiff_t i, ptrdiff_t *end)
{
	ptrdiff_t word = skip_alnum(s, i);
	int value = label_value(scheme, str_sub(s, i, word));
	*end = word;
	if (scheme != &tlp_scheme || value != TLP_AMBER)
		return value;
	ptrdiff_t more = skip_blanks(s, word);
	bool plus = more < s.len && s.ptr[more] == '+';
	if (plus || (more < s.len && (s.ptr[more] == '-' || s.ptr[more] == '_')))
		more = skip_blanks(s, more + 1);
	ptrdiff_t strict = skip_alnum(s, more);
	if (more > word && str_eq_nocase(str_sub(s, more, strict), S("STRICT"))) {
		*end = strict;
		return TLP_AMBER_STRICT;
	}
	if (plus && strict > more) {            /* AMBER+something: not ours to weaken */
		*end = strict;
		return 0;
	}
	return value;
}

/* "TLP", blanks, one of : = - or the full-width colon, blanks.  Returns where the label starts, or -1.
 * Without a sign only blanks stand between; *sure says that there was a colon or equals sign. */
static ptrdiff_t read_prefix(const struct scheme *scheme, str s, ptrdiff_t i, bool *sure)
{
	if (!str_starts_nocase(str_sub(s, i, s.len), str_from(scheme->name)))
		return -1;
	ptrdiff_t from = i + 3, at = skip_blanks(s, from);
	*sure = false;
	if (str_starts(str_sub(s, at, s.len), S("\xef\xbc\x9a"))) {
		*sure = true;
		return skip_blanks(s, at + 3);
	}
	if (at < s.len && (s.ptr[at] == ':' || s.ptr[at] == '=' || s.ptr[at] == '-')) {
		*sure = s.ptr[at] != '-';
		return skip_blanks(s, at + 1);
	}
	return at > from ? at : -1;
}

static bool scheme_parse(const struct scheme *scheme, str text, int *out_value, struct err *err)
{
	str s = str_trim(text);
	bool sure;
	ptrdiff_t start = read_prefix(scheme, s, 0, &sure), end;
	int value = read_label(scheme, s, MAX(start, 0), &end);
	if (value == 0 || end != s.len)
		return err_set(err, ERR_INPUT, "no %s label: use %s", scheme->name, scheme->possible);
	*out_value = value;
	return true;
}

bool tlp_parse(str text, enum tlp *out_tlp, struct err *err)
{
	int value = 0;
	if (!scheme_parse(&tlp_scheme, text, &value, err))
		return false;
	*out_tlp = (enum tlp)value;
	return true;
}

bool pap_parse(str text, enum pap *out_pap, struct err *err)
{
	int value = 0;
	if (!scheme_parse(&pap_scheme, text, &value, err))
		return false;
	*out_pap = (enum pap)value;
	return true;
}

str tlp_format(enum tlp tlp)
{
	static const char *const names[] = { "",          "TLP:CLEAR",        "TLP:GREEN",
					     "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED" };
	ASSERT(tlp < TLP_COUNT);
	return str_from(names[tlp]);
}

str tlp_name(enum tlp tlp)
{
	return str_sub(tlp_format(tlp), 4, 32);
}

str pap_format(enum pap pap)
{
	static const char *const names[] = { "", "PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED" };
	ASSERT(pap < PAP_COUNT);
	return str_from(names[pap]);
}

str pap_name(enum pap pap)
{
	return str_sub(pap_format(pap), 4, 32);
}

str tlp_meaning(enum tlp tlp)
{
	static const char *const meanings[] = {
		"Not marked: nobody has said who may have it, so it does not leave.",
		"Anybody may have it.",
		"Recipients may share it within their community, not in public.",
		"Recipients may share it in their organisation and with its clients who need to know.",
		"Recipients may share it in their organisation only, with those who need to know.",
		"For the eyes and ears of the named recipients only.",
	};
	ASSERT(tlp < TLP_COUNT);
	return str_from(meanings[tlp]);
}

static const char *const naming_names[] = { "named", "anonymous_to_peers", "anonymous_to_hub" };

str source_naming_name(enum source_naming naming)
{
	ASSERT(naming < SOURCE_NAMING_COUNT);
	return str_from(naming_names[naming]);
}

bool source_naming_parse(str text, enum source_naming *out_naming, struct err *err)
{
	for (int i = 0; i < SOURCE_NAMING_COUNT; i++)
		if (str_eq(text, str_from(naming_names[i]))) {
			*out_naming = (enum source_naming)i;
			return true;
		}
	return err_set(err, ERR_INPUT,
		       "the naming of the source is named, anonymous_to_peers or anonymous_to_hub");
}

struct marking marking_join(struct marking a, struct marking b)
{
	/* Of two equal labels the stated one wins: then somebody did say so. */
	bool a_decides = a.tlp > b.tlp || (a.tlp == b.tlp && !a.presumed);
	return (struct marking){
		.tlp = MAX(a.tlp, b.tlp),
		.pap = MAX(a.pap, b.pap),
		.classification = MAX(a.classification, b.classification),
		.source = MAX(a.source, b.source),
		.presumed = a_decides ? a.presumed : b.presumed,
	};
}

bool marking_covers(struct marking a, struct marking b)
{
	return a.tlp >= b.tlp && a.pap >= b.pap && a.classification >= b.classification &&
	       a.source >= b.source;
}

bool marking_raise(struct marking now, struct marking wanted, struct marking *out, struct err *err)
{
	if (!marking_covers(wanted, now)) {
		const char *what = wanted.tlp < now.tlp                         ? "TLP"
				   : wanted.pap < now.pap                       ? "PAP"
				   : wanted.classification < now.classification ? "classification"
										: "naming of the source";
		return err_set(err, ERR_DENIED,
			       "the %s would be lowered: a marking can only be raised; ask the source for "
			       "permission to share it more widely",
			       what);
	}
	*out = marking_join(now, wanted);
	return true;
}

static void add_word(struct buf *b, str word)
{
	if (word.len == 0)
		return;
	if (b->len)
		buf_add_char(b, ' ');
	buf_add(b, word);
}

str marking_format(struct arena *a, struct marking m)
{
	struct buf b;
	buf_init(&b, a, 200);
	add_word(&b, m.tlp == TLP_UNMARKED ? S("unmarked") : tlp_format(m.tlp));
	add_word(&b, pap_format(m.pap));
	if (m.classification)
		buf_printf(&b, " class=%d", m.classification);
	if (m.source != SOURCE_NAMED) {
		add_word(&b, S("source="));
		buf_add(&b, source_naming_name(m.source));
	}
	if (m.presumed)
		add_word(&b, S("presumed"));
	ASSERT(!b.over);
	return buf_str(&b);
}

/* One word after the TLP.  Returns its place in marking_format's order, 0 if marking_format would not
 * write it: a marking has one form. */
static int read_word(str word, struct marking *m, struct err *err)
{
	int64_t number;
	if (str_starts(word, S("PAP:")) && pap_parse(word, &m->pap, err) && str_eq(pap_format(m->pap), word))
		return 1;
	if (str_starts(word, S("class=")) && word.len > 6 && word.ptr[6] != '0' &&
	    str_to_int(str_sub(word, 6, word.len), 1, CLASSIFICATION_MAX, &number)) {
		m->classification = (int)number;
		return 2;
	}
	if (str_starts(word, S("source=")) &&
	    source_naming_parse(str_sub(word, 7, word.len), &m->source, err) && m->source != SOURCE_NAMED)
		return 3;
	if (str_eq(word, S("presumed"))) {
		m->presumed = true;
		return 4;
	}
	return 0;
}

bool marking_parse(str text, struct marking *out_m, struct err *err)
{
	struct marking m = { .tlp = TLP_UNMARKED };
	str_cut_result cut = str_cut(text, ' ');
	bool good = str_eq(cut.head, S("unmarked")) ||
		(tlp_parse(cut.head, &m.tlp, err) && str_eq(tlp_format(m.tlp), cut.head));
	for (int last = 0, place; good && cut.ok; last = place) {
		cut = str_cut(cut.tail, ' ');
		place = read_word(cut.head, &m, err);
		good = place > last;
	}
	if (!good)
		return err_set(err, ERR_INPUT, "not a marking; one looks like: TLP:AMBER PAP:RED class=2 "
			"source=anonymous_to_peers presumed");
	*out_m = m;
	return true;
}

static void note_label(const struct scheme *scheme, int value, struct marking_found *found)
{
	if (scheme == &tlp_scheme)
		found->tlp = MAX(found->tlp, (enum tlp)value);
	else
		found->pap = MAX(found->pap, (enum pap)value);
}

/* Whatever stands at i; returns where to go on. */
static ptrdiff_t detect_at(const struct scheme *scheme, str s, ptrdiff_t i, struct marking_found *found)
{
	bool sure;
	ptrdiff_t start = read_prefix(scheme, s, i, &sure), end;
	if (start < 0)
		return i + 1;
	int value = read_label(scheme, s, start, &end);
	bool foreign = start < s.len && (unsigned char)s.ptr[start] >= 0x80;    /* a translated label */
	if (value)
		note_label(scheme, value, found);
	else if (sure && (end > start || foreign) && !found->doubtful) {
		found->doubtful = true;
		found->where = str_trim(str_sub(s, i, foreign ? MIN(s.len, end + 24) : end));
	}
	return MAX(end, i + 1);
}

struct marking_found marking_detect(str text)
{
	struct marking_found found = { .tlp = TLP_UNMARKED };
	str s = str_sub(text, 0, MARKING_HEAD);
	for (ptrdiff_t i = 0; i < s.len;) {
		bool inside = i > 0 && is_alnum(s.ptr[i - 1]);
		char c = s.ptr[i];
		if (inside || (c != 'T' && c != 't' && c != 'P' && c != 'p'))
			i++;
		else
			i = detect_at(c == 'T' || c == 't' ? &tlp_scheme : &pap_scheme, s, i, &found);
	}
	return found;
}
