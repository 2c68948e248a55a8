// The regime's lists (sectors, classes, bands), asked for once.
import { api } from './api';
import type { Regime } from './types';

export const regime = $state<{ value: Regime | null }>({ value: null });
let asked = false;

export function needRegime() {
  if (asked) return;
  asked = true;
  api.regime().then((value) => { regime.value = value; }, () => { asked = false; });
}

/** The regime that a case was opened under: today's, or an older version of it. */
export async function regimeOf(law: { id: string; version: string }, today: Regime): Promise<Regime> {
  return law.id === today.id && law.version === today.version ? today : api.regime(`${law.id}/${law.version}`);
}

export const sectorName = (id: string) => regime.value?.sectors.find((s) => s.id === id)?.name ?? id;
export const className = (id: string) => regime.value?.classes.find((s) => s.id === id)?.name ?? id;
export const taxonName = (id: string) => regime.value?.taxonomy.find((t) => t.id === id)?.title ?? (id || 'not classified');
export const bandRank = (id: string) => regime.value?.bands.findIndex((b) => b.id === id) ?? -1;
