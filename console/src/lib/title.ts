// What stands on the browser's tab.
import { session } from './session.svelte';

export function titled(what: string) {
  document.title = `${session.demonstration ? 'DEMONSTRATION · ' : ''}${what} · Naubat`;
}
