/* An export of any bytes is verified without harm; what holds says so with a whole report, what does not
 * names why.
 * Proofs and checkpoints are read by the same fuzzer: the first byte chooses. */
#include "journal/export.h"
#include "journal/prove.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_export(str bytes)
{
	struct export_input_str in;
	struct verify_report r;
	struct err err = { 0 };
	export_input_str(&in, bytes);
	bool ok = export_verify(&in.input, &(struct verify_options){ 0 }, &r, &err);
	ASSERT(ok && r.statement[0] != '\0' && r.ok == (r.broken_what[0] == '\0'));
}

static void fuzz_proof(str bytes)
{
	struct arena a;
	struct proof p;
	struct err err = { 0 };
	arena_init(&a, 1 << 20, 1 << 26);
	if (proof_parse(&a, bytes, &p, &err)) {
		ASSERT(str_eq(proof_format(&a, &p), bytes));
		(void)proof_holds(&p);
	} else {
		ASSERT(err.code == ERR_INPUT);
	}
	arena_done(&a);
}

static void fuzz_note(str bytes)
{
	struct checkpoint c;
	struct sign_public key = { { 9 } };
	struct err err = { 0 };
	str name;
	if (checkpoint_open(bytes, key, &c, &err))
		ASSERT(c.size >= 0);
	if (checkpoint_key_parse(bytes, &name, &key, &err))
		ASSERT(name.len == 0 || checkpoint_name_ok(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str bytes = { (const char *)data, (ptrdiff_t)size };
	if (size && data[0] == 'n')
		fuzz_export(bytes);
	else if (size && data[0] == 'c')
		fuzz_proof(bytes);
	else
		fuzz_note(bytes);
	return 0;
}
