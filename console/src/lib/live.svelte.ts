// The live board: the server says only that something moved; whoever shows something asks again.
import { session } from './session.svelte';

export const live = $state({ moved: 0, connected: false });

let source: EventSource | null = null;
let pending = 0;

// Many changes in one second are one refetch.
function moved() {
  if (pending) return;
  pending = setTimeout(() => { pending = 0; live.moved++; }, 300) as unknown as number;
}

export function nudge() { live.moved++; }

export function followBoard() {
  $effect(() => {
    if (!session.value?.person.id || !session.value.team) return;
    source = new EventSource('/api/stream');
    source.addEventListener('open', () => { live.connected = true; });
    source.addEventListener('board', moved);
    source.addEventListener('error', () => { live.connected = false; });
    return () => { source?.close(); source = null; live.connected = false; };
  });
}
