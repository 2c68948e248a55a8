/* event.h - what an event is to a rule.  No code: the meaning that unit.h implements quickly, and the
 * slow interpreter in tests/oracle implements plainly.
 *
 * An event is the bytes of one JSON object.  Decoders make one of whatever a log holds; the matching engine
 * reads JSON only.
 *
 * Leaves.  Every string, number, true, false and null in it, and every empty object or list (which count
 * as null),
 * is a leaf.  The path of a leaf is the keys above it joined with ".": a key with dots and nested objects
 * are the same; the items of a list all have the list's path; the keys "#attributes", "#text" and
 * "@attributes" add
 * nothing to a path.  Paths and field names are compared without ASCII case.
 *
 * Text.  A string's text is its bytes after unescaping (a lone surrogate becomes U+FFFD; bytes that are no
 * UTF-8 stay as they are); a number's is as written, but integral ones without fraction and exponent
 * where that
 * is exact below 2^53 (1.0, 1e0 -> 1; -0 -> 0);
 * true and false are their words; null has no text and satisfies neither
 * TEXT, nor REGEX, CIDR, NUMBER, FIELD.
 *
 * Fields.  A leaf gives a value to field F if its path is F, or an envelope of logsource.h and then F,
 * or one of
 * F's other names there.  Duplicate keys, other spellings and both shapes at once all give values: a
 * field has as
 * many values as there are leaves for it, and a predicate holds if it holds for any of them.  There is
 * no way to
 * hide a value from a rule by adding another.
 *
 * Sources.  logsource.h says which logsources the event belongs to; a rule is tried only if its
 * logsource is one of
 * them.  An entry may rename fields (Security 4688: Image is NewProcessName): then the rule's Image
 * reads the values of
 * NewProcessName, and those of Image itself if there are none.
 *
 * Folding.  Without case means simple case folding of Unicode (CaseFolding.txt, status C and S), character by
 * character, on both sides; bytes that are no UTF-8 stand for themselves.  `?` is one character, or one
 * such byte.
 * `*` and `?` cross line ends.
 *
 * NOT is plain negation: `not Field: x`, and neq, hold where the field is absent.
 * Keywords are tried on the text of every leaf, wherever it is; a keyword without wildcards is found
 * anywhere in
 * it, and so is one with.
 *
 * JSON that is not quite JSON.  An attacker who writes one bad byte must not vanish: raw control
 * characters and
 * bad UTF-8 in strings, unknown escapes (taken as the character itself) and numbers of any size are
 * accepted.  Where
 * the structure itself breaks, the leaves before the break are matched and the record is reported as broken.
 */
#pragma once
enum { EVENT_DEPTH_MOST = 64 };         /* deeper leaves are not looked at; the record is reported */
