#include "cases/evidence.h"

#include "cases/intake.h"
#include "format/json.h"

bool evidence_keep(struct decision *d, struct uuid report, str team, enum tlp tlp,
		   const struct intake_file *files, ptrdiff_t count, struct err *err)
{
	struct json *p = json_object(d->arena), *list = json_array(d->arena);
	for (ptrdiff_t i = 0; i < count; i++) {
		struct json *file = json_object(d->arena);
		struct hash256 stored;
		if (files[i].bytes.ptr == NULL)
			continue;
		if (!journal_blob_store(d->db, files[i].bytes, &stored, err))
			return false;
		ASSERT(hash256_eq(stored, files[i].hash));
		json_set_int(file, "position", i + 1);
		json_set_str(file, "hash", hash256_hex(d->arena, stored));
		json_append(list, file);
	}
	if (json_count(list) == 0)
		return true;
	json_set(p, "files", list);
	decision_add(d, draft_of("evidence.kept", report, team, tlp, p));
	return true;
}

bool evidence_taken_decide(struct decision *d, void *arg, struct err *err UNUSED)
{
	const struct evidence_taken *c = arg;
	struct json *p = json_object(d->arena);
	json_set_uuid(p, "report", c->report);
	json_set_uuid(p, "incident", c->incident);
	json_set_uuid(p, "message", c->message);
	json_set_str(p, "what", c->what);
	json_set_str(p, "sha256", hash256_hex(d->arena, c->hash));
	struct draft taken = draft_of("evidence.taken", decision_new_id(d), c->team, c->tlp, p);
	taken.audience = SCOPE_ANNEX;
	decision_add(d, taken);
	return true;
}
