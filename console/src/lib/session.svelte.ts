// Who is signed in.  `value` is undefined until the server was asked, null when nobody is.
import { api, onSignedOut, Refusal } from './api';
import { setServerTime } from './now.svelte';
import type { Role, Session } from './types';

export const session = $state<{ value: Session | null | undefined; demonstration: boolean; regimeTitle: string; trouble: string }>({
  value: undefined, demonstration: false, regimeTitle: '', trouble: '',
});

export function enter(value: Session) {
  session.value = value;
  session.demonstration = value.demonstration;
  session.regimeTitle = value.regime.title;
  setServerTime(value.now);
}

export async function askSession() {
  try {
    session.trouble = '';
    enter(await api.session());
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 401) {
      session.value = null;
      session.demonstration = error.body.demonstration === true;
      session.regimeTitle = (error.body.regime as { title?: string } | undefined)?.title ?? '';
    } else {
      session.trouble = error instanceof Error ? error.message : String(error);
    }
  }
}

export async function leave() {
  await api.signOut();
  session.value = null;
}

onSignedOut(() => { session.value = null; });

/** Who handles no cases has no watch to look at: an auditor proves the journal, an observer reads what is published. */
export const watches = () => has('handler', 'shift_lead');

export const has = (...roles: Role[]) => roles.some((role) => session.value?.roles.includes(role));
