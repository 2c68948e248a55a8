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

/* For the pages that the server writes itself (html.h): the console's colours, none of its files. */
static const char PAGE_STYLE[] =
	":root{color-scheme:light dark;--ground:#f2f3ef;--panel:#fff;--line:#d8dbd3;"
	"--strong:#7e857f;--ink:#141b26;--quiet:#4b5563;--lapis:#1f4ba5;--press:#1f4ba5;"
	"--bad:#ab1f24;--bad-wash:#fbe9e7;--wash:#e6edfa}\n"
	"@media (prefers-color-scheme:dark){:root{--ground:#0c1119;--panel:#131a24;"
	"--line:#263140;--strong:#64748a;--ink:#e8ecf2;--quiet:#a7b3c2;--lapis:#8fb4ff;"
	"--press:#3463c4;--bad:#ff938d;--bad-wash:#34171a;--wash:#172541}}\n"
	"*{box-sizing:border-box}\n"
	"body{font:16px/1.5 'IBM Plex Sans','Noto Sans',system-ui,sans-serif;margin:0;"
	"background:var(--ground);color:var(--ink);overflow-wrap:break-word}\n"
	"header{background:#101a33;border-bottom:1px solid #2a3a66;padding:.75rem 1.25rem}\n"
	"header a{color:#e8ecf6;font-weight:600;font-size:1.0625rem;text-decoration:none}\n"
	"header img{width:1.75rem;height:1.75rem;vertical-align:middle;margin-inline-end:.625rem}\n"
	".demonstration{background:#e8b449;color:#1c1503;margin:0;padding:.25rem 1rem;"
	"text-align:center;font-size:.8125rem}\n"
	"main{max-width:44rem;margin:0 auto;padding:1.75rem 1rem 4rem}\n"
	"h1{font-size:1.625rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 1rem}\n"
	"a{color:var(--lapis);text-underline-offset:.18em}\n"
	"form,article,.panel{background:var(--panel);border:1px solid var(--line);"
	"border-radius:6px;padding:.25rem 1.25rem 1.25rem;margin:0 0 1.25rem}\n"
	"article{padding:.75rem 1.25rem;white-space:pre-wrap;border-inline-start:4px solid "
	"var(--strong)}\n"
	"article.ours{border-inline-start-color:var(--lapis);background:var(--wash)}\n"
	"article p{margin:.25rem 0}\n"
	"label{display:block;font-weight:600;margin:1rem 0 .25rem}\n"
	"label.tick{font-weight:400;display:flex;gap:.625rem;align-items:flex-start}\n"
	"input,textarea{font:inherit;width:100%;padding:.5rem .625rem;color:var(--ink);"
	"background:var(--panel);border:1px solid var(--strong);border-radius:6px}\n"
	"input[type=checkbox]{width:1.125rem;height:1.125rem;flex:none;margin:.1875rem 0}\n"
	"textarea{display:block;resize:vertical}\n"
	"button{font:inherit;font-weight:600;margin-top:1.25rem;min-height:2.75rem;padding:.5rem "
	"1.25rem;border:0;border-radius:6px;background:var(--press);color:#fff;cursor:pointer}\n"
	":focus-visible{outline:2px solid var(--lapis);outline-offset:2px}\n"
	"header :focus-visible{outline-color:#8fb4ff}\n"
	"code,pre,.number{font-family:'IBM Plex Mono',ui-monospace,monospace;"
	"overflow-wrap:anywhere}\n"
	".number{font-size:1.375rem;margin:.25rem 0 1rem;letter-spacing:.02em}\n"
	"pre{padding:1rem;border:1px solid var(--line);border-radius:6px;white-space:pre-wrap}\n"
	".mark{background:#e8b449;color:#1c1503;padding:.25rem .75rem;font-weight:600}\n"
	".error{border:1px solid var(--bad);background:var(--bad-wash);border-radius:6px;"
	"padding:.625rem 1rem}\n"
	".note,time,.hint{color:var(--quiet);font-size:.875rem;font-weight:400}\n";

static const struct asset BUILT_IN[] = {
	{ "/page.css", "text/css; charset=utf-8", "page-2", { PAGE_STYLE, sizeof(PAGE_STYLE) - 1 }, { 0 } },
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
	html_page_start(&page, S("This node has no console"));
	buf_add(&page, S("<p>It was built without one; the API works. To add it, build the console and "
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
