#include "app/serve.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "app/doors.h"
#include "app/node_folder.h"
#include "app/notify.h"
#include "app/reserve.h"
#include "app/running.h"
#include "app/service_routes.h"
#include "base/log.h"
#include "mail/parse.h"
#include "mail/receipts.h"
#include "net/transfer.h"

struct serve {
	struct arena *a;
	struct node_folder node;
	struct transport *transport;
	struct running *running;
	struct doors *doors;
	char *socket;
};

enum { EXIT_DISK = 74, LAST_WORDS_S = 20 }; /* 74: EX_IOERR; the unit does not start it again by itself */

static int usage(FILE *out)
{
	(void)fprintf(out, "usage: naubat serve [FOLDER] [--db URL]\n\n"
			   "Runs the node in FOLDER (" CONF_FOLDER_DEFAULT
			   ") until SIGTERM.  --db: its store, if not as "
			   "node.conf says.\n");
	return out == stdout ? 0 : 2;
}

static bool open_running(struct serve *s, struct err *err)
{
	struct node_folder *n = &s->node;
	struct running_options o = { .folder = n->folder,
				     .store = n->store,
				     .world = &n->world,
				     .certificate_pem = n->tls.certificate_pem.ptr,
				     .key_pem = n->tls.key_pem.ptr,
				     .transport = s->transport,
				     .key = n->key,
				     .key_name = n->conf.mail_domain,
				     .more = service_routes,
				     .more_count = 1,
				     .listener_count = 2 };
	char *address;
	int port;
	if (!conf_address(s->a, n->conf.listen, &address, &port, err))
		return false;
	s->socket = conf_path(s->a, n->folder, S("naubat.sock"));
	o.listeners[0] = (struct http_listener){ HTTP_TLS, address, port };
	o.listeners[1] = (struct http_listener){ HTTP_UNIX, s->socket, 0 };
	if (!running_open(&o, &s->running, err))
		return false;
	if (chmod(s->socket, 0600) != 0)
		return err_set(err, ERR_SYSTEM, "cannot make %s private", s->socket);
	log_event(LOG_INFO, "node.started", LOG_TEXT("address", str_from(address)),
		  LOG_INT("port", running_port(s->running)), LOG_TEXT("socket", str_from(s->socket)));
	return true;
}

static bool open_all(struct serve *s, const char *folder, const char *db, struct err *err)
{
	if (!node_folder_load(s->a, folder, db, &s->node, err))
		return false;
	if (s->node.held)
		log_event(LOG_WARNING, "node.held",
			  LOG_TEXT("why", S("restored from a backup: no mail leaves before it is released")));
	s->node.world.receipts = receipts_open();
	if (!smtp_door_open(folder, &s->node.conf, &s->transport, err))
		return false;
	str words = reserve_last_words(s->a, folder);
	if (words.len)
		log_event(LOG_WARNING, "node.after_failure", LOG_TEXT("last_words", words));
	reserve_take(folder);
	if (!open_running(s, err) ||
	    !doors_open(folder, &s->node.conf, running_node(s->running), &s->doors, err))
		return false;
	reserve_forget(folder);
	return true;
}

static void close_all(struct serve *s)
{
	doors_close(s->doors);
	running_close(s->running);
	smtp_door_close(s->transport);
	receipts_close(s->node.world.receipts);
}

/* The store is left as it is: not closed, not written to.  Nothing acknowledged is lost, because an
 * acknowledgement followed a flush that worked. */
static void end_failed(struct serve *s, const char *folder)
{
	const struct err *why = running_failure(s->running);
	str words = arena_printf(
		s->a,
		"naubat: the store could not be written to disk, so the node has stopped and acknowledges "
		"nothing more. What it acknowledged before is safe; whoever got no answer sends again.\n"
		"naubat: the store said: %s\n"
		"naubat: what to do: look at the disk (dmesg; smartctl -a; df), replace or free it, copy the "
		"folder %s to a good one if in doubt, then start again; \"Disks that fail\" in "
		"docs/operator.md\n",
		why->text, folder);
	(void)alarm(LAST_WORDS_S); /* on such a disk anything may hang */
	reserve_speak(folder, words);
	log_event(LOG_ERROR, "store.failed", LOG_TEXT("error", str_from(why->text)));
	(void)fwrite(words.ptr, 1, (size_t)words.len, stderr);
	(void)fflush(stderr);
	running_abandon(s->running);
	_exit(EXIT_DISK);
}

static int run(const char *folder, const char *db)
{
	struct arena a;
	struct err err = { 0 };
	struct serve s = { .a = &a };
	arena_init(&a, 64 << 20, 128 << 20);
	bool ok = open_all(&s, folder, db, &err);
	if (ok) {
		notify_manager("READY=1");
		running_wait();
		if (running_failure(s.running)) {
			notify_manager("STATUS=the store's disk failed");
			end_failed(&s, folder);
		}
		notify_manager("STOPPING=1");
	}
	close_all(&s);
	if (!ok)
		(void)fprintf(stderr, "naubat: %s\n", err.text);
	else
		log_event(LOG_INFO, "node.stopped", LOG_TEXT("why", S("signal")));
	arena_done(&a);
	return ok ? 0 : 1;
}

int serve_command(int argc, char **argv)
{
	const char *folder = NULL, *db = NULL;
	for (int i = 1; i < argc; i++) {
		str word = str_from(argv[i]);
		if (str_eq(word, S("--help")))
			return usage(stdout);
		if (str_eq(word, S("--db")) && i + 1 < argc)
			db = argv[++i];
		else if (!str_starts(word, S("-")) && folder == NULL)
			folder = argv[i];
		else
			return usage(stderr);
	}
	(void)umask(0077);
	running_block_signals();
	net_init();
	mail_init();
	return run(folder ? folder : CONF_FOLDER_DEFAULT, db);
}
