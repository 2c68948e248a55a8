#include "http/public_routes.h"

#include "cases/intake.h"
#include "cases/message.h"
#include "format/json.h"
#include "http/desk.h"
#include "http/html.h"
#include "model/text_safety.h"
#include "model/number.h"
#include "query/claim.h"
#include "query/reads.h"

enum { PAGE_MAX_BYTES = 2 << 20, CODE_TEXT_MAX = 64 };
enum { FILES_MOST = 10, FILES_BYTES_MOST = 25 << 20, FORM_BYTES_MOST = FILES_BYTES_MOST + (1 << 20) };
enum { FILE_NAME_MOST = 120, FILE_TYPE_MOST = 80 };

static void page_begin(struct request *rq, struct buf *page, const char *title)
{
	buf_init(page, rq->arena, PAGE_MAX_BYTES);
	html_page_start(page, str_from(title));
	if (rq->node->demonstration)
		buf_add(page, S("<p class=\"demonstration\"><strong>Demonstration.</strong> Invented names, "
				"nothing leaves this "
				"machine.</p>"));
}

static struct reply *page_done(struct request *rq, struct buf *page, int status)
{
	html_page_end(page);
	return reply_html(rq, status, buf_str(page));
}

static void form(struct buf *page, str text, str name, str contact)
{
	buf_add(page,
		S("<form method=\"post\" action=\"/report\" enctype=\"multipart/form-data\">"
		  "<p><label for=\"text\">What happened? <span class=\"hint\">Paste addresses, links and "
		  "mail as they are; nobody here will open "
		  "them.</span></label><textarea id=\"text\" name=\"text\" rows=\"10\" cols=\"70\" "
		  "required maxlength=\"200000\">"));
	html_text(page, text);
	buf_add(page, S("</textarea></p><p><label for=\"name\">Your name (optional)</label><input "
			"id=\"name\" name=\"name\""
			" maxlength=\"200\""));
	html_attr(page, "value", name);
	buf_add(page, S("></p><p><label for=\"contact\">Mail address or telephone "
			"(optional)</label><input id=\"contact\" "
			"name=\"contact\" maxlength=\"200\""));
	html_attr(page, "value", contact);
	buf_add(page,
		S("></p><p><label for=\"files\">Files (optional) <span class=\"hint\">Up to 10, together "
		  "25 MB: mails, screens, logs. They are kept exactly as they are and may hold your name "
		  "themselves.</span></label><input id=\"files\" name=\"files\" type=\"file\" multiple"));
	buf_add(page, S("></p><p><label class=\"tick\"><input type=\"checkbox\" name=\"anonymous\" "
			"value=\"yes\"><span>Report "
			"anonymously: your "
			"name, contact and network address are not kept</span></label></p><p class=\"note\">"
			"You get a number and a "
			"claim code at once. With "
			"the code you can come back, read our answers and add to your report. A mail to us "
			"is not anonymous: its "
			"sender and route stand in it.</p><p><button type=\"submit\">Send "
			"report</button></p></form>"
			"<p><a href=\"/report/status\">I have a claim code</a></p>"));
}

static struct reply *report_form(struct request *rq)
{
	struct buf page;
	page_begin(rq, &page, "Report something");
	form(&page, S(""), S(""), S(""));
	return page_done(rq, &page, 200);
}

static struct reply *form_again(struct request *rq, const struct err *err)
{
	struct buf page;
	page_begin(rq, &page, "Report something");
	html_fill(&page, "<p role=\"alert\" class=\"error\">Nothing was sent yet: {}</p>",
		  str_from(err->text));
	form(&page, request_form(rq, "text"), request_form(rq, "name"), request_form(rq, "contact"));
	return page_done(rq, &page, 400);
}

static struct reply *receipt(struct request *rq, struct command *c)
{
	struct buf page;
	struct err err = { 0 };
	str number;
	if (!c->ok && (c->err.code == ERR_INPUT || c->err.code == ERR_LIMIT))
		return form_again(rq, &c->err);
	if (!c->ok)
		return reply_error(rq, &c->err);
	if (!desk_number(rq, c, &number, &err))
		return reply_error(rq, &err);
	str code = world_claim_code(rq->node->world, rq->arena, c->receipt.subject);
	page_begin(rq, &page, "Thank you: your report has arrived");
	html_fill(&page,
		  "<div class=\"panel\"><p>Your number:</p><p class=\"number\"><strong>{}</strong></p>",
		  number);
	html_fill(&page, "<p>Your claim code:</p><p class=\"number\"><strong>{}</strong></p>",
		  claim_code_format(rq->arena, code));
	html_fill(
		&page,
		"<p>Write both down. The code is not kept here in a readable form and cannot be sent again. "
		"The report stands in the journal since {} with the hash</p><p><code>{}</code></p>",
		instant_format_seconds(rq->arena, c->receipt.at), hash256_hex(rq->arena, c->receipt.hash));
	buf_add(&page, S("</div><p><a href=\"/report/status\">Come back with the code</a></p>"));
	return page_done(rq, &page, 201);
}

