/* Receipts to one address are limited; others are not; an hour later it begins again. */
#include "mail/receipts.h"

#include <stdio.h>
#include "base/defs.h"

int main(void)
{
	struct receipts *r = receipts_open();
	str secret = S("0123456789abcdef0123456789abcdef");
	struct instant now = { SECONDS(1764000000) };
	char address[40];
	for (int i = 0; i < RECEIPTS_AN_HOUR; i++)
		ASSERT(receipts_take(r, secret, i % 2 ? S("Saad@reader.example") : S("saad@READER.example"),
				     instant_add(now, SECONDS(i))));
	ASSERT(!receipts_take(r, secret, S("saad@reader.example"), instant_add(now, MINUTES(59))));
	ASSERT(receipts_take(r, secret, S("omar@reader.example"), instant_add(now, MINUTES(59))));
	for (int i = 0; i < 1000; i++) { /* many others push nobody out */
		(void)snprintf(address, sizeof(address), "r%d@reader.example", i);
		ASSERT(receipts_take(r, secret, str_from(address), instant_add(now, MINUTES(10))));
	}
	ASSERT(!receipts_take(r, secret, S("saad@reader.example"), instant_add(now, MINUTES(59))));
	ASSERT(receipts_take(r, secret, S("saad@reader.example"), instant_add(now, MINUTES(60))));
	/* set back */
	ASSERT(receipts_take(r, secret, S("saad@reader.example"), instant_add(now, -HOURS(2))));
	ASSERT(receipts_take(NULL, secret, S("saad@reader.example"), now));
	receipts_close(r);
	return 0;
}
