#include "journal/checkpoint.h"

#include "base/buf.h"
#include "base/text.h"
#include "journal/journal.h"
#include "journal_sql.h"

enum { SIGNATURES_MAX = 64, KEY_ID_BYTES = 4, SIGNATURE_BYTES = 64, ED25519 = 1 };

static const str DASH = { "\xe2\x80\x94 ", 4 }; /* em dash and a blank */

bool checkpoint_name_ok(str name)
{
	for (ptrdiff_t i = 0; i < name.len; i++)
		if (name.ptr[i] <= ' ' || name.ptr[i] > '~' || name.ptr[i] == '+')
			return false;
	return name.len > 0 && name.len <= 100;
}

static void key_id(str name, struct sign_public key, uint8_t out[static KEY_ID_BYTES])
{
	static const char type[] = { '\n', ED25519 };
	struct hash h;
	uint8_t digest[32];
	hash_init(&h);
	hash_add(&h, name);
	hash_add(&h, (str){ type, 2 });
	hash_add(&h, (str){ (const char *)key.b, 32 });
	hash_done(&h, digest);
	memcpy(out, digest, KEY_ID_BYTES);
}

str checkpoint_sign(struct arena *a, const struct checkpoint *c, const struct sign_key *key)
{
	ASSERT(checkpoint_name_ok(c->origin) && c->size >= 0 && c->epoch >= 0);
	str text = arena_printf(a, STR_FMT "\n%lld\n" STR_FMT "\nepoch %lld\ntime " STR_FMT "\n",
				STR_ARG(c->origin), (long long)c->size,
				STR_ARG(text_base64(a, hash256_bytes(&c->root))), (long long)c->epoch,
				STR_ARG(instant_format(a, c->at)));
	struct signature s = sign_bytes(key, text);
	uint8_t blob[KEY_ID_BYTES + SIGNATURE_BYTES];
	key_id(c->origin, sign_key_public(key), blob);
	memcpy(blob + KEY_ID_BYTES, s.b, SIGNATURE_BYTES);
	return arena_printf(a, STR_FMT "\n" STR_FMT STR_FMT " " STR_FMT "\n", STR_ARG(text), STR_ARG(DASH),
			    STR_ARG(c->origin),
			    STR_ARG(text_base64(a, (str){ (const char *)blob, sizeof(blob) })));
}

/* Canonical base64 of exactly `len` bytes: decoding and encoding gives the same text. */
static bool base64_exact(str text, uint8_t *out, ptrdiff_t len)
{
	struct arena tmp;
	str bytes = { 0 };
	struct err ignored;
	if (text.len != (len + 2) / 3 * 4)
		return false;
	arena_init(&tmp, 1 << 12, 1 << 16);
	bool ok = text_from_base64(&tmp, text, &bytes, &ignored) && bytes.len == len &&
		  str_eq(text_base64(&tmp, bytes), text);
	if (ok)
		memcpy(out, bytes.ptr, (size_t)len);
	arena_done(&tmp);
	return ok;
}

static bool number(str text, int64_t *out)
{
	bool padded = text.len > 1 && text.ptr[0] == '0';
	return !padded && text.len > 0 && text.ptr[0] != '+' && str_to_int(text, 0, INT64_C(1) << 53, out);
}

/* The signed text with its last line end, and the signature lines after the empty line. */
static bool split_note(str note, str *out_text, str *out_signatures)
{
	ptrdiff_t at = -1;
	for (ptrdiff_t i = note.len - 1; i > 0 && at < 0; i--)
		if (note.ptr[i] == '\n' && note.ptr[i - 1] == '\n')
			at = i;
	if (at < 0 || note.len > CHECKPOINT_NOTE_MAX || !str_utf8_valid(note) ||
	    note.ptr[note.len - 1] != '\n')
		return false;
	for (ptrdiff_t i = 0; i < note.len; i++)
		if ((unsigned char)note.ptr[i] < ' ' && note.ptr[i] != '\n')
			return false;
	*out_text = str_sub(note, 0, at);
	*out_signatures = str_sub(note, at + 1, note.len);
	return out_signatures->len > 0;
}

static str line_take(str *left)
{
	str_cut_result c = str_cut(*left, '\n');
	*left = c.ok ? c.tail : (str){ 0 };
	return c.head;
}

static bool line_value(str *left, str prefix, str *out)
{
	str line = line_take(left);
	*out = str_sub(line, prefix.len, line.len);
	return str_starts(line, prefix);
}

bool checkpoint_parse(str note, struct checkpoint *out_c, struct err *err)
{
	struct checkpoint c = { 0 };
	str left, signatures, epoch, time;
	if (!split_note(note, &left, &signatures))
		return err_set(err, ERR_INPUT,
			       "not a signed note: a text, an empty line and signature lines are expected");
	c.origin = line_take(&left);
	if (!checkpoint_name_ok(c.origin))
		return err_set(err, ERR_INPUT, "checkpoint, line 1: not the name of a node");
	if (!number(line_take(&left), &c.size))
		return err_set(err, ERR_INPUT, "checkpoint, line 2: not a number of entries");
	if (!base64_exact(line_take(&left), c.root.b, 32))
		return err_set(err, ERR_INPUT, "checkpoint, line 3: not the base64 of a hash");
	if (!line_value(&left, S("epoch "), &epoch) || !number(epoch, &c.epoch))
		return err_set(err, ERR_INPUT, "checkpoint, line 4: 'epoch' and a number are expected");
	if (!line_value(&left, S("time "), &time) || time.len != 27 || !instant_parse(time, &c.at, err))
		return err_set(err, ERR_INPUT, "checkpoint, line 5: 'time' and a time in UTC are expected");
	*out_c = c;
	return true;
}

