// Short words after an act, with Undo where there is one.
import { api, Refusal } from './api';
import { nudge } from './live.svelte';
import type { Undo } from './types';

export interface Toast { id: number; text: string; bad: boolean; undo: Undo | null; after?: () => void }
export const toasts = $state<Toast[]>([]);
let next = 1;

export function drop(id: number) {
  const i = toasts.findIndex((t) => t.id === id);
  if (i >= 0) toasts.splice(i, 1);
}

export function say(text: string, undo: Undo | null = null, after?: () => void) { add({ text, bad: false, undo, after }); }
export function complain(error: unknown) { add({ text: error instanceof Error ? error.message : String(error), bad: true, undo: null }); }

function add(toast: Omit<Toast, 'id'>) {
  const id = next++;
  toasts.push({ id, ...toast });
  if (toasts.length > 4) toasts.shift();
  // Bad news and undo wait longer; nothing that can be undone here can be undone only here.
  setTimeout(() => drop(id), toast.undo ? 20000 : toast.bad ? 12000 : 6000);
}

export async function undo(toast: Toast) {
  if (!toast.undo) return;
  drop(toast.id);
  try {
    await api.undo(toast.undo);
    say(`Undone: ${toast.undo.label}`);
    nudge();
    toast.after?.();
  } catch (error) {
    complain(error);
  }
}

/** Runs an act, says what failed; true if it went through. */
export async function attempt(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    complain(error);
    // Somebody else was first: show what it is now.
    if (error instanceof Refusal && (error.problem.status === 412 || error.problem.status === 409)) nudge();
    return false;
  }
}
