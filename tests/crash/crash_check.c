/* crash_check STORE LEDGER ROUND [FRESH] - what must hold after a crash, whenever it came.
 *
 *  1. The journal is whole: every seq, every prev, every payload's hash; the root of its tree is that of
 *  its leaves.
 *  2. Every acknowledged receipt is in it with the same hash, under its key, once; no report's words are
 *  there twice.
 *  3. Asked again with the same key and request (all of this round, a sample of the others), it answers
 *  "replayed"
 *     with the same receipt and writes nothing; with another request it refuses.
 *  4. What was submitted and not acknowledged is settled by asking again: then it is there once, and
 *  acknowledged.
 *  5. FRESH given: rebuilt into that store, the digest is the same.
 *
 * Prints "ENTRIES ACKNOWLEDGED LOST DOUBLED SETTLED"; exit 1 if anything is wrong, with a line for each
 * thing.
 * "crash_check --create STORE" makes the store.
 */
#include "crash.h"

#include "format/json.h"
#include "state/digest.h"

enum { PAGE = 500, OLD_SAMPLE = 97, COMPLAINTS_MAX = 20 };

struct line {
	char key[KEY_BYTES], act[ACT_BYTES];
	bool acknowledged;
	int64_t seq;
	str hash;
	struct hash256 key_hash;
	int found, marked;
	bool same;
};

struct check {
	struct node node;
	struct line *lines; /* sorted by key_hash, one a key */
	ptrdiff_t count;
	int64_t entries, lost, doubled, settled, wrong;
};

static void complain(struct check *k, const char *what, const char *which)
{
	if (k->wrong++ < COMPLAINTS_MAX)
		fprintf(stderr, "%s: %s\n", which, what);
}

static int by_key(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = memcmp(x->key_hash.b, y->key_hash.b, 32);
	return order ? order : (int)y->acknowledged - (int)x->acknowledged;
}

static bool line_parse(struct check *k, str text, struct line *out)
{
	char mark = 0, hash[65] = "";
	char copy[200];
	snprintf(copy, sizeof(copy), STR_FMT, STR_ARG(text));
	*out = (struct line){ .seq = -1 };
	int n = sscanf(copy, "%c %39s %15s %" SCNd64 " %64s", &mark, out->key, out->act, &out->seq, hash);
	out->acknowledged = mark == '!';
	if (out->acknowledged ? n != 5 : n != 3)
		return false;
	struct command c = { 0 };
	struct err err;
	node_key(&k->node, &c, out->key, out->act);
	out->key_hash = c.key;
	return !out->acknowledged || text_from_hex(&k->node.arena, str_from(hash), &out->hash, &err);
}

/* A key has at most two lines; the acknowledgement is kept. */
static void ledger_load(struct check *k, const char *path)
{
	FILE *f = fopen(path, "rb");
	char text[200];
	ptrdiff_t cap = 0;
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while (fgets(text, sizeof(text), f)) {
		if (k->count == cap) {
			cap = cap ? cap * 2 : 4096;
			k->lines = realloc(k->lines, sizeof(*k->lines) * (size_t)cap);
			ASSERT(k->lines != NULL);
		}
		if (!line_parse(k, str_from(text), &k->lines[k->count++]))
			complain(k, "the ledger has a line that is none", text);
	}
	fclose(f);
	if (k->count == 0)
		return;
	qsort(k->lines, (size_t)k->count, sizeof(*k->lines), by_key);
	ptrdiff_t kept = 1;
	for (ptrdiff_t i = 1; i < k->count; i++)
		if (memcmp(k->lines[kept - 1].key_hash.b, k->lines[i].key_hash.b, 32) != 0)
			k->lines[kept++] = k->lines[i];
	k->count = kept;
}

