#include "http/assets.h"

#include <dirent.h>
#include <errno.h>
#include "base/buf.h"
#include "http/console_assets.h"
#include "http/html.h"
#include "os/files.h"

enum { FILES_MAX = 2000, FILE_SIZE_MAX = 16 << 20, FOLDER_DEPTH_MAX = 5 };

struct assets {
	const struct asset *at;
	ptrdiff_t           count;
};

/* For the pages that the server writes itself (html.h): they must look decent without the console. */
static const char PAGE_STYLE[] =
	":root{color-scheme:light dark}\n"
	"body{font:16px/1.5 system-ui,sans-serif;margin:0}\n"
	"main{max-width:44rem;margin:0 auto;padding:2rem 1rem}\n"
	"h1{font-size:1.6rem;line-height:1.25}\n"
	"label{display:block;font-weight:600;margin:1rem 0 .25rem}\n"
	"input,select,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;"
	"border:1px solid #8a8f98;border-radius:4px}\n"
	"input[type=checkbox],input[type=radio]{width:auto;margin-right:.5rem}\n"
	"textarea{min-height:12rem}\n"
	"button{font:inherit;font-weight:600;margin-top:1.25rem;padding:.6rem 1.4rem;border:0;"
	"border-radius:4px;background:#0b5cad;color:#fff;cursor:pointer}\n"
	"button:focus-visible,a:focus-visible,input:focus-visible,textarea:focus-visible"
	"{outline:3px solid #f2a900;outline-offset:2px}\n"
	"code,pre{font-family:ui-monospace,monospace;font-size:1.1em}\n"
	"pre{overflow:auto;padding:1rem;border:1px solid #8a8f98;border-radius:4px;white-space:pre-wrap}\n"
	".mark{background:#f2a900;color:#111;padding:.25rem .75rem;font-weight:600}\n"
	".error{border-left:4px solid #c0262d;padding-left:1rem}\n"
	".note{color:#5b6068}\n";

static const struct asset BUILT_IN[] = {
	{ "/page.css", "text/css; charset=utf-8", "page-1", { PAGE_STYLE, sizeof(PAGE_STYLE) - 1 }, { 0 } },
};

struct assets *assets_embedded(struct arena *a)
{
	struct assets *s = NEW(a, struct assets, 1);
	*s = (struct assets){ CONSOLE_ASSETS, CONSOLE_ASSET_COUNT };
	return s;
}

/* --- reading a folder --- */

struct loading {
	struct arena *arena;
	const char   *folder;
	struct asset *at;
	ptrdiff_t     count;
};

static const char *type_of(str name)
{
	static const struct { const char *extension, *type; } types[] = {
		{ ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" }, { ".json", "application/json" },
		{ ".svg", "image/svg+xml" }, { ".png", "image/png" }, { ".ico", "image/x-icon" },
		{ ".woff2", "font/woff2" },
		{ ".txt", "text/plain; charset=utf-8" }, { ".webmanifest", "application/manifest+json" },
		{ ".map", "application/json" },
	};
	for (ptrdiff_t i = 0; i < COUNTOF(types); i++) {
		if (str_ends(name, str_from(types[i].extension)))
			return types[i].type;
	}
	return "application/octet-stream";
}

/* FNV-1a.  An ETag tells versions of our own file apart: nobody gains by forging one. */
static uint64_t fingerprint(str bytes)
{
	uint64_t h = UINT64_C(0xCBF29CE484222325);
	for (ptrdiff_t i = 0; i < bytes.len; i++)
		h = (h ^ (unsigned char)bytes.ptr[i]) * UINT64_C(0x100000001B3);
	return h;
}

static MUST_CHECK bool load_file(struct loading *l, str path, struct err *err)
{
	if (l->count == FILES_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %d files", l->folder, FILES_MAX);
	struct asset *to = &l->at[l->count];
	const char *full = arena_printf(l->arena, "%s" STR_FMT, l->folder, STR_ARG(path)).ptr;
	if (!files_read(l->arena, full, FILE_SIZE_MAX, &to->bytes, err))
		return false;
	to->path = arena_cstr(l->arena, path);
	to->type = type_of(path);
	to->etag = arena_printf(l->arena, "%016llx", (unsigned long long)fingerprint(to->bytes)).ptr;
	l->count++;
	return true;
}

static MUST_CHECK bool load_folder(struct loading *l, str path, int depth, struct err *err);

static MUST_CHECK bool load_entry(struct loading *l, str folder, const struct dirent *e, int depth,
                                  struct err *err)
{
	str path = arena_printf(l->arena, STR_FMT "/%s", STR_ARG(folder), e->d_name);
	if (e->d_name[0] == '.' || (e->d_type != DT_DIR && e->d_type != DT_REG))
		return true;
	return e->d_type == DT_DIR ? load_folder(l, path, depth + 1, err) : load_file(l, path, err);
}

static MUST_CHECK bool load_folder(struct loading *l, str path, int depth, struct err *err)
{
	const char *full = arena_printf(l->arena, "%s" STR_FMT, l->folder, STR_ARG(path)).ptr;
	if (depth > FOLDER_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "%s: folders nested deeper than %d", full, FOLDER_DEPTH_MAX);
	DIR *d = opendir(full);
	if (d == NULL)
		return err_set(err, ERR_SYSTEM, "%s: %s", full, strerror(errno));
	bool good = true;
	for (struct dirent *e; good && (e = readdir(d)) != NULL;)
		good = load_entry(l, path, e, depth, err);
	closedir(d);
	return good;
}

bool assets_load(struct arena *a, const char *folder, struct assets **out_assets, struct err *err)
{
	struct loading l = { a, folder, NEW(a, struct asset, FILES_MAX), 0 };
	if (!load_folder(&l, S(""), 0, err))
		return err_wrap(err, "reading the console's files");
	struct assets *s = NEW(a, struct assets, 1);
	*s = (struct assets){ l.at, l.count };
	*out_assets = s;
	return true;
}

/* --- answering --- */

static const struct asset *find_in(const struct asset *at, ptrdiff_t count, str path)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		if (str_eq(str_from(at[i].path), path))
			return &at[i];
	}
	return NULL;
}

