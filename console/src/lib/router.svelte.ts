// One page address: path and query, kept with the history API.  Plain <a href> everywhere; one listener routes them.

export const route = $state({ path: location.pathname, query: new URLSearchParams(location.search) });

function read() {
  route.path = location.pathname;
  route.query = new URLSearchParams(location.search);
}

export function go(to: string, how: 'push' | 'replace' = 'push') {
  const same = to === location.pathname + location.search;
  if (how === 'replace' || same) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  read();
  if (how === 'push' && !same) scrollTo(0, 0);
}

/** The present address with some query members changed; '' removes one. */
export function withQuery(changes: Record<string, string>): string {
  const query = new URLSearchParams(route.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value); else query.delete(name);
  }
  const text = query.toString();
  return text ? `${route.path}?${text}` : route.path;
}

// What the server answers itself: never routed here.
const foreign = /^\/(api|report)(\/|$)/;

export function startRouter() {
  addEventListener('popstate', read);
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (foreign.test(link.pathname) || link.hash) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

/** '/incidents/:id' against '/incidents/42' gives {id:'42'}; null if it does not fit. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/');
  const have = path.replace(/(.)\/$/, '$1').split('/');
  if (want.length !== have.length) return null;
  const params: Record<string, string> = {};
  for (let i = 0; i < want.length; i++) {
    const w = want[i]!, h = have[i]!;
    if (w.startsWith(':')) params[w.slice(1)] = decodeURIComponent(h);
    else if (w !== h) return null;
  }
  return params;
}
