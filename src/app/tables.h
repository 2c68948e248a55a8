/* tables.h - which routes and which hooks a node has: the one list. */
#pragma once
#include "http/node.h"
#include "http/server.h"

ptrdiff_t       app_tables(struct route_table *tables, ptrdiff_t max);
void            app_hooks(struct http_hooks *hooks);
MUST_CHECK bool app_sessions_open(struct node *n, struct err *err);
void            app_sessions_close(struct node *n);