const struct asset *assets_find(const struct assets *s, str path)
{
	const struct asset *found = find_in(s->at, s->count, path);
	return found ? found : find_in(BUILT_IN, COUNTOF(BUILT_IN), path);
}

static bool is_page(str path)
{
	return path.len > 0 && path.ptr[0] == '/' && str_find_char(path, '.') < 0;
}

static struct reply *explain_missing_console(struct request *rq)
{
	struct buf page;
	buf_init(&page, rq->arena, 16 << 10);
	html_page_start(&page, S("Naubat"));
	buf_add(&page, S("<h1>This node has no console</h1>\n"
	                 "<p>It was built without one; the API works. To add it, build the console and "
	                 "then the node again:</p>\n"
	                 "<pre>cd console\nnpm ci\nnpm run build\ncd ..\nmake build</pre>\n"
	                 "<p>The API describes itself: "
	                 "<a href=\"/api/openapi.json\">/api/openapi.json</a>.</p>\n"));
	html_page_end(&page);
	return reply_html(rq, 200, buf_str(&page));
}

static struct reply *refuse_missing(struct request *rq)
{
	struct err err;
	(void)err_set(&err, ERR_MISSING, "there is nothing at this address");
	return reply_error(rq, &err);
}

/* "gzip;q=0" refuses it; other weights do not matter, as there is only one other choice. */
static bool takes_gzip(const struct request *rq)
{
	str_cut_result c = { .tail = request_header(rq, "Accept-Encoding"), .ok = true };
	while (c.ok) {
		c = str_cut(c.tail, ',');
		str_cut_result item = str_cut(c.head, ';');
		if (str_eq_nocase(str_trim(item.head), S("gzip")))
			return !str_eq(str_trim(item.tail), S("q=0"));
	}
	return false;
}

static struct reply *send_asset(struct request *rq, const struct asset *found)
{
	bool packed = found->gzip.len > 0 && takes_gzip(rq);
	bool for_ever = str_starts(str_from(found->path), S("/assets/"));
	struct reply *r = reply_bytes(rq, 200, found->type, packed ? found->gzip : found->bytes);
	reply_etag(r, arena_printf(rq->arena, "%.40s%s", found->etag, packed ? "-gz" : ""));
	reply_header(r, "Cache-Control", for_ever ? S("public, max-age=31536000, immutable") : S("no-cache"));
	reply_header(r, "Vary", S("Accept-Encoding"));
	if (packed)
		reply_header(r, "Content-Encoding", S("gzip"));
	return r;
}

struct reply *assets_reply(const struct assets *s, struct request *rq)
{
	const struct asset *found = assets_find(s, rq->path);
	if (found == NULL && is_page(rq->path)) {
		found = assets_find(s, S("/index.html"));
		if (found == NULL)
			return explain_missing_console(rq);
	}
	return found ? send_asset(rq, found) : refuse_missing(rq);
}
