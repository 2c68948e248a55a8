/* The frame of a QR code, which a reader finds it by; the rest is the library's. */
#include "format/qr.h"

static char at(str modules, int size, int x, int y)
{
	return modules.ptr[y * size + x];
}

/* Seven by seven: a dark ring, a light one, a dark heart. */
static bool finder(str modules, int size, int left, int top)
{
	for (int y = 0; y < 7; y++)
		for (int x = 0; x < 7; x++) {
			int from_edge = MIN(MIN(x, 6 - x), MIN(y, 6 - y));
			if (at(modules, size, left + x, top + y) != (from_edge == 1 ? '0' : '1'))
				return false;
		}
	return true;
}

int main(void)
{
	static char big[QR_TEXT_MAX + 1];
	struct arena a;
	struct err err;
	str modules;
	int size;
	arena_init(&a, 1 << 20, 1 << 24);
	ASSERT(qr_encode(&a, S("otpauth://totp/Naubat:amna?secret=JBSWY3DPEHPK3PXP&issuer=Naubat"), &modules,
			 &size, &err));
	ASSERT(size % 4 == 1 && size >= 21 && modules.len == (ptrdiff_t)size * size);
	ASSERT(finder(modules, size, 0, 0) && finder(modules, size, size - 7, 0) &&
	       finder(modules, size, 0, size - 7) && !finder(modules, size, size - 7, size - 7));
	for (int i = 8; i < size - 8; i++) /* the timing pattern between them */
		ASSERT(at(modules, size, i, 6) == (i % 2 ? '0' : '1'));
	memset(big, 'x', sizeof(big));
	ASSERT(qr_encode(&a, (str){ big, QR_TEXT_MAX }, &modules, &size, &err));
	ASSERT(!qr_encode(&a, (str){ big, QR_TEXT_MAX + 1 }, &modules, &size, &err) && err.code == ERR_LIMIT);
	ASSERT(!qr_encode(&a, S(""), &modules, &size, &err));
	arena_done(&a);
	return 0;
}
