#include "app/node_folder.h"

#include "app/adopt.h"
#include "format/json.h"
#include "journal/backup.h"
#include "journal/journal.h"
#include "os/files.h"
#include "regime/regime.h"

enum { PEM_MAX = 256 << 10, KEY_MAX = 4096, SECRET_BYTES = 32, FOUNDING = 16 };

static bool read_file(struct arena *a, const struct node_folder *n, str name, ptrdiff_t max, str *out,
		      struct err *err)
{
	return files_read(a, conf_path(a, n->folder, name), max, out, err);
}

static void free_key(void *key)
{
	sign_key_free(key);
}

static bool load_secrets(struct arena *a, struct node_folder *n, struct err *err)
{
	str line;
	if (!read_file(a, n, S("node.key"), KEY_MAX, &line, err) || !sign_key_parse(line, &n->key, err))
		return false;
	arena_defer(a, free_key, n->key);
	if (!read_file(a, n, S("secret"), SECRET_BYTES, &n->world.secret, err))
		return false;
	if (n->world.secret.len != SECRET_BYTES)
		return err_set(err, ERR_INPUT,
			       "%s/secret has %td bytes and needs 32: bring it back from your backup",
			       n->folder, n->world.secret.len);
	return read_file(a, n, n->conf.certificate, PEM_MAX, &n->tls.certificate_pem, err) &&
	       read_file(a, n, n->conf.key, PEM_MAX, &n->tls.key_pem, err);
}

static bool check_tls(struct arena *a, const struct node_folder *n, struct err *err)
{
	struct clock clock = clock_real();
	str fingerprint;
	return tls_pair_check(a, &n->tls, clock.now(&clock), &fingerprint, err) || err_wrap(err, "TLS");
}

struct founding {
	bool created, demonstration;
};

static bool read_entry(struct arena *a, const struct entry *e, struct founding *f, struct err *err)
{
	struct json *payload = NULL;
	if (!str_eq(e->kind, S("node.created")) || e->payload.ptr == NULL)
		return true;
	if (!json_parse(a, e->payload, (struct json_limits){ 0 }, &payload, err))
		return false;
	f->created = true;
	f->demonstration |= json_get_bool(payload, "demonstration");
	return true;
}

static bool read_founding(struct arena *a, struct db *db, struct founding *f, struct err *err)
{
	struct entry *entries;
	ptrdiff_t count;
	if (!journal_read(db, a, 0, FOUNDING, &entries, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++)
		if (!read_entry(a, &entries[i], f, err))
			return false;
	if (!f->created)
		return err_set(err, ERR_INPUT, "this store is no node's: naubat init makes one");
	if (f->demonstration)
		return err_set(err, ERR_DENIED,
			       "this store is a demonstration's, and no real node can be made of it: use "
			       "naubat init");
	return true;
}

static bool check_desks(struct arena *a, struct node_folder *n, struct err *err)
{
	if (!conf_desks(a, &n->conf, &n->world.desks, &n->world.desk_count, err))
		return err_wrap(err, "node.conf");
	for (ptrdiff_t i = 0; i < n->world.desk_count; i++)
		if (regime_team_find(n->world.regime, n->world.desks[i].team) == NULL)
			return err_set(err, ERR_INPUT,
				       "node.conf: duty_mail: '" STR_FMT "' is no team of the adopted regime",
				       STR_ARG(n->world.desks[i].team));
	return true;
}

static bool load_world(struct arena *a, struct node_folder *n, struct err *err)
{
	struct db *db;
	struct founding f = { 0 };
	if (!db_open(n->store, (struct db_options){ .read_only = true }, &db, err))
		return false;
	bool ok = read_founding(a, db, &f, err) && adopt_load(a, db, &n->world, err) &&
		  backup_outbound_held(db, &n->held, err);
	db_close(db);
	if (ok && regime_team_find(n->world.regime, n->conf.team) == NULL)
		ok = err_set(err, ERR_INPUT, "node.conf: '" STR_FMT "' is no team of the adopted regime",
			     STR_ARG(n->conf.team));
	n->world.team = n->conf.team;
	if (ok && !check_desks(a, n, err))
		return false;
	n->world.prefix = n->conf.prefix;
	n->world.mail_domain = n->conf.mail_domain;
	return ok;
}

bool node_folder_load(struct arena *a, const char *folder, const char *db, struct node_folder *out,
		      struct err *err)
{
	struct node_folder n = { .folder = folder };
	if (!conf_load(a, folder, &n.conf, err))
		return false;
	n.store = db ? arena_cstr(a, str_from(db)) : conf_store(a, folder, &n.conf);
	if (!load_secrets(a, &n, err) || !check_tls(a, &n, err) || !load_world(a, &n, err))
		return false;
	*out = n;
	return true;
}
