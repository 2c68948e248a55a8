// Keyboard: pages register their keys while they are shown; '?' lists what is registered.

import { untrack } from 'svelte';

export interface Key { keys: string; does: string; group: string; run: (event: KeyboardEvent) => void }
export const registered = $state<Key[]>([]);

export function useKeys(group: string, keys: [string, string, (event: KeyboardEvent) => void][]) {
  $effect(() => {
    const mine = keys.map(([k, does, run]) => ({ keys: k, does, group, run }));
    untrack(() => registered.push(...mine));
    return () => untrack(() => {
      for (const key of mine) {
        const i = registered.findIndex((r) => r.run === key.run && r.keys === key.keys);
        if (i >= 0) registered.splice(i, 1);
      }
    });
  });
}

let prefix = '';

function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.('input, textarea, select, [contenteditable]') && !(element as HTMLInputElement).matches('input[type=checkbox], input[type=radio]');
}

export function startKeys() {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    // Enter and Space on a link or a button are the browser's.
    if ((event.key === 'Enter' || event.key === ' ') && (event.target as Element).closest?.('a, button, summary, input')) return;
    const pressed = prefix + event.key;
    prefix = '';
    // The last registered wins: what was opened last is on top.
    const hit = registered.findLast((r) => r.keys.split(', ').includes(pressed));
    if (hit) { event.preventDefault(); hit.run(event); return; }
    if (event.key === 'g') prefix = 'g ';
  });
}
