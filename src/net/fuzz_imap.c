/* Whatever a server says: the end of a reply is found the same however the bytes come, and reading it is
 * safe. */
#include "base/arena.h"
#include "net/imap_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(str reply)
{
	struct imap_item item;
	uint32_t uids[8], validity;
	ptrdiff_t count = 0;
	bool ok;
	str text;
	if (imap_reply_fetch(reply, &item))
		ASSERT(item.body.len <= reply.len);
	imap_reply_search(reply, uids, COUNTOF(uids), &count);
	(void)imap_reply_uid_validity(reply, &validity);
	(void)imap_reply_has_word(reply, S("MOVE"));
	(void)imap_reply_tagged(reply, S("N1"), &ok, &text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str bytes = { (const char *)data, (ptrdiff_t)size };
	while (bytes.len > 0) {
		struct imap_scan whole = { 0 }, slow = { 0 };
		ptrdiff_t len = 0, slow_len = 0;
		enum imap_scanned scanned = imap_reply_scan(&whole, bytes, 1000, &len), last = IMAP_MORE;
		for (ptrdiff_t n = 1; n <= bytes.len && last == IMAP_MORE; n++)
			last = imap_reply_scan(&slow, str_sub(bytes, 0, n), 1000, &slow_len);
		ASSERT(scanned == last && len == slow_len);
		if (scanned != IMAP_COMPLETE)
			break;
		read_all(str_sub(bytes, 0, len));
		bytes = str_sub(bytes, len, bytes.len);
	}
	return 0;
}
