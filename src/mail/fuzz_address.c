/* Any header as an address list: bounded, clean, and no address without bytes. */
#include "mail/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	arena_init(&a, 16 << 20, 64 << 20);
	struct mail_addresses list = address_parse(&a, (str){ (const char *)data, (ptrdiff_t)size });
	ASSERT(list.count <= MAIL_ADDRESSES_MAX);
	for (ptrdiff_t i = 0; i < list.count; i++) {
		str address = list.items[i].address, domain = address_domain(address);
		ASSERT(address.len > 0 && str_utf8_valid(address) && str_utf8_valid(list.items[i].name));
		ASSERT(str_find_char(address, '\n') < 0 && str_find_char(address, ' ') < 0);
		ASSERT(address_local(address).len + domain.len + (domain.ptr != NULL) == address.len);
	}
	arena_done(&a);
	return 0;
}
