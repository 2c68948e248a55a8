/* credential_routes.h - one's own password and one-time codes (access/credential.h). */
#pragma once
#include "http/route.h"

extern const struct route credential_routes[];
extern const ptrdiff_t credential_routes_count;

/* {size, modules: "0110..."}: a text as a QR code, for the console to draw. */
struct json *credential_qr(struct arena *a, str text);