/* Is this line a signature of `name` by `key` over `text`? */
static bool signature_holds(str line, str name, struct sign_public key, str text)
{
	uint8_t blob[KEY_ID_BYTES + SIGNATURE_BYTES], id[KEY_ID_BYTES];
	if (!str_starts(line, DASH))
		return false;
	str_cut_result c = str_cut(str_sub(line, DASH.len, line.len), ' ');
	if (!c.ok || !str_eq(c.head, name) || !base64_exact(c.tail, blob, sizeof(blob)))
		return false;
	key_id(name, key, id);
	return memcmp(id, blob, KEY_ID_BYTES) == 0 &&
	       sign_verify(key, text, (str){ (const char *)blob + KEY_ID_BYTES, SIGNATURE_BYTES });
}

bool checkpoint_open(str note, struct sign_public key, struct checkpoint *out_c, struct err *err)
{
	struct checkpoint c;
	str text, signatures;
	if (!checkpoint_parse(note, &c, err))
		return false;
	bool split = split_note(note, &text, &signatures), ok = false;
	ASSERT(split);
	for (int i = 0; i < SIGNATURES_MAX && signatures.len && !ok; i++)
		ok = signature_holds(line_take(&signatures), c.origin, key, text);
	if (!ok)
		return err_set(err, ERR_DENIED, "the checkpoint of " STR_FMT " is not signed by this key",
			       STR_ARG(c.origin));
	*out_c = c;
	return true;
}

static str key_bytes(uint8_t out[static 33], struct sign_public key)
{
	out[0] = ED25519;
	memcpy(out + 1, key.b, 32);
	return (str){ (const char *)out, 33 };
}

str checkpoint_key_format(struct arena *a, str name, struct sign_public key)
{
	uint8_t id[KEY_ID_BYTES], bytes[33];
	ASSERT(checkpoint_name_ok(name));
	key_id(name, key, id);
	return arena_printf(a, STR_FMT "+" STR_FMT "+" STR_FMT, STR_ARG(name),
			    STR_ARG(text_hex(a, (str){ (const char *)id, KEY_ID_BYTES })),
			    STR_ARG(text_base64(a, key_bytes(bytes, key))));
}

bool checkpoint_key_parse(str text, str *out_name, struct sign_public *out_key, struct err *err)
{
	str line = text.len && text.ptr[text.len - 1] == '\n' ? str_sub(text, 0, text.len - 1) : text;
	str_cut_result name = str_cut(line, '+'), id = str_cut(name.tail, '+');
	uint8_t bytes[33];
	struct sign_public key;
	if (str_starts(line, S("naubat-public-key-"))) {
		if (!sign_public_parse(text, out_key, err))
			return false;
		*out_name = S("");
		return true;
	}
	if (!name.ok || !id.ok || !checkpoint_name_ok(name.head) || !base64_exact(id.tail, bytes, 33) ||
	    bytes[0] != ED25519)
		return err_set(
			err, ERR_INPUT,
			"not a public key: name+hex+base64 is expected, as `naubat journal export` and "
			"the Journal page show it");
	if (!sign_public_from_bytes((str){ (const char *)bytes + 1, 32 }, &key, err))
		return false;
	struct arena tmp;
	arena_init(&tmp, 1 << 12, 1 << 16);
	bool ok = str_eq(checkpoint_key_format(&tmp, name.head, key), line);
	arena_done(&tmp);
	if (!ok)
		return err_set(err, ERR_INPUT,
			       "the public key's id does not belong to its name and bytes: copy all of it");
	*out_name = name.head;
	*out_key = key;
	return true;
}

bool checkpoint_latest(struct db *db, struct arena *a, str *out_note, struct err *err)
{
	struct sql_journal_checkpoint_latest_row row = { 0 };
	bool found = false;
	if (!sql_journal_checkpoint_latest(db, a, &row, &found, err))
		return false;
	*out_note = found ? row.note : S("");
	return true;
}

/* The kept note, if it says just what the journal is now. */
static bool still_current(struct db *db, struct arena *a, const struct journal *j, str origin, str *out_note,
			  bool *out_current, struct err *err)
{
	struct checkpoint c;
	struct err ignored;
	str note;
	if (!checkpoint_latest(db, a, &note, err))
		return false;
	*out_current = note.len && checkpoint_parse(note, &c, &ignored) && c.size == j->tree.size &&
		       c.epoch == j->epoch && str_eq(c.origin, origin);
	*out_note = note;
	return true;
}

bool checkpoint_make(struct db *db, struct arena *a, const struct sign_key *key, str origin,
		     struct instant now, str *out_note, struct err *err)
{
	struct journal j;
	str note = { 0 };
	bool current = false;
	if (!db_begin(db, err))
		return false;
	bool ok = journal_lock(&j, db, err) && still_current(db, a, &j, origin, &note, &current, err);
	if (ok && !current) {
		struct checkpoint c = { origin, j.tree.size, j.epoch, merkle_root(&j.tree), now };
		note = checkpoint_sign(a, &c, key);
		ok = sql_journal_checkpoint_insert(
			db,
			&(struct sql_journal_checkpoint_insert){ .size = c.size, .at = now, .note = note },
			err);
	}
	ok = ok && db_commit(db, err);
	if (!ok)
		db_rollback(db);
	else
		*out_note = note;
	return ok;
}
