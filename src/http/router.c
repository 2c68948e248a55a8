#include "http/router_priv.h"

static const char *const METHODS[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
enum { METHOD_COUNT = 5 };

/* One segment of some paths.  Children are a list: the widest real node has some thirty of them. */
struct node_of_path {
	struct node_of_path *sibling, *child, *param_child;
	str                  segment;           /* "reports" or "{id}" */
	const struct route  *routes[METHOD_COUNT];
	const char          *allow;
};

struct router {
	struct node_of_path root;
};

static int find_method(str method)
{
	for (int i = 0; i < METHOD_COUNT; i++) {
		if (str_eq(method, str_from(METHODS[i])))
			return i;
	}
	return -1;
}

/* Takes one segment off "/a/b": false at the end. */
static bool next_segment(str *rest, str *out_segment)
{
	if (rest->len == 0 || rest->ptr[0] != '/')
		return false;
	str tail = str_sub(*rest, 1, rest->len);
	ptrdiff_t slash = str_find_char(tail, '/');
	*out_segment = slash < 0 ? tail : str_sub(tail, 0, slash);
	*rest = slash < 0 ? (str){ 0 } : str_sub(tail, slash, tail.len);
	return true;
}

static bool is_param(str segment)
{
	return segment.len > 2 && segment.ptr[0] == '{' && segment.ptr[segment.len - 1] == '}';
}

static struct node_of_path *add_child(struct arena *a, struct node_of_path *at, str segment)
{
	if (is_param(segment)) {
		if (at->param_child == NULL) {
			at->param_child = NEW(a, struct node_of_path, 1);
			at->param_child->segment = segment;
		}
		return at->param_child;
	}
	for (struct node_of_path *n = at->child; n != NULL; n = n->sibling) {
		if (str_eq(n->segment, segment))
			return n;
	}
	struct node_of_path *n = NEW(a, struct node_of_path, 1);
	n->segment = segment;
	n->sibling = at->child;
	at->child = n;
	return n;
}

/* These are mistakes of whoever wrote the row, but found at start by an error that names it. */
static MUST_CHECK bool check_row(const struct route *route, struct err *err)
{
	const char *path = route->path ? route->path : "(no path)";
	if (route->method == NULL || find_method(str_from(route->method)) < 0)
		return err_set(err, ERR_SYSTEM, "route %s: unknown method", path);
	if (path[0] != '/' || str_find_char(str_from(path), '%') >= 0)
		return err_set(err, ERR_SYSTEM, "route %s: the path must start with / and have no %%", path);
	if (route->need <= PERM_UNSET || route->need >= PERM_COUNT)
		return err_set(err, ERR_SYSTEM, "route %s %s: no permission is set", route->method, path);
	if (route->handle == NULL)
		return err_set(err, ERR_SYSTEM, "route %s %s: no handler", route->method, path);
	return true;
}

static MUST_CHECK bool add_row(struct arena *a, struct router *r, const struct route *route, struct err *err)
{
	if (!check_row(route, err))
		return false;
	struct node_of_path *at = &r->root;
	str rest = str_from(route->path), segment;
	int depth = 0, params = 0;
	while (next_segment(&rest, &segment)) {
		params += is_param(segment);
		if (++depth > ROUTER_DEPTH_MAX || params > ROUTER_PARAMS_MAX)
			return err_set(err, ERR_SYSTEM, "route %s: too many segments or parameters",
			               route->path);
		at = add_child(a, at, segment);
		if (!str_eq(at->segment, segment)) /* OpenAPI knows no two paths that differ only in a name */
			return err_set(err, ERR_SYSTEM,
			               "route %s: " STR_FMT " is called " STR_FMT " by another route",
			               route->path, STR_ARG(segment), STR_ARG(at->segment));
	}
	const struct route **place = &at->routes[find_method(str_from(route->method))];
	if (*place != NULL)
		return err_set(err, ERR_SYSTEM, "routes %s and %s: both answer %s there", (*place)->path,
		               route->path, route->method);
	*place = route;
	return true;
}

static const char *list_methods(struct arena *a, const struct node_of_path *n)
{
	str list = { 0 };
	for (int i = 0; i < METHOD_COUNT; i++) {
		if (n->routes[i] != NULL)
			list = arena_printf(a, STR_FMT "%s%s%s", STR_ARG(list), list.len ? ", " : "",
			                    METHODS[i], i == 0 ? ", HEAD" : "");
	}
	return list.len ? arena_cstr(a, list) : NULL;
}

/* Depth is bounded by ROUTER_DEPTH_MAX: paths are ours. */
static void finish_nodes(struct arena *a, struct node_of_path *n)
{
	for (; n != NULL; n = n->sibling) {
		n->allow = list_methods(a, n);
		finish_nodes(a, n->child);
		finish_nodes(a, n->param_child);
	}
}

bool router_new(struct arena *a, const struct route_table *tables, ptrdiff_t count,
                struct router **out_router, struct err *err)
{
	struct router *r = NEW(a, struct router, 1);
	for (ptrdiff_t t = 0; t < count; t++) {
		for (ptrdiff_t i = 0; i < tables[t].count; i++) {
			if (!add_row(a, r, &tables[t].rows[i], err))
				return false;
		}
	}
	finish_nodes(a, &r->root);
	*out_router = r;
	return true;
}

/* Recursion ends with the tree.  A value's place is its parameter's depth: a dead end's are overwritten. */
static const struct node_of_path *descend(const struct node_of_path *n, str rest, str *values, int params)
{
	str segment;
	if (!next_segment(&rest, &segment))
		return n->allow ? n : NULL;
	if (segment.len == 0 && rest.ptr != NULL)
		return NULL;
	for (const struct node_of_path *c = n->child; c != NULL; c = c->sibling) {
		const struct node_of_path *found =
		        str_eq(c->segment, segment) ? descend(c, rest, values, params) : NULL;
		if (found != NULL)
			return found;
	}
	if (n->param_child == NULL || segment.len == 0)
		return NULL;
	values[params] = segment;
	return descend(n->param_child, rest, values, params + 1);
}

static void name_params(struct router_hit *hit)
{
	str rest = str_from(hit->route->path), segment;
	while (next_segment(&rest, &segment)) {
		if (is_param(segment))
			hit->names[hit->param_count++] = str_sub(segment, 1, segment.len - 1);
	}
}

struct router_hit router_find(const struct router *r, str method, str path)
{
	struct router_hit hit = { .result = ROUTER_NO_PATH };
	const struct node_of_path *n =
	        path.len && path.ptr[0] == '/' ? descend(&r->root, path, hit.values, 0) : NULL;
	if (n == NULL)
		return hit;
	int m = find_method(str_eq(method, S("HEAD")) ? S("GET") : method);
	hit.allow = n->allow;
	hit.route = m < 0 ? NULL : n->routes[m];
	hit.result = hit.route ? ROUTER_FOUND : ROUTER_NO_METHOD;
	if (hit.route != NULL)
		name_params(&hit);
	return hit;
}