/* The last component of the path that some browsers send, made harmless to show. */
static str file_name(struct arena *a, str name)
{
	for (ptrdiff_t i = name.len; i > 0; i--)
		if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\')
			name = str_sub(name, i, name.len);
	str safe = text_safety_line(a, name, FILE_NAME_MOST);
	return safe.len ? safe : S("file");
}

static bool read_files(struct request *rq, struct intake *in, struct err *err)
{
	struct intake_file *files = NEW(rq->arena, struct intake_file, FILES_MOST);
	str name, type, bytes;
	int64_t total = 0;
	ptrdiff_t n = 0;
	for (; request_file(rq, n, &name, &type, &bytes); n++) {
		total += bytes.len;
		if (n == FILES_MOST || total > FILES_BYTES_MOST)
			return err_set(err, ERR_LIMIT,
				       "at most %d files of together %d MB are taken: choose the most "
				       "telling ones and say that there are more",
				       FILES_MOST, FILES_BYTES_MOST >> 20);
		files[n] = (struct intake_file){ .name = file_name(rq->arena, name),
						 .type = text_safety_line(rq->arena, type, FILE_TYPE_MOST),
						 .size = bytes.len,
						 .hash = hash256_of(bytes),
						 .bytes = bytes.ptr ? bytes : S("") };
	}
	in->files = files;
	in->file_count = n;
	return true;
}

static struct reply *report_send(struct request *rq)
{
	struct intake *in = NEW(rq->arena, struct intake, 1);
	struct err err = { 0 };
	*in = (struct intake){ .world = rq->node->world,
			       .channel = S("web"),
			       .text = request_form(rq, "text"),
			       .reporter_name = request_form(rq, "name"),
			       .reporter_contact = request_form(rq, "contact"),
			       .anonymous = str_eq(request_form(rq, "anonymous"), S("yes")) };
	if (!read_files(rq, in, &err) || !intake_prepare(in, rq->arena, &err))
		return form_again(rq, &err);
	return desk_intake(rq, "report.web", in, receipt);
}

static void code_form(struct buf *page, const char *complaint)
{
	if (complaint)
		html_fill(page, "<p role=\"alert\" class=\"error\">{}</p>", str_from(complaint));
	buf_add(page, S("<form method=\"post\" action=\"/report/status\"><p><label for=\"code\">Claim "
			"code</label>"
			"<input id=\"code\" name=\"code\" required maxlength=\"64\" autocomplete=\"off\" "
			"spellcheck=\"false\"></p>"
			"<p><button type=\"submit\">Look</button></p></form>"));
}

static struct reply *status_form(struct request *rq)
{
	struct buf page;
	page_begin(rq, &page, "Your report");
	code_form(&page, NULL);
	return page_done(rq, &page, 200);
}

static struct reply *wrong_code(struct request *rq)
{
	struct buf page;
	page_begin(rq, &page, "Your report");
	code_form(&page, "No report has this code. Check each letter; capitals and hyphens do not matter.");
	return page_done(rq, &page, 404);
}

static const char *state_words(str state)
{
	return str_eq(state, S("new"))        ? "received, waiting for a person"
	       : str_eq(state, S("attached")) ? "being handled as an incident"
	       : str_eq(state, S("rejected")) ? "looked at and not taken further"
					      : "received";
}

/* "2026-11-28 15:00 UTC": a reporter reads no microseconds. */
static str minute(struct request *rq, const struct json *j, const char *name)
{
	str s = instant_format_seconds(rq->arena, json_get_instant(j, name));
	return arena_printf(rq->arena, STR_FMT " " STR_FMT " UTC", STR_ARG(str_sub(s, 0, 10)),
			    STR_ARG(str_sub(s, 11, 16)));
}

static void thread(struct request *rq, struct buf *page, const struct json *messages)
{
	for (ptrdiff_t i = 0; i < json_count(messages); i++) {
		const struct json *m = json_at(messages, i);
		bool ours = str_eq(json_get_str(m, "direction"), S("out"));
		html_fill(
			page,
			"<article class=\"{}\"><p><strong>{}</strong> <time>{}</time></p><p>{}</p></article>",
			ours ? S("ours") : S("theirs"), ours ? S("The CERT") : S("You"),
			minute(rq, m, "at"), json_get_str(m, "text"));
	}
}