static struct line *line_find(struct check *k, struct hash256 key)
{
	struct line wanted = { .key_hash = key };
	ptrdiff_t low = 0, high = k->count;
	while (low < high) {
		ptrdiff_t middle = low + (high - low) / 2;
		int order = memcmp(k->lines[middle].key_hash.b, wanted.key_hash.b, 32);
		if (order == 0)
			return &k->lines[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The words of a report name the key that made it. */
static void count_marker(struct check *k, const struct entry *e)
{
	struct command c = { 0 };
	char key[KEY_BYTES];
	ptrdiff_t from = str_find(e->payload, S("marker <"));
	if (!str_eq(e->kind, S("report.content")) || from < 0)
		return;
	str_cut_result word = str_cut(str_sub(e->payload, from + 8, e->payload.len), '>');
	snprintf(key, sizeof(key), STR_FMT, STR_ARG(word.head));
	node_key(&k->node, &c, key, "intake");
	struct line *line = line_find(k, c.key);
	if (line == NULL)
		complain(k, "a report that nobody submitted", key);
	else
		line->marked++;
}

static void look_at(struct check *k, const struct entry *e)
{
	count_marker(k, e);
	if (!e->keyed)
		return;
	struct line *line = line_find(k, e->key);
	if (line == NULL) {
		complain(k, "an entry under a key that nobody used", "journal");
		return;
	}
	line->found++;
	line->same =
		!line->acknowledged || (line->seq == e->seq && memcmp(line->hash.ptr, e->hash.b, 32) == 0);
}

static void walk(struct check *k, struct db *db)
{
	struct journal head;
	struct merkle tree = { 0 };
	struct merkle_stored stored[8];
	struct hash256 prev = { { 0 } };
	struct arena tmp;
	struct err err = { 0 };
	int ignored;
	for (ptrdiff_t i = 0; i < k->count; i++)
		k->lines[i].found = k->lines[i].marked = 0;
	if (!journal_load(&head, db, &err))
		give_up("journal", &err);
	arena_init(&tmp, 128 << 20, 512 << 20);
	for (int64_t at = 0; at < head.tree.size; at += PAGE, arena_reset(&tmp)) {
		struct entry *entries;
		ptrdiff_t count = 0;
		if (!journal_read(db, &tmp, at, PAGE, &entries, &count, &err))
			give_up("journal", &err);
		for (ptrdiff_t i = 0; i < count; i++) {
			if (entries[i].seq != at + i || memcmp(entries[i].prev.b, prev.b, 32) != 0 ||
			    !entry_payload_check(&entries[i], &err))
				complain(k, "an entry that does not follow, or whose payload is another",
					 "journal");
			prev = entries[i].hash;
			merkle_append(&tree, entries[i].hash, stored, &ignored);
			look_at(k, &entries[i]);
		}
	}
	arena_done(&tmp);
	struct hash256 root = merkle_root(&tree), said = merkle_root(&head.tree);
	if (tree.size != head.tree.size || memcmp(root.b, said.b, 32) != 0 ||
	    memcmp(prev.b, head.prev.b, 32) != 0)
		complain(k, "size, root or last hash are not those of the entries", "head");
	k->entries = head.tree.size;
}

static void judge(struct check *k)
{
	k->lost = k->doubled = 0;
	for (ptrdiff_t i = 0; i < k->count; i++) {
		struct line *l = &k->lines[i];
		if (l->acknowledged && (l->found == 0 || !l->same)) {
			k->lost++;
			complain(k, "acknowledged and not there, or another", l->key);
		}
		if (l->found > 1 || l->marked > 1) {
			k->doubled++;
			complain(k, "there more than once", l->key);
		}
		if (strcmp(l->act, "intake") == 0 && l->marked != l->found)
			complain(k, "half there: header without words, or words without header", l->key);
	}
}

static bool refuse(struct decision *d UNUSED, void *arg UNUSED, struct err *err)
{
	return err_set(err, ERR_INPUT, "decided again");
}

static void ask_again(struct check *k, const struct line *l)
{
	struct command c = { .name = "again", .decide = refuse };
	node_key(&k->node, &c, l->key, l->act);
	if (!writer_run(k->node.writer, &c) || !c.replayed || c.receipt.seq != l->seq ||
	    memcmp(c.receipt.hash.b, l->hash.ptr, 32) != 0)
		complain(k, "asked again, it was not the same receipt", l->key);
	node_key(&k->node, &c, l->key, "something else");
	if (writer_run(k->node.writer, &c) || c.err.code != ERR_CONFLICT)
		complain(k, "another request under its key was not refused", l->key);
}

static void settle(struct check *k, struct line *l, int ledger)
{
	struct arena a;
	struct intake in;
	struct err err = { 0 };
	struct command c = { .name = "settle", .decide = intake_decide, .arg = &in };
	arena_init(&a, 16 << 20, 64 << 20);
	node_key(&k->node, &c, l->key, l->act);
	if (!intake_for(&k->node, &a, l->key, &in, &err) || !writer_run(k->node.writer, &c))
		complain(k, "could not be settled by its key", l->key);
	else
		ledger_ack(ledger, &a, l->key, l->act, &c);
	l->acknowledged = true;
	l->seq = c.receipt.seq;
	l->hash = arena_dup(&k->node.arena, (str){ (const char *)c.receipt.hash.b, 32 });
	k->settled++;
	arena_done(&a);
}

static void ask_all(struct check *k, const char *round, int ledger)
{
	str prefix = arena_printf(&k->node.arena, "%s-", round);
	ptrdiff_t last = k->count;
	for (ptrdiff_t i = 0; i < last; i++) {
		struct line *l = &k->lines[i];
		bool fresh = str_starts(str_from(l->key), prefix);
		if (l->acknowledged && (fresh || i % OLD_SAMPLE == 0))
			ask_again(k, l);
		else if (!l->acknowledged && fresh && strcmp(l->act, "intake") == 0)
			settle(k, l, ledger);
	}
}

static struct db *read_only(const char *store)
{
	struct db *db;
	struct err err = { 0 };
	if (!db_open(store, (struct db_options){ .read_only = true }, &db, &err))
		give_up("store", &err);
	return db;
}

static struct hash256 digest(const char *store)
{
	struct hash256 h;
	struct err err = { 0 };
	struct db *db = read_only(store);
	if (!state_digest(db, &h, &err))
		give_up("digest", &err);
	db_close(db);
	return h;
}

static void compare_rebuilt(struct check *k, const char *store, const char *fresh)
{
	struct err err = { 0 };
	if (!commit_rebuild(store, fresh, (struct rebuild_progress){ 0 }, &err))
		give_up("rebuild", &err);
	struct hash256 live = digest(store), rebuilt = digest(fresh);
	if (memcmp(live.b, rebuilt.b, 32) != 0)
		complain(k, "rebuilt from the journal it is another", "state");
}

static void look(struct check *k, const char *store)
{
	struct err err = { 0 };
	struct db *db = read_only(store);
	if (!db_begin_read(db, &err)) /* a server may still be finishing what the killed client began */
		give_up("store", &err);
	walk(k, db);
	judge(k);
	db_rollback(db);
	db_close(db);
}

int main(int argc, char **argv)
{
	static struct check k;
	struct err err = { 0 };
	int64_t acknowledged = 0;
	if (argc == 3 && strcmp(argv[1], "--create") == 0)
		return commit_create_store(argv[2], &err) ? 0 : (fprintf(stderr, "%s\n", err.text), 1);
	if (argc != 4 && argc != 5) {
		fprintf(stderr,
			"usage: crash_check STORE LEDGER ROUND [FRESH]; crash_check --create STORE\n");
		return 2;
	}
	node_init(&k.node);
	ledger_load(&k, argv[2]);
	look(&k, argv[1]);
	int64_t before = k.lost + k.doubled;
	if (!node_open(&k.node, argv[1], &err))
		give_up("store", &err);
	int ledger = ledger_open(argv[2]);
	ask_all(&k, argv[3], ledger);
	writer_close(k.node.writer);
	k.node.writer = NULL;
	look(&k, argv[1]);
	if (argc == 5)
		compare_rebuilt(&k, argv[1], argv[4]);
	for (ptrdiff_t i = 0; i < k.count; i++)
		acknowledged += k.lines[i].acknowledged;
	printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", k.entries, acknowledged,
	       MAX(before, k.lost), k.doubled, k.settled);
	free(k.lines);
	arena_done(&k.node.arena);
	close(ledger);
	return k.wrong ? 1 : 0;
}
