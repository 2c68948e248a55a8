/* The writer over a real store: what is acknowledged is there, once; refusals change nothing; rebuilt is
 * equal. */
#include "commit/commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "format/json.h"
#include "os/files.h"
#include "state/digest.h"

struct test_rng {
	struct rng rng;
	uint64_t state;
};

static void fill(struct rng *r, void *out, ptrdiff_t n)
{
	struct test_rng *t = (struct test_rng *)r;
	for (ptrdiff_t i = 0; i < n; i++) {
		t->state = t->state * 6364136223846793005u + 1442695040888963407u;
		((uint8_t *)out)[i] = (uint8_t)(t->state >> 56);
	}
}

struct set_organisation {
	struct uuid id;
	const char *name;
	bool refuse;
};

static bool decide(struct decision *d, void *arg, struct err *err)
{
	struct set_organisation *c = arg;
	struct json *p = json_object(d->arena), *words = json_object(d->arena);
	c->id = decision_new_id(d);
	json_set_str(p, "name", str_from(c->name));
	json_set_str(p, "class", S("private"));
	json_set_str(p, "sector", S("banking"));
	json_set_str(p, "province", S(""));
	json_set_str(p, "cii", S(""));
	json_set_str(p, "team", S("banking"));
	json_set_str(words, "notes", S("words"));
	decision_add(d, (struct draft){ .kind = "organisation.set",
					.subject = c->id,
					.audience = SCOPE_NODE,
					.payload = p,
					.content = words });
	return !c->refuse || err_set(err, ERR_INPUT, "refused by the test");
}

static struct hash256 digest(const char *store)
{
	struct db *db;
	struct hash256 h;
	struct err err = { 0 };
	bool ok = db_open(store, (struct db_options){ .read_only = true }, &db, &err) &&
		  state_digest(db, &h, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok);
	db_close(db);
	return h;
}

static int64_t size(const char *store)
{
	struct db *db;
	struct journal j;
	struct err err;
	ASSERT(db_open(store, (struct db_options){ .read_only = true }, &db, &err) &&
	       journal_load(&j, db, &err));
	db_close(db);
	return j.tree.size;
}

static bool nothing(struct decision *d UNUSED, void *arg UNUSED, struct err *err UNUSED)
{
	return true;
}

/* A probe writes and flushes, and adds no entry. */
static void test_health(const char *store, struct writer *w, struct clock_fake *clock)
{
	struct writer_health h;
	int64_t before = size(store);
	clock_fake_advance(clock, SECONDS(100));
	struct command plain = { .name = "test", .decide = nothing }, probe = plain;
	probe.touch = true;
	ASSERT(writer_run(w, &plain));
	writer_health(w, &h);
	ASSERT(h.committed_us == SECONDS(100) && h.tried_us == SECONDS(100) && h.last.code == ERR_NONE);
	ASSERT(writer_run(w, &probe));
	writer_health(w, &h);
	ASSERT(h.committed_us == 0 && h.tried_us == 0 && h.oldest_us == 0 && size(store) == before);
}

static void run(const char *store, const char *copy)
{
	struct clock_fake clock;
	struct test_rng rng = { { fill }, 1 };
	struct writer *w;
	struct err err = { 0 };
	clock_fake_init(&clock, (struct instant){ SECONDS(1764000000) });
	bool made = commit_create_store(store, &err);
	if (!made)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(made);
	ASSERT(!commit_create_store(store, &err) && err.code == ERR_CONFLICT);
	struct writer_options options = { .store = store, .clock = &clock.clock, .rng = &rng.rng };
	ASSERT(writer_open(options, &w, &err));

	struct set_organisation bank = { .name = "Demo Bank" };
	struct command c = { .name = "test", .decide = decide, .arg = &bank };
	commit_key(&c, S("secret"), S("key-1"), S("request"));
	bool ok = writer_run(w, &c);
	if (!ok)
		fprintf(stderr, "%s\n", c.err.text);
	ASSERT(ok && c.receipt.seq == 0 && !c.replayed && size(store) == 2);
	struct hash256 first = c.receipt.hash;
	ASSERT(writer_run(w, &c) && c.replayed && memcmp(c.receipt.hash.b, first.b, 32) == 0 &&
	       size(store) == 2);
	commit_key(&c, S("secret"), S("key-1"), S("another request"));
	ASSERT(!writer_run(w, &c) && c.err.code == ERR_CONFLICT && size(store) == 2);

	struct set_organisation refused = { .name = "x", .refuse = true };
	struct command no = { .name = "test", .decide = decide, .arg = &refused };
	ASSERT(!writer_run(w, &no) && no.err.code == ERR_INPUT && size(store) == 2);
	for (int i = 0; i < 600; i++) { /* past two stored Merkle nodes */
		struct set_organisation more = { .name = "Another" };
		struct command m = { .name = "test", .decide = decide, .arg = &more };
		ASSERT(writer_run(w, &m));
	}
	/* A clock that is set back: `at` is as read, order is seq's. */
	struct set_organisation late = { .name = "Late" };
	struct command before = { .name = "test", .decide = decide, .arg = &late }, after = before;
	ASSERT(writer_run(w, &before));
	clock.at.us -= HOURS(1);
	ASSERT(writer_run(w, &after) && after.receipt.seq == before.receipt.seq + 2);
	ASSERT(after.receipt.at.us == before.receipt.at.us - HOURS(1));
	test_health(store, w, &clock);
	writer_close(w);
	ASSERT(size(store) == 1206);
	ok = commit_rebuild(store, copy, (struct rebuild_progress){ 0 }, &err);
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	ASSERT(ok && size(copy) == 1206);
	struct hash256 a = digest(store), b = digest(copy);
	ASSERT(memcmp(a.b, b.b, 32) == 0);
}

int main(void)
{
	char dir[] = "/tmp/naubat-test-XXXXXX", store[64], copy[64], command[80];
	ASSERT(mkdtemp(dir) != NULL);
	snprintf(store, sizeof(store), "%s/a.db", dir);
	snprintf(copy, sizeof(copy), "%s/b.db", dir);
	run(store, copy);
	snprintf(command, sizeof(command), "%s", dir);
	for (int i = 0; i < 2; i++) {
		static const char *const tails[] = { "", "-wal", "-shm" };
		for (int t = 0; t < 3; t++) {
			char path[100];
			snprintf(path, sizeof(path), "%s%s", i ? copy : store, tails[t]);
			(void)unlink(path);
		}
	}
	return rmdir(dir) == 0 ? 0 : 1;
}
