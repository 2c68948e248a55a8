#include "journal/prove.h"

#include "base/buf.h"
#include "base/text.h"
#include "format/json.h"
#include "journal/journal.h"
#include "journal_sql.h"

enum { PROOF_MAX = CHECKPOINT_NOTE_MAX + (16 << 10) };

static const str MAGIC = { "c2sp.org/tlog-proof@v1", 22 };

static bool covering_note(struct db *db, struct arena *a, int64_t seq, struct proof *p, struct err *err)
{
	str note;
	if (!checkpoint_latest(db, a, &note, err))
		return false;
	if (note.len == 0)
		return err_set(err, ERR_CONFLICT,
			       "there is no checkpoint yet: make one with `naubat journal checkpoint`");
	if (!checkpoint_parse(note, &p->checkpoint, err))
		return err_wrap(err, "the kept checkpoint is damaged");
	if (p->checkpoint.size <= seq)
		return err_set(err, ERR_CONFLICT,
			       "the newest checkpoint covers %lld entries and not entry %lld: make one with "
			       "`naubat journal checkpoint`",
			       (long long)p->checkpoint.size, (long long)seq);
	p->note = note;
	return true;
}

bool proof_make(struct db *db, struct arena *a, int64_t seq, struct proof *out_p, struct err *err)
{
	struct proof p = { .index = seq };
	struct entry e;
	struct journal_merkle source;
	if (!journal_find(db, a, seq, &e, err) || !covering_note(db, a, seq, &p, err))
		return false;
	p.header = e.header;
	p.leaf = e.hash;
	journal_merkle_source(&source, db, a);
	if (!merkle_path(&source.source, seq, p.checkpoint.size, a, &p.path, &p.path_count, err))
		return false;
	*out_p = p;
	return true;
}

str proof_format(struct arena *a, const struct proof *p)
{
	struct buf b;
	buf_init(&b, a, PROOF_MAX);
	buf_printf(&b, STR_FMT "\nextra " STR_FMT "\nindex %lld\n", STR_ARG(MAGIC),
		   STR_ARG(text_base64(a, p->header)), (long long)p->index);
	for (int i = 0; i < p->path_count; i++) {
		buf_add(&b, text_base64(a, hash256_bytes(&p->path[i])));
		buf_add_char(&b, '\n');
	}
	buf_add_char(&b, '\n');
	buf_add(&b, p->note);
	ASSERT(!b.over);
	return buf_str(&b);
}

static bool line_take(str *left, str *out_line)
{
	str_cut_result c = str_cut(*left, '\n');
	*left = c.tail;
	*out_line = c.head;
	return c.ok;
}

static bool base64_line(struct arena *a, str line, str *out_bytes, struct err *err)
{
	return text_from_base64(a, line, out_bytes, err) &&
	       (str_eq(text_base64(a, *out_bytes), line) || err_set(err, ERR_INPUT, "not canonical base64"));
}

static bool parse_path(struct arena *a, str *left, struct proof *p, struct err *err)
{
	str line, bytes;
	p->path = NEW(a, struct hash256, PROOF_PATH_MAX);
	for (;;) {
		if (!line_take(left, &line))
			return err_set(err, ERR_INPUT, "proof: no empty line between path and checkpoint");
		if (line.len == 0)
			return true;
		if (p->path_count == PROOF_PATH_MAX)
			return err_set(err, ERR_INPUT, "proof: the path is longer than any tree is high");
		if (!base64_line(a, line, &bytes, err) ||
		    !hash256_from_bytes(bytes, &p->path[p->path_count], err))
			return err_wrap(err, "proof: hash %d of the path", p->path_count + 1);
		p->path_count++;
	}
}

bool proof_parse(struct arena *a, str text, struct proof *out_p, struct err *err)
{
	struct proof p = { 0 };
	str left = text, line;
	if (text.len > PROOF_MAX || !line_take(&left, &line) || !str_eq(line, MAGIC))
		return err_set(err, ERR_INPUT, "not a proof: the first line must be " STR_FMT,
			       STR_ARG(MAGIC));
	if (!line_take(&left, &line) || !str_starts(line, S("extra ")))
		return err_set(err, ERR_INPUT, "proof, line 2: 'extra' and the entry's header are expected");
	if (!base64_line(a, str_sub(line, 6, line.len), &p.header, err))
		return err_wrap(err, "proof, line 2");
	if (!line_take(&left, &line) || !str_starts(line, S("index ")))
		return err_set(err, ERR_INPUT, "proof, line 3: 'index' and a number are expected");
	str index = str_sub(line, 6, line.len);
	if ((index.len > 1 && index.ptr[0] == '0') || !str_to_int(index, 0, INT64_C(1) << 53, &p.index) ||
	    index.ptr[0] == '+')
		return err_set(err, ERR_INPUT, "proof, line 3: 'index' and a number are expected");
	if (!parse_path(a, &left, &p, err) || !checkpoint_parse(left, &p.checkpoint, err))
		return false;
	struct entry e;
	if (!entry_parse(p.header, &e, err))
		return err_wrap(err, "proof, line 2");
	if (e.seq != p.index)
		return err_set(err, ERR_INPUT,
			       "proof: the header is that of entry %lld, the path that of %lld",
			       (long long)e.seq, (long long)p.index);
	p.leaf = e.hash;
	p.note = left;
	*out_p = p;
	return true;
}

bool proof_holds(const struct proof *p)
{
	return p->index < p->checkpoint.size && merkle_path_check(p->leaf, p->index, p->checkpoint.size,
								  p->path, p->path_count, p->checkpoint.root);
}

bool proof_check(const struct proof *p, struct sign_public key, struct err *err)
{
	struct checkpoint c;
	if (!checkpoint_open(p->note, key, &c, err))
		return false;
	if (!proof_holds(p))
		return err_set(
			err, ERR_DENIED,
			"the path does not lead from entry %lld to the signed root: the entry is not in "
			"that journal, or was altered",
			(long long)p->index);
	return true;
}

struct json *proof_json(struct arena *a, const struct proof *p, bool holds)
{
	struct json *j = json_object(a), *entry = json_object(a), *path = json_array(a);
	struct entry e;
	struct err ignored;
	bool parsed = entry_parse(p->header, &e, &ignored);
	ASSERT(parsed);
	json_set_uuid(entry, "id", e.subject);
	json_set_int(entry, "seq", e.seq);
	json_set_instant(entry, "at", e.at);
	json_set_str(entry, "kind", e.kind);
	json_set(j, "entry", entry);
	json_set_str(j, "leaf_hash", hash256_hex(a, p->leaf));
	json_set_int(j, "index", p->index);
	json_set_int(j, "size", p->checkpoint.size);
	json_set_str(j, "root", hash256_hex(a, p->checkpoint.root));
	for (int i = 0; i < p->path_count; i++)
		json_append_str(path, hash256_hex(a, p->path[i]));
	json_set(j, "path", path);
	json_set_bool(j, "holds", holds);
	json_set_str(j, "checkpoint", p->note);
	return j;
}
