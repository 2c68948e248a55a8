/* qr.h - a text as a QR code (ISO/IEC 18004), by libqrencode: rows of '0' and '1', without the quiet zone. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { QR_TEXT_MAX = 1024 };

/* `rows` of `*out_size` each, one after the other: size * size characters. */
MUST_CHECK bool qr_encode(struct arena *a, str text, str *out_modules, int *out_size, struct err *err);
