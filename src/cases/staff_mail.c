#include "cases/staff_mail.h"

#include "access/identity.h"
#include "format/json.h"
#include "regime/regime.h"
#include "release/release.h"
#include "remind_sql.h"

enum { LETTERS_MAX = 400, TEXT_MAX = 64 << 10 };

typedef struct sql_remind_person_row person_row;

struct letter {
	str team, address, name, first_number;
	struct uuid account; /* nil: the team's desk */
	struct buf text;
	int lines;
};

struct staff_mail {
	struct decision *d;
	const struct world *world;
	struct letter letters[LETTERS_MAX];
	int count;
};

struct staff_mail *staff_mail_begin(struct decision *d, const struct world *w)
{
	struct staff_mail *m = NEW(d->arena, struct staff_mail, 1);
	m->d = d;
	m->world = w;
	return m;
}

static struct letter *letter_to(struct staff_mail *m, str team, struct uuid account, str address, str name)
{
	for (int i = 0; i < m->count; i++)
		if (str_eq(m->letters[i].team, team) && uuid_eq(m->letters[i].account, account))
			return &m->letters[i];
	if (m->count == LETTERS_MAX)
		return NULL;
	struct letter *l = &m->letters[m->count++];
	*l = (struct letter){ .team = team, .account = account, .address = address, .name = name };
	buf_init(&l->text, m->d->arena, TEXT_MAX);
	return l;
}

/* What the gate lets through is what is written. */
static bool write_line(struct staff_mail *m, struct letter *l, const struct staff_line *line,
		       const struct audience *to)
{
	struct arena *a = m->d->arena;
	struct json *fields = json_object(a);
	json_set_str(fields, "number", line->number);
	json_set_str(fields, "title", line->title);
	json_set_str(fields, "when", line->when);
	json_set_str(fields, "source", line->source);
	struct record r = { .kind = RECORD_REMINDER,
			    .subject = line->subject,
			    .tlp = TLP_AMBER_STRICT,
			    .coordinator = line->team,
			    .teams = &line->team,
			    .team_count = 1,
			    .fields = fields };
	const struct released *x;
	struct err why;
	if (l == NULL || !release_check(a, &r, to, &x, &why))
		return false;
	const struct json *f = released_fields(x);
	if (l->lines++ == 0)
		l->first_number = json_get_str(f, "number");
	if (l->lines > STAFF_LINES_SHOWN)
		return true;
	buf_printf(&l->text, "\n" STR_FMT "  " STR_FMT "\n    " STR_FMT "\n",
		   STR_ARG(json_get_str(f, "number")), STR_ARG(json_get_str(f, "title")),
		   STR_ARG(json_get_str(f, "when")));
	if (json_get_str(f, "source").len)
		buf_printf(&l->text, "    " STR_FMT "\n", STR_ARG(json_get_str(f, "source")));
	return true;
}

static bool tell_person(struct staff_mail *m, const struct staff_line *line, const person_row *p)
{
	struct json *body = NULL;
	struct err ignored;
	struct identity who = { .account = p->id,
				.login = p->login,
				.team = p->team,
				.roles = (unsigned)p->roles,
				.scopes = ~0u };
	struct audience to = { .kind = AUDIENCE_PERSON, .person = &who };
	if (!p->active || p->body.len == 0 ||
	    !json_parse(m->d->arena, p->body, (struct json_limits){ 0 }, &body, &ignored))
		return false;
	str address = json_get_str(body, "mail");
	if (address.len == 0 || !str_eq(p->team, line->team))
		return false;
	return write_line(m, letter_to(m, line->team, p->id, address, json_get_str(body, "name")), line, &to);
}

static bool tell_owner(struct staff_mail *m, const struct staff_line *line, bool *out_told, struct err *err)
{
	person_row p;
	bool found = false;
	if (!uuid_is_nil(line->owner) &&
	    !sql_remind_person(m->d->db, m->d->arena, &(struct sql_remind_person){ .id = line->owner }, &p,
			       &found, err))
		return false;
	*out_told = found && tell_person(m, line, &p);
	return true;
}

static bool tell_desk(struct staff_mail *m, const struct staff_line *line)
{
	struct audience to = { .kind = AUDIENCE_DESK, .name = line->team };
	str address = world_desk(m->world, line->team);
	return address.len && write_line(m,
					 letter_to(m, line->team, (struct uuid){ { 0 } }, address,
						   S("Duty desk")),
					 line, &to);
}

