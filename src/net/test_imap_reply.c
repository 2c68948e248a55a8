#include "net/imap_reply.h"

static void test_scan(void)
{
	str two = S("* 1 FETCH (BODY[] {7}\r\na\r\nb\r\n)\r\nN1 OK done {3}\r\n");
	struct imap_scan scan = { 0 };
	ptrdiff_t len = 0;
	ASSERT(imap_reply_scan(&scan, two, 100, &len) == IMAP_COMPLETE && len == 32);
	two = str_sub(two, len, two.len);
	scan = (struct imap_scan){ 0 };
	/* {3} is text here */
	ASSERT(imap_reply_scan(&scan, two, 100, &len) == IMAP_COMPLETE && len == two.len);
	scan = (struct imap_scan){ 0 };
	ASSERT(imap_reply_scan(&scan, S("* 1 FETCH (BODY[] {101}\r\n"), 100, &len) == IMAP_INVALID);
	scan = (struct imap_scan){ 0 };
	ASSERT(imap_reply_scan(&scan, S("* 1 FETCH (BODY[] {5}\r\nabc"), 100, &len) == IMAP_MORE);
}

static void test_fetch(void)
{
	struct imap_item item;
	ASSERT(imap_reply_fetch(S("* 12 FETCH (FLAGS (\\Seen $x) UID 7 RFC822.SIZE 5 BODY[] {5}\r\nh)\r\n"
	"o)\r\n"), &item));
	ASSERT(item.uid == 7 && item.size == 5 && item.has_body && str_eq(item.body, S("h)\r\no")));
	ASSERT(imap_reply_fetch(S("* 1 fetch (body[] \"a b\" uid 9)\r\n"), &item) && item.uid == 9 &&
		str_eq(item.body, S("a b")));
	ASSERT(imap_reply_fetch(S("* 1 FETCH (BODY[] NIL UID 9)\r\n"), &item) && item.has_body &&
		item.body.len == 0);
	ASSERT(imap_reply_fetch(S("* 1 FETCH (ENVELOPE (\"(\" NIL ((\"x\" {1}\r\n)))) UID 3)\r\n"), &item) &&
		item.uid == 3 && !item.has_body);
	static const char *const bad[] = {
		"", "* FETCH (UID 1)\r\n", "* 1 FETCH UID 1\r\n", "* 1 FETCH (UID\r\n", "* 1 FETCH (UID 1",
			"* 1 FETCH (BODY[] {9}\r\nx)\r\n",
		"* 1 FETCH (UID (1)\r\n", "* 1 EXISTS\r\n", "N1 OK\r\n",
	};
	for (ptrdiff_t i = 0; i < COUNTOF(bad); i++)
		ASSERT(!imap_reply_fetch(str_from(bad[i]), &item));
}

static void test_lines(void)
{
	uint32_t uids[3], validity = 0;
	ptrdiff_t count = 0;
	bool ok = false;
	str text;
	imap_reply_search(S("* SEARCH 4 x 0 7\r\n"), uids, 3, &count);
	imap_reply_search(S("* SEARCH 9 11\r\n"), uids, 3, &count);
	ASSERT(count == 3 && uids[0] == 4 && uids[1] == 7 && uids[2] == 9);
	ASSERT(imap_reply_uid_validity(S("* OK [UIDVALIDITY 4294967295] ok\r\n"), &validity) &&
		validity == UINT32_MAX);
	ASSERT(!imap_reply_uid_validity(S("* OK [UIDVALIDITY 4294967296] ok\r\n"), &validity));
	ASSERT(imap_reply_tagged(S("N2 NO [CANNOT] no\r\n"), S("N2"), &ok, &text) && !ok &&
		str_eq(text, S("NO [CANNOT] no")));
	ASSERT(imap_reply_tagged(S("N2 ok\r\n"), S("N2"), &ok, &text) && ok &&
		!imap_reply_tagged(S("N22 OK\r\n"), S("N2"), &ok, &text));
	ASSERT(imap_reply_is(S("* capability IMAP4rev1 MOVE\r\n"), S("CAPABILITY")));
	ASSERT(imap_reply_has_word(S("* CAPABILITY IMAP4rev1 MOVE\r\n"), S("MOVE")) &&
		!imap_reply_has_word(S("* X MOVED\r\n"), S("MOVE")));
}

int main(void)
{
	test_scan();
	test_fetch();
	test_lines();
	return 0;
}
