#include "format/qr.h"

#include <qrencode.h>

bool qr_encode(struct arena *a, str text, str *out_modules, int *out_size, struct err *err)
{
	if (text.len == 0 || text.len > QR_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "a QR code takes 1 to %d bytes", QR_TEXT_MAX);
	QRcode *code = QRcode_encodeString(arena_cstr(a, text), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (code == NULL)
		return err_set(err, ERR_SYSTEM, "no QR code could be made of the text");
	char *modules = NEW(a, char, (ptrdiff_t)code->width *code->width);
	for (int i = 0; i < code->width * code->width; i++)
		modules[i] = (code->data[i] & 1) ? '1' : '0';
	*out_modules = (str){ modules, (ptrdiff_t)code->width * code->width };
	*out_size = code->width;
	QRcode_free(code);
	return true;
}
