// Which page stands at which address.
import type { Component } from 'svelte';
import { match } from '../lib/router.svelte';
import { watches } from '../lib/session.svelte';
import Account from './Account.svelte';
import Administration from './Administration.svelte';
import Clocks from './Clocks.svelte';
import Desk from './Desk.svelte';
import Directory from './Directory.svelte';
import Home from './Home.svelte';
import Import from './Import.svelte';
import IncidentPage from './Incident.svelte';
import Incidents from './Incidents.svelte';
import Journal from './Journal.svelte';
import Mail from './Mail.svelte';
import NotFound from './NotFound.svelte';
import Organisation from './Organisation.svelte';
import OversightPage from './Oversight.svelte';
import RegimePage from './Regime.svelte';
import ReportPage from './Report.svelte';
import Reports from './Reports.svelte';
import Search from './Search.svelte';

// Each page takes the parameters of its own address.
type Page = Component<any>;

const pages: [pattern: string, title: string, component: Page][] = [
  ['/', 'Home', Home],
  ['/reports', 'Reports', Reports],
  ['/reports/:id', 'Report', ReportPage],
  ['/incidents', 'Incidents', Incidents],
  ['/incidents/:id', 'Incident', IncidentPage],
  ['/clocks', 'Clocks', Clocks],
  ['/search', 'Search', Search],
  ['/directory', 'Directory', Directory],
  ['/directory/import', 'Import', Import],
  ['/directory/:id', 'Organisation', Organisation],
  ['/oversight', 'Oversight', OversightPage],
  ['/regime', 'Regime', RegimePage],
  ['/journal', 'Journal', Journal],
  ['/mail', 'Mail', Mail],
  ['/account', 'My account', Account],
  ['/administration', 'Administration', Administration],
];

export function pageOf(path: string): { key: string; title: string; component: Page; params: Record<string, string> } {
  for (const [pattern, title, component] of pages) {
    const params = match(pattern, path);
    if (params && pattern === '/' && !watches()) return { key: 'desk', title: 'Desk', component: Desk, params };
    if (params) return { key: pattern + Object.values(params).join(), title, component, params };
  }
  return { key: 'none', title: 'Not found', component: NotFound, params: {} };
}
