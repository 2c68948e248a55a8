// What a page shows of the server: fetched when the page's inputs change, and again when the board moves.
import { untrack } from 'svelte';
import { live } from './live.svelte';

export interface Loaded<T> { readonly value: T | null; readonly error: string; readonly busy: boolean; readonly stale: boolean; reload(): Promise<void>; set(value: T): void }

/** `hold` says that the reader is busy with the list: then a moved board only marks it stale. */
export function load<T>(fetcher: () => Promise<T>, options: { live?: boolean; hold?: () => boolean } = {}): Loaded<T> {
  const state = $state<{ value: T | null; error: string; busy: boolean; stale: boolean }>({ value: null, error: '', busy: true, stale: false });
  let turn = 0;

  async function run() {
    const mine = ++turn;
    state.busy = true;
    try {
      const value = await fetcher();
      if (mine !== turn) return;
      state.value = value;
      state.error = '';
      state.stale = false;
    } catch (error) {
      if (mine === turn) state.error = error instanceof Error ? error.message : String(error);
    } finally {
      if (mine === turn) state.busy = false;
    }
  }

  $effect(() => { void run(); });

  if (options.live !== false) {
    let seen = untrack(() => live.moved);
    $effect(() => {
      if (live.moved === seen) return;
      seen = live.moved;
      untrack(() => {
        if (options.hold?.()) state.stale = true;
        else void run();
      });
    });
  }

  return {
    get value() { return state.value; }, get error() { return state.error; },
    get busy() { return state.busy; }, get stale() { return state.stale; },
    reload: run,
    set(value: T) { turn++; state.value = value; state.busy = false; state.error = ''; },
  };
}
