/* service_routes.h - what a service has besides the console's API: mail from a pipe, the adopted
 * regimes, /metrics, /healthz. */
#pragma once
#include "http/server.h"

extern const struct route_table service_routes[1];
