/* assets.h - the console's built files: embedded at build time, or read from a folder at start.
 *
 * I1. Every file is in memory before the first request; no request ever names a path of the file system.
 * I2. Files under assets/ carry their hash in their name and may be kept for ever; others are asked for.
 *
 * A path without a dot that is not under /api is a page of the console: it gets index.html.
 */
#pragma once
#include "http/reply.h"

struct asset {
	const char *path;       /* "/assets/index-4f2a.js" */
	const char *type;       /* "text/javascript; charset=utf-8" */
	const char *etag;       /* changes with the bytes; without quotes */
	str         bytes;
	str         gzip;       /* the same, compressed; empty if that does not help */
};

struct assets;

struct assets *assets_embedded(struct arena *a);        /* may be empty: a page then says how to build them */
MUST_CHECK bool assets_load(struct arena *a, const char *folder, struct assets **out_assets, struct err *err);
const struct asset *assets_find(const struct assets *s, str path);     /* NULL if absent */
struct reply *assets_reply(const struct assets *s, struct request *rq); /* never NULL: 404 if there is none */
