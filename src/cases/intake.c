#include "cases/intake.h"

#include "base/text.h"
#include "cases/evidence.h"
#include "cases_sql.h"
#include "directory/owner.h"
#include "duties/duties.h"
#include "format/json.h"
#include "model/taxonomy.h"
#include "model/text_safety.h"
#include "regime/regime.h"

enum { TITLE_HEAD = 120 }; /* bytes of a first line that stands for a title */

static bool check_lengths(const struct intake *in, struct err *err)
{
	if (str_trim(in->text).len == 0 && in->raw.len == 0)
		return err_set(err, ERR_INPUT, "text: say what happened; an empty report cannot be handled");
	if (in->text.len > INTAKE_TEXT_MAX)
		return err_set(err, ERR_LIMIT,
			       "text: %td bytes; at most %d are taken, put the rest into a file",
			       in->text.len, (int)INTAKE_TEXT_MAX);
	if (in->title.len > INTAKE_TITLE_MAX)
		return err_set(err, ERR_LIMIT, "title: at most %d bytes", (int)INTAKE_TITLE_MAX);
	if (in->reporter_name.len > INTAKE_NAME_MAX || in->reporter_contact.len > INTAKE_NAME_MAX)
		return err_set(err, ERR_LIMIT, "reporter: name and contact take at most %d bytes each",
			       (int)INTAKE_NAME_MAX);
	return true;
}

/* The first line, for a report that has no title of its own. */
static str first_line(struct arena *a, str text)
{
	str line = str_trim(str_cut(str_trim(text), '\n').head), head = text_safety_line(a, line, TITLE_HEAD);
	if (line.len <= TITLE_HEAD)
		return head;
	ptrdiff_t end = head.len; /* at a blank, if there is one near the end */
	while (end > TITLE_HEAD * 3 / 4 && head.ptr[end - 1] != ' ')
		end--;
	str whole = end > TITLE_HEAD * 3 / 4 ? str_trim(str_sub(head, 0, end)) : head;
	return arena_printf(a, STR_FMT "\xE2\x80\xA6", STR_ARG(whole));
}

static struct json *observables_json(struct arena *a, const struct observables *o)
{
	struct json *list = json_array(a);
	for (ptrdiff_t i = 0; i < o->count; i++) {
		struct json *x = json_object(a);
		json_set_str(x, "type", observable_type_name(o->items[i].type));
		json_set_str(x, "value", o->items[i].value);
		if (o->items[i].derived)
			json_set_bool(x, "derived", true);
		json_append(list, x);
	}
	return list;
}

static struct json *content(struct arena *a, const struct intake *in)
{
	struct json *j = json_object(a), *files = json_array(a);
	json_set_str(j, "title", in->title);
	json_set_str(j, "text", in->text);
	if (in->reporter_name.len)
		json_set_str(j, "reporter_name", in->reporter_name);
	if (in->reporter_contact.len)
		json_set_str(j, "reporter_contact", in->reporter_contact);
	json_set_bool(j, "verified", in->verified && !in->anonymous);
	json_set(j, "observables", observables_json(a, &in->observables));
	for (ptrdiff_t i = 0; i < in->file_count; i++) {
		struct json *f = json_object(a);
		json_set_str(f, "name", in->files[i].name);
		json_set_str(f, "type", in->files[i].type);
		json_set_int(f, "size", in->files[i].size);
		json_set_str(f, "sha256", text_hex(a, (str){ (const char *)in->files[i].hash.b, 32 }));
		json_append(files, f);
	}
	json_set(j, "files", files);
	return j;
}

bool intake_prepare(struct intake *in, struct arena *a, struct err *err)
{
	if (!check_lengths(in, err))
		return false;
	in->arena = a;
	in->text = text_safety_block(a, in->text, INTAKE_TEXT_MAX);
	in->title =
		in->title.len ? text_safety_line(a, in->title, INTAKE_TITLE_MAX) : first_line(a, in->text);
	in->reporter_name =
		in->anonymous ? (str){ 0 } : text_safety_line(a, in->reporter_name, INTAKE_NAME_MAX);
	in->reporter_contact =
		in->anonymous ? (str){ 0 } : text_safety_line(a, in->reporter_contact, INTAKE_NAME_MAX);
	str all = arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(in->title), STR_ARG(in->text));
	in->observables = observable_extract(a, all, INTAKE_OBSERVABLES_MAX);
	if (in->tlp == TLP_UNMARKED)
		in->tlp = marking_detect(in->title).tlp;
	if (in->tlp == TLP_UNMARKED)
		in->tlp = marking_detect(in->text).tlp;
	in->presumed = in->tlp == TLP_UNMARKED;
	if (in->presumed && !tlp_parse(in->world->regime->marking.tlp_default, &in->tlp, err))
		return false;
	const struct taxonomy_class *class = taxonomy_guess(a, all).class;
	in->class = class ? str_from(class->id) : S("other:undetermined");
	return json_canonical(a, content(a, in), &in->words, err);
}

