/* openapi_priv.h - the route that the server adds to those it is given. */
#pragma once
#include "http/openapi.h"

extern const struct route_table OPENAPI_ROUTES;
