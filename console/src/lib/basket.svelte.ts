// The reports that are ticked.  A basket: it survives paging, filters and a look at a report's own page.
import { SvelteMap } from 'svelte/reactivity';
import type { ReportItem } from './types';

export const basket = new SvelteMap<string, Pick<ReportItem, 'id' | 'number' | 'title' | 'state'>>();

export function toggle(report: Pick<ReportItem, 'id' | 'number' | 'title' | 'state'>) {
  if (!basket.delete(report.id)) basket.set(report.id, { id: report.id, number: report.number, title: report.title, state: report.state });
}