static struct json *teams(struct arena *a, str coordinator)
{
	struct json *list = json_array(a), *team = json_object(a);
	json_set_str(team, "team", coordinator);
	json_set_bool(team, "coordinator", true);
	json_append(list, team);
	return list;
}

bool intake_look(struct intake *in, struct db *db, struct rng *rng, struct instant now, struct err *err)
{
	struct number_source from = { db, in->arena, rng, now };
	in->looked = owner_find_first(db, in->arena, in->world->regime, &in->observables, &in->owner, err) &&
		     world_free_number(in->world, &from, &in->number, err);
	return in->looked;
}

/* What was looked up beforehand serves once: a second time the number may be what was refused. */
static bool know(struct decision *d, struct intake *in, struct err *err)
{
	bool known = in->looked && !in->decided;
	in->decided = true;
	return known || intake_look(in, d->db, d->rng, d->now, err);
}

static bool payload(struct decision *d, struct intake *in, struct json **out, struct err *err)
{
	const struct world *w = in->world;
	struct json *p = json_object(d->arena), *clocks;
	struct instant due;
	if (!know(d, in, err) || !duties_of_report(d, w->regime, w->team, d->now, &clocks, &due, err))
		return false;
	struct hash256 claim = world_claim_hash(world_claim_code(w, d->arena, in->id));
	json_set_str(p, "number", in->number);
	json_set_instant(p, "received", d->now);
	json_set_str(p, "channel", in->channel);
	json_set_str(p, "team", w->team);
	json_set_str(p, "state", S("new"));
	json_set_bool(p, "anonymous", in->anonymous);
	json_set_str(p, "claim", text_hex(d->arena, (str){ (const char *)claim.b, 32 }));
	in->reply = arena_dup(in->arena, world_new_token(d));
	json_set_str(p, "reply", in->reply);
	json_set_int(p, "tlp", in->tlp);
	json_set_bool(p, "presumed", in->presumed);
	json_set_uuid(p, "organisation", in->owner.organisation);
	if (!uuid_is_nil(in->organisation) && !in->anonymous)
		json_set_uuid(p, "reporter", in->organisation);
	json_set_str(p, "class", in->class);
	json_set_str(p, "sector", in->owner.sector);
	json_set_bool(p, "unreadable", in->unreadable);
	json_set_instant(p, "due", due);
	json_set(p, "teams", teams(d->arena, w->team));
	json_set(p, "clocks", clocks);
	*out = p;
	return true;
}

bool intake_decide(struct decision *d, void *arg, struct err *err)
{
	struct intake *in = arg;
	struct json *p;
	struct hash256 raw;
	in->id = decision_new_id(d);
	if (!payload(d, in, &p, err))
		return false;
	if (in->raw.len) {
		if (!journal_blob_store(d->db, in->raw, &raw, err))
			return false;
		json_set_str(p, "raw", text_hex(d->arena, (str){ (const char *)raw.b, 32 }));
	}
	struct draft received = draft_of("report.received", in->id, in->world->team, in->tlp, p);
	received.words = in->words;
	decision_add(d, received);
	if (!evidence_keep(d, in->id, in->world->team, in->tlp, in->files, in->file_count, err))
		return false;
	if (!uuid_is_nil(in->holder)) {
		struct json *to = json_object(d->arena);
		json_set_uuid(to, "to", in->holder);
		decision_add(d, draft_of("report.owner_changed", in->id, in->world->team, in->tlp, to));
	}
	return true;
}

bool intake_recall(struct db *db, struct arena *a, struct uuid report, str *out_number, struct err *err)
{
	struct sql_case_report_number_row row;
	bool found = false;
	if (!sql_case_report_number(db, a, &(struct sql_case_report_number){ .id = report }, &row, &found,
				    err))
		return false;
	if (found)
		*out_number = row.number;
	return found || err_set(err, ERR_MISSING, "the report of this receipt is not there");
}
