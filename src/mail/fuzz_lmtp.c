/* A session fed at once and the same fed byte by byte must say and deliver the same (lmtp.h, I5). */
#include "mail/lmtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool accept_some(void *ctx UNUSED, str recipient)
{
	return !str_starts(recipient, S("no"));
}

static void deliver(void *ctx, const struct lmtp_mail *mail, enum lmtp_verdict *verdicts)
{
	struct buf *b = ctx;
	ASSERT(mail->recipient_count > 0 && mail->recipient_count <= LMTP_RECIPIENTS_MAX);
	buf_add(b, mail->sender);
	for (ptrdiff_t i = 0; i < mail->recipient_count; i++) {
		ASSERT(mail->recipients[i].len > 0 && str_find_char(mail->recipients[i], '\n') < 0);
		buf_add_char(b, ' ');
		buf_add(b, mail->recipients[i]);
		verdicts[i] = (enum lmtp_verdict)((mail->recipients[i].len + i) % 4);
	}
	buf_add(b, mail->bytes);
}

static void run(struct arena *a, str input, ptrdiff_t step, struct buf *out, struct buf *deliveries)
{
	buf_init(out, a, 4 << 20);
	buf_init(deliveries, a, 4 << 20);
	struct lmtp_options options = {
		.host = S("node.example"), .size_max = 2000, .ctx = deliveries, .accept = accept_some,
			.deliver = deliver,
	};
	struct lmtp_session *s = lmtp_session_new(&options, out);
	bool open = true;
	for (ptrdiff_t i = 0; i < input.len && open; i += step)
		open = lmtp_session_feed(s, str_sub(input, i, i + step), out);
	lmtp_session_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct buf out[2], deliveries[2];
	str input = { (const char *)data, (ptrdiff_t)size };
	arena_init(&a, 32 << 20, 64 << 20);
	run(&a, input, MAX(input.len, 1), &out[0], &deliveries[0]);
	run(&a, input, 1, &out[1], &deliveries[1]);
	ASSERT(str_eq(buf_str(&out[0]), buf_str(&out[1])) && !out[0].over);
	ASSERT(str_eq(buf_str(&deliveries[0]), buf_str(&deliveries[1])));
	arena_done(&a);
	return 0;
}
