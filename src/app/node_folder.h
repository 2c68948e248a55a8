/* node_folder.h - a node's folder, read back: what `naubat init` made, as the running node needs it.
 *
 * I1. The regimes are the bytes that the journal says were adopted, from the store itself (app/adopt.h).
 * I2. A store of a demonstration is refused, whatever the folder says.
 */
#pragma once
#include "app/conf.h"
#include "cases/world.h"
#include "crypto/sign.h"
#include "net/tls.h"

struct node_folder {
	const char *folder;
	struct conf conf;
	char *store;
	struct tls_pair tls;
	struct sign_key *key;
	struct world world;
	bool held; /* restored from a backup and not released: nothing may leave */
};

/* `db` NULL: as node.conf says.  Everything lives in the arena. */
MUST_CHECK bool node_folder_load(struct arena *a, const char *folder, const char *db, struct node_folder *out,
				 struct err *err);