static bool tell_leads(struct staff_mail *m, const struct staff_line *line, bool *out_told, struct err *err)
{
	struct sql_remind_people_row *rows;
	ptrdiff_t count;
	person_row p;
	_Static_assert(sizeof(p) == sizeof(*rows), "the statements select the same columns");
	*out_told = false;
	if (!sql_remind_people(m->d->db, m->d->arena, &(struct sql_remind_people){ .team = line->team },
			       &rows, &count, err))
		return false;
	for (ptrdiff_t i = 0; i < count; i++) {
		memcpy(&p, &rows[i], sizeof(p));
		if ((p.roles & ROLE_LEAD) && !uuid_eq(p.id, line->owner))
			*out_told |= tell_person(m, line, &p);
	}
	return true;
}

bool staff_mail_add(struct staff_mail *m, const struct staff_line *line, unsigned *out_told, struct err *err)
{
	bool owner = false, leads = false, desk = false;
	if (!line->desk && !tell_owner(m, line, &owner, err))
		return false;
	if (!owner)
		desk = tell_desk(m, line);
	if ((line->leads || (!owner && !desk)) && !tell_leads(m, line, &leads, err))
		return false;
	*out_told = (owner ? STAFF_OWNER : 0) | (desk ? STAFF_DESK : 0) | (leads ? STAFF_LEADS : 0);
	return true;
}

static void queue(struct staff_mail *m, struct letter *l, str subject, const char *advice)
{
	struct arena *a = m->d->arena;
	struct json *p = json_object(a), *words = json_object(a);
	if (l->lines > STAFF_LINES_SHOWN)
		buf_printf(&l->text, "\nAnd %d more: the console shows all.\n", l->lines - STAFF_LINES_SHOWN);
	buf_printf(&l->text, "\n%s\n", advice);
	json_set(p, "incident", NULL);
	json_set(p, "report", NULL);
	json_set(p, "party", NULL);
	json_set_str(p, "team", l->team);
	json_set_int(p, "tlp", TLP_AMBER_STRICT);
	json_set_bool(p, "automatic", true);
	json_set_bool(p, "staff", true);
	json_set_str(p, "delivery", S("queued"));
	json_set_str(words, "number", l->lines == 1 ? l->first_number : S(""));
	json_set_str(words, "subject", subject);
	json_set_str(words, "text", str_trim(buf_str(&l->text)));
	json_set_str(words, "to", l->address);
	json_set_str(words, "to_name", l->name);
	json_set_str(words, "reply", S(""));
	json_set_uuid(words, "account", l->account);
	struct draft mail =
		draft_of("message.queued", decision_new_id(m->d), l->team, TLP_AMBER_STRICT, p);
	mail.audience = SCOPE_ANNEX;
	mail.content = words;
	decision_add(m->d, mail);
}

void staff_mail_end(struct staff_mail *m, const char *subject, const char *subjects, const char *advice)
{
	for (int i = 0; i < m->count; i++) {
		struct letter *l = &m->letters[i];
		if (l->lines == 0)
			continue;
		queue(m, l,
		      l->lines == 1 ? str_from(subject)
				    : arena_printf(m->d->arena, "%d %s", l->lines, subjects),
		      advice);
	}
}

struct json *staff_told_json(struct arena *a, unsigned told)
{
	static const char *const words[] = { "owner", "desk", "lead" };
	struct json *list = json_array(a);
	for (int i = 0; i < COUNTOF(words); i++)
		if (told >> i & 1)
			json_append_str(list, str_from(words[i]));
	return list;
}

str staff_time(struct arena *a, const struct world *w, struct instant t)
{
	int offset = (int)w->regime->offset_minutes, away = offset < 0 ? -offset : offset;
	struct civil c = instant_civil(t, offset);
	return arena_printf(a, "%04d-%02d-%02d %02d:%02d (UTC%c%02d:%02d)", c.year, c.month, c.day, c.hour,
			    c.minute, offset < 0 ? '-' : '+', away / 60, away % 60);
}

str staff_span(struct arena *a, int64_t us)
{
	int64_t minutes = us / MINUTES(1), hours = minutes / 60, days = hours / 24;
	if (days >= 2)
		return arena_printf(a, "%lld days", (long long)days);
	if (hours >= 1)
		return arena_printf(a, "%lld h %lld min", (long long)hours, (long long)(minutes % 60));
	return arena_printf(a, "%lld min", (long long)minutes);
}
