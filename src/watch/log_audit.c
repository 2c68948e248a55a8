#include "watch/log_priv.h"

/* The audit log tells of an execve in several lines: SYSCALL has the program and who ran it, EXECVE behind
 * it the arguments.  Rules of process creation want both at once: a record of its own follows EXECVE. */

static void keep(struct log_process *s, str *into, str text)
{
	*into = (str){ 0 };
	if (text.len == 0 || text.len > (ptrdiff_t)sizeof(s->text) - s->used)
		return;
	memcpy(s->text + s->used, text.ptr, (size_t)text.len);
	*into = (str){ s->text + s->used, text.len };
	s->used += text.len;
}

static void remember(struct log_process *s, const struct pairs *p)
{
	str user = pairs_find(p, S("UID"));
	s->used = 0;
	keep(s, &s->serial, pairs_find(p, S("serial")));
	keep(s, &s->image, pairs_find(p, S("exe")));
	keep(s, &s->pid, pairs_find(p, S("pid")));
	keep(s, &s->parent, pairs_find(p, S("ppid")));
	keep(s, &s->user, user.len > 0 ? user : pairs_find(p, S("uid")));
}

/* Whether a record of a process follows what was just decoded, from `from` on: then it stands behind it. */
bool log_audit_process(struct log_work *w, ptrdiff_t from)
{
	struct pairs *p = &w->made.pairs;
	str made = { w->made.out.ptr + from, w->made.out.len - from };
	struct log_process *s = &w->process;
	str type = pairs_find(p, S("type")), serial = pairs_find(p, S("serial"));
	if (serial.len == 0 || !str_starts(made, S("{\"@format\":\"auditd\"")))
		return false;
	if (str_eq(type, S("SYSCALL")))
		remember(s, p);
	if (!str_eq(type, S("EXECVE")))
		return false;
	bool same = str_eq(s->serial, serial);
	struct json_out *o = &w->made.out;
	const struct { str key, text; } members[] = {
		{ S("@format"), S("auditd-process") }, { S("timestamp"), pairs_find(p, S("timestamp")) },
		{ S("serial"), serial }, { S("node"), pairs_find(p, S("node")) },
		{ S("Image"), same && s->image.len > 0 ? s->image : pairs_find(p, S("a0")) },
		{ S("CommandLine"), pairs_find(p, S("cmdline")) }, { S("ProcessId"), same ? s->pid : S("") },
		{ S("ParentProcessId"), same ? s->parent : S("") }, { S("User"), same ? s->user : S("") },
	};
	json_out_raw(o, S("{"));
	for (ptrdiff_t i = 0; i < COUNTOF(members); i++) {
		if (members[i].text.len == 0)
			continue;
		json_out_key(o, members[i].key);
		json_out_text(o, members[i].text);
	}
	json_out_end(o);
	return true;
}
