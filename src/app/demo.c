#include "app/demo.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "app/demo_mail.h"
#include "app/demo_seed.h"
#include "app/regime_file.h"
#include "app/running.h"
#include "crypto/sign.h"

#include "mail/parse.h"
#include "os/files.h"

enum { PORT_FIRST = 8080, PORT_TRIES = 20 };

static void remove_folder(const char *folder)
{
	char path[512];
	DIR *d = opendir(folder);
	for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		(void)unlink(path);
	}
	if (d)
		closedir(d);
	(void)rmdir(folder);
}

static bool prepare(struct arena *a, const char *folder, struct world *w, char **out_store, struct err *err)
{
	str text;
	struct rng rng = rng_real();
	struct clock clock = clock_real();
	char *secret = NEW(a, char, 32);
	rng.fill(&rng, secret, 32);
	if (!regime_file_load(a, "pakistan-2023", &w->regime, &text, err))
		return false;
	w->regime_id =
		arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(w->regime->id), STR_ARG(w->regime->version));
	w->team = w->regime->hub;
	w->prefix = S("DEMO");
	w->secret = (str){ secret, 32 };
	w->mail_domain = S("ncert.example");
	struct duty_desk *desks = NEW(a, struct duty_desk, 2);
	desks[0] = (struct duty_desk){ S("ncert"), S("duty@ncert.example") };
	desks[1] = (struct duty_desk){ S("banking"), S("duty@banking-cert.example") };
	w->desks = desks;
	w->desk_count = 2;
	*out_store = arena_cstr(a, arena_printf(a, "%s/naubat.db", folder));
	return demo_seed(*out_store, w, clock.now(&clock), &rng, err);
}

static bool open_somewhere(struct running_options *o, int port, struct running **out, struct err *err)
{
	for (int i = 0; i < PORT_TRIES; i++) {
		o->listeners[0].port = port ? port : PORT_FIRST + i;
		if (running_open(o, out, err))
			return true;
		if (port)
			break;
	}
	return false;
}

static bool serve(struct arena *a, const char *folder, int port, struct err *err)
{
	struct world w = { 0 };
	struct running *r;
	char *store;
	if (!prepare(a, folder, &w, &store, err))
		return false;
	struct rng rng = rng_real();
	struct sign_key *key = sign_key_make(&rng);
	struct demo_mail *mail = demo_mail_open(&w);
	struct running_options o = { .folder = folder,
				     .store = store,
				     .world = &w,
				     .demonstration = true,
				     .listeners = { { .kind = HTTP_PLAIN, .address = "127.0.0.1" } },
				     .listener_count = 1,
				     .transport = demo_mail_transport(mail),
				     .more = demo_mail_routes,
				     .more_count = 1,
				     .key = key,
				     .key_name = S("demo.naubat.example"),
				     .more_ctx = mail };
	bool ok = open_somewhere(&o, port, &r, err);
	if (ok) {
		(void)printf("\n  Naubat, demonstration: http://127.0.0.1:%d/\n\n  Invented names; nothing "
			     "leaves this machine; "
			     "all of it is gone when it stops (Ctrl-C).\n\n",
			     running_port(r));
		(void)fflush(stdout);
		running_wait();
		if (running_failure(r))
			ok = err_set(err, ERR_DISK, "%s", running_failure(r)->text);
		running_close(r);
	}
	demo_mail_close(mail);
	sign_key_free(key);
	return ok;
}

int demo_command(int argc, char **argv)
{
	struct arena a;
	struct err err = { 0 };
	char folder[] = "/tmp/naubat-demo-XXXXXX";
	int64_t port = 0;
	for (int i = 1; i < argc; i++) {
		if (str_eq(str_from(argv[i]), S("--port")) && i + 1 < argc &&
		    str_to_int(str_from(argv[i + 1]), 1, 65535, &port)) {
			i++;
			continue;
		}
		bool asked = str_eq(str_from(argv[i]), S("--help"));
		(void)fprintf(asked ? stdout : stderr,
			      "usage: naubat demo [--port PORT]\n\n"
			      "A demonstration on 127.0.0.1: that port, else 8080 or the next that is free.\n"
			      "Ctrl-C ends it, and nothing is kept.\n");
		return asked ? 0 : 2;
	}
	if (mkdtemp(folder) == NULL) {
		perror("naubat: cannot make a folder under /tmp");
		return 1;
	}
	running_block_signals();
	mail_init();
	arena_init(&a, 256 << 20, 512 << 20);
	bool ok = serve(&a, folder, (int)port, &err);
	if (!ok)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	arena_done(&a);
	remove_folder(folder);
	return ok ? 0 : 1;
}