/* Names only: what was sent is not handed out here, to whoever else may have the code. */
static void sent_files(struct buf *page, const struct json *files)
{
	if (json_count(files) == 0)
		return;
	buf_add(page, S("<p>Files you sent:</p><ul>"));
	for (ptrdiff_t i = 0; i < json_count(files); i++)
		html_fill(page, "<li>{}</li>", json_get_str(json_at(files, i), "name"));
	buf_add(page, S("</ul>"));
}

static struct reply *status_page(struct request *rq, const struct released *r, str code)
{
	struct buf page;
	const struct json *j = released_fields(r);
	page_begin(rq, &page, "Your report");
	html_fill(&page, "<p>Report <strong>{}</strong>, received {}: {}.</p>", json_get_str(j, "number"),
		  minute(rq, j, "received_at"), str_from(state_words(json_get_str(j, "state"))));
	html_fill(&page, "<p>{}</p>", json_get_str(j, "title"));
	sent_files(&page, json_get(j, "files"));
	if (json_count(json_get(j, "messages")) == 0)
		buf_add(&page, S("<p>Nobody has written to you yet.</p>"));
	thread(rq, &page, json_get(j, "messages"));
	buf_add(&page,
		S("<form method=\"post\" action=\"/report/add\"><input type=\"hidden\" name=\"code\""));
	html_attr(&page, "value", code);
	buf_add(&page,
		S("><p><label for=\"text\">Add something</label><textarea id=\"text\" name=\"text\" "
		  "rows=\"6\" "
		  "cols=\"70\" required></textarea></p><p><button type=\"submit\">Send</button></p></form>"));
	return page_done(rq, &page, 200);
}

/* Looks a code up; *out_view.found says whether it is one. */
static bool look(struct request *rq, str *out_code, struct claim_view *out_view, struct err *err)
{
	str text = str_sub(request_form(rq, "code"), 0, CODE_TEXT_MAX);
	struct err malformed;
	*out_view = (struct claim_view){ 0 };
	if (!claim_code_parse(rq->arena, text, out_code, &malformed))
		return true;
	struct db *db = reads_take(rq->node->reads);
	bool ok = claim_look(db, rq->arena, *out_code, out_view, err);
	reads_give(rq->node->reads, db);
	return ok;
}

static struct reply *status_look(struct request *rq)
{
	struct claim_view v;
	struct err err = { 0 };
	str code;
	if (!look(rq, &code, &v, &err))
		return reply_error(rq, &err);
	return v.found ? status_page(rq, v.page, code) : wrong_code(rq);
}

static struct reply *added(struct request *rq, struct command *c)
{
	return c->ok ? status_look(rq) : reply_error(rq, &c->err);
}

static struct reply *status_add(struct request *rq)
{
	struct message_in *m = NEW(rq->arena, struct message_in, 1);
	struct claim_view v;
	struct err err = { 0 };
	str code;
	if (!look(rq, &code, &v, &err))
		return reply_error(rq, &err);
	if (!v.found)
		return wrong_code(rq);
	*m = (struct message_in){ .world = rq->node->world,
				  .number = json_get_str(released_fields(v.page), "number"),
				  .from = S("the reporter, with the claim code"),
				  .text = request_form(rq, "text"),
				  .verified = true,
				  .claimed = true };
	if (str_trim(m->text).len == 0)
		return status_look(rq);
	return desk_submit(rq, "report.add", message_in_decide, m, added);
}

const struct route public_routes[] = {
	{ "GET", "/report", PERM_PUBLIC, report_form, "The public form", NULL, NULL, 0, NULL, true },
	{ "POST", "/report", PERM_PUBLIC, report_send, "Send a report", NULL, NULL, FORM_BYTES_MOST, NULL,
	  true },
	{ "GET", "/report/status", PERM_PUBLIC, status_form, "Ask for a claim code", NULL, NULL, 0, NULL,
	  true },
	{ "POST", "/report/status", PERM_PUBLIC, status_look, "Read answers", NULL, NULL, 4096, NULL, true },
	{ "POST", "/report/add", PERM_PUBLIC, status_add, "Add to a report", NULL, NULL, 256 << 10, NULL,
	  true },
};
const ptrdiff_t public_routes_count = COUNTOF(public_routes);
