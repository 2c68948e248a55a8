// The only way to the server: one function a call of API.md.
import type * as T from './types';

export class Refusal extends Error {
  constructor(readonly problem: T.Problem, readonly body: Record<string, unknown>) {
    super(problem.detail || problem.title);
  }
}

type Query = Record<string, string | null | undefined>;

let signedOut: () => void = () => {};
export function onSignedOut(callback: () => void) { signedOut = callback; }

function withQuery(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value) params.set(name, value);
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

// crypto.randomUUID exists on secure origins only; 127.0.0.1 is one, an intranet name over plain HTTP is not.
export function newKey(): string {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

async function problemOf(response: Response): Promise<Refusal> {
  let body: Record<string, unknown> = {};
  try { body = await response.json(); } catch { /* not JSON: a proxy's page; the status says enough */ }
  const problem: T.Problem = {
    title: String(body.title ?? response.statusText), status: response.status, code: String(body.code ?? ''),
    detail: String(body.detail ?? `The server answered ${response.status}. Try again; if it stays so, tell the operator.`),
    fields: body.fields as T.Problem['fields'],
  };
  return new Refusal(problem, body);
}

async function call<R>(method: string, path: string, body?: unknown, etag?: string, key?: string): Promise<R> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method === 'POST') headers['Idempotency-Key'] = key ?? newKey();
  if (etag) headers['If-Match'] = etag.startsWith('"') ? etag : `"${etag}"`;
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin' });
  } catch {
    throw new Refusal({ title: 'No connection', status: 0, code: 'offline', detail: 'The node does not answer. What you typed is still here; try again.' }, {});
  }
  if (!response.ok) {
    const refusal = await problemOf(response);
    if (response.status === 401 && path !== '/api/session') signedOut();
    throw refusal;
  }
  return (response.status === 204 ? undefined : await response.json()) as R;
}

export const get = <R>(path: string, query?: Query) => call<R>('GET', withQuery(path, query));
export const post = <R>(path: string, body: unknown = {}, etag?: string, key?: string) => call<R>('POST', path, body, etag, key);

const incident = (id: string) => `/api/incidents/${encodeURIComponent(id)}`;
const report = (id: string) => `/api/reports/${encodeURIComponent(id)}`;
const organisation = (id: string) => `/api/organisations/${encodeURIComponent(id)}`;

export const api = {
  session: () => get<T.Session>('/api/session'),
  signIn: (login: string, password: string, code: string) => post<T.Session>('/api/session', { login, password, code }),
  signOut: () => call<void>('DELETE', '/api/session'),
  demoPeople: () => get<{ items: T.DemoPerson[] }>('/api/demo/people'),
  demoSignIn: (login: string) => post<T.Session>('/api/demo/session', { login }),
  people: () => get<{ items: T.Ref[] }>('/api/people'),
  teams: () => get<{ items: T.Ref[] }>('/api/teams'),

  home: () => get<T.Home>('/api/home'),
  reports: (query: Query) => get<T.List<T.ReportItem>>('/api/reports', query),
  incidents: (query: Query) => get<T.List<T.IncidentItem>>('/api/incidents', query),
  clocks: (query: Query) => get<T.List<T.Clock>>('/api/clocks', query),
  search: (query: Query) => get<T.List<T.Hit> & { read_as: string }>('/api/search', query),

  addReport: (body: { text: string; title: string; reporter_name: string; reporter_contact: string; anonymous: boolean; door: 'phone' }) =>
    post<{ id: string; number: string; claim_code: string }>('/api/reports', body),
  report: (id: string) => get<T.Report>(report(id)),
  takeReport: (id: string) => post<T.Report>(`${report(id)}/take`),
  releaseReport: (id: string) => post<T.Report>(`${report(id)}/release`),
  giveReport: (id: string, to: string) => post<T.Report>(`${report(id)}/give`, { to }),
  rejectReport: (id: string, reason: string, tell: boolean) =>
    post<{ report: T.Report; undo: T.Undo | null }>(`${report(id)}/reject`, { reason, tell }),
  answerReport: (id: string, text: string) => post<T.Report>(`${report(id)}/answer`, { text }),

  openIncident: (reports: string[], title: string, untaken = false) =>
    post<{ id: string; number: string; title: string; clocks: number; undo: T.Undo | null }>('/api/incidents', { reports, title, owner: untaken ? 'none' : 'me' }),
  incident: (id: string) => get<T.Incident>(incident(id)),
  timeline: (id: string, cursor?: string | null) => get<T.List<T.Entry>>(`${incident(id)}/timeline`, { cursor }),
  attach: (id: string, reports: string[]) => post<{ undo: T.Undo | null }>(`${incident(id)}/attach`, { reports }),
  detach: (id: string, reports: string[]) => post<{ undo: T.Undo | null }>(`${incident(id)}/detach`, { reports }),
  merge: (id: string, into: string, etag: string) => post<{ undo: T.Undo | null }>(`${incident(id)}/merge`, { into }, etag),
  join: (id: string, other: string, etag: string) => post<{ undo: T.Undo | null }>(`${incident(id)}/join`, { with: other }, etag),
  split: (id: string, reports: string[], title: string) =>
    post<{ id: string; number: string; undo: T.Undo | null }>(`${incident(id)}/split`, { reports, title }),
  /** take, release, give, retitle, classify, marking, wait, resume, reopen, parties, submissions, severity: each answers the incident. */
  act: (id: string, action: string, body: Record<string, unknown>, etag?: string) => post<T.Incident>(`${incident(id)}/${action}`, body, etag),
  closing: (id: string) => get<T.Closing>(`${incident(id)}/closing`),
  close: (id: string, resolution: string, reason: string, acknowledged: string[], etag: string) =>
    post<T.Incident>(`${incident(id)}/close`, { resolution, reason, acknowledged }, etag),
  fact: (id: string, party: string, body: { fact: string; at: string; said_by: string; value: string }) =>
    post<T.Incident>(`${incident(id)}/parties/${encodeURIComponent(party)}/facts`, body),
  removeParty: (id: string, party: string) => post<{ undo: T.Undo | null }>(`${incident(id)}/parties/${encodeURIComponent(party)}/remove`),
  previewSeverity: (id: string, factors: Record<string, string>, life_safety: boolean) => post<T.Severity>(`${incident(id)}/severity/preview`, { factors, life_safety }),
  comment: (id: string, text: string) => post<T.Entry>(`${incident(id)}/comments`, { text }),
  previewMessage: (id: string, recipients: string[], tlp: string, subject: string) =>
    post<T.Preview>(`${incident(id)}/messages/preview`, { recipients, tlp, subject }),
  send: (id: string, body: { recipients: string[]; subject: string; text: string; tlp: string; request_hours: number }) =>
    post<{ message: { id: string }; deliveries: T.Delivery[] }>(`${incident(id)}/messages`, body),
  settleRequest: (request: string, how: 'answered' | 'withdraw', reason: string) => post<void>(`/api/requests/${encodeURIComponent(request)}/${how}`, { reason }),
  waive: (clock: string, reason: string) => post<T.Clock>(`/api/clocks/${encodeURIComponent(clock)}/waive`, { reason }),
  lateReason: (clock: string, reason: string) => post<T.Clock>(`/api/clocks/${encodeURIComponent(clock)}/reason`, { reason }),
  undo: (undo: T.Undo) => post<unknown>(undo.path, undo.body),

  hold: (what: 'report' | 'incident', id: string, reason: string) => post<void>(`/api/${what}s/${encodeURIComponent(id)}/hold`, { reason }),
  liftHold: (what: 'report' | 'incident', id: string, reason: string) => post<void>(`/api/${what}s/${encodeURIComponent(id)}/lift-hold`, { reason }),
  purge: (what: 'report' | 'incident' | 'message', id: string, reason: string) => post<{ id: string }>(`/api/${what}s/${encodeURIComponent(id)}/purge`, { reason }),
  purges: (query: Query) => get<T.List<T.Purge>>('/api/purges', query),
  confirmPurge: (id: string) => post<void>(`/api/purges/${encodeURIComponent(id)}/confirm`),

  owner: (q: string) => get<T.Lookup>('/api/owner', { q }),
  organisations: (query: Query) => get<T.List<T.OrganisationItem>>('/api/organisations', query),
  organisation: (id: string) => get<T.Organisation>(organisation(id)),
  addOrganisation: (body: { name: string; class: string; sector: string; province: string; cii: string }) => post<{ id: string }>('/api/organisations', body),
  addTo: (id: string, what: 'contacts' | 'networks' | 'domains', body: Record<string, unknown>) => post<T.Organisation>(`${organisation(id)}/${what}`, body),
  removeFrom: (id: string, item: string) => post<T.Organisation>(`${organisation(id)}/remove`, { item }),
  importCsv: (kind: T.ImportKind, csv: string, dry_run: boolean) => post<T.ImportResult>('/api/directory/import', { kind, csv, dry_run }),

  regime: (version = '') => get<T.Regime>(`/api/regime${version && `?version=${encodeURIComponent(version)}`}`),

  journal: () => get<T.JournalHead>('/api/journal'),
  journalEntries: (cursor?: string | null) => get<T.List<T.JournalEntry>>('/api/journal/entries', { cursor }),
  proof: (id: string) => get<T.Proof>(`/api/journal/entries/${encodeURIComponent(id)}/proof`),
  verifying: () => get<{ permille: number | null }>('/api/journal/verify'),
  verify: (checkpoint?: string) => post<T.Verdict>('/api/journal/verify', checkpoint ? { checkpoint } : {}),
  checkpoint: () => post<{ note: string; checkpoint: T.Checkpoint | null }>('/api/journal/checkpoint'),
  oversight: () => get<T.Oversight>('/api/oversight'),
  alterCopy: () => post<T.Verdict>('/api/demo/journal/alter'),

  outbox: (query: Query) => get<T.List<T.OutboxItem>>('/api/outbox', query),
  demoMail: (cursor?: string | null) => get<T.List<T.MailItem>>('/api/demo/mail', { cursor }),
  demoMailOne: (id: string) => get<T.Mail>(`/api/demo/mail/${encodeURIComponent(id)}`),
  demoReply: (id: string, text: string) => post<{ incident: T.Case | null }>(`/api/demo/mail/${encodeURIComponent(id)}/reply`, { text }),

  changePassword: (old: string, password: string) => post<void>('/api/account/password', { old, password }),
  newCode: (old: string) => post<T.Offer>('/api/account/code', { old }),
  confirmCode: (code: string) => post<void>('/api/account/code/confirm', { code }),

  constituents: (organisation: string) => get<T.List<T.Constituent>>(`/api/organisations/${encodeURIComponent(organisation)}/accounts`),
  addConstituent: (organisation: string, body: { login: string; name: string }) =>
    post<T.Offer & { id: string; password: string }>(`/api/organisations/${encodeURIComponent(organisation)}/accounts`, body),
  accounts: () => get<T.List<T.Account>>('/api/accounts'),
  addAccount: (body: { login: string; name: string; mail: string; team: string; organisation: string; roles: string[] }) => post<T.Offer & { id: string; password: string }>('/api/accounts', body),
  setMail: (a: T.Account, mail: string) => post<undefined>(`/api/accounts/${encodeURIComponent(a.id)}/set`, { name: a.name, team: a.team?.id ?? '', roles: a.roles, mail }),
  account: (id: string, action: 'disable' | 'enable' | 'reset') => post<(T.Offer & { password: string }) | undefined>(`/api/accounts/${encodeURIComponent(id)}/${action}`),
  signIns: (cursor?: string | null) => get<T.List<T.SignInRow>>('/api/sign-ins', { cursor }),
  sessions: () => get<T.List<T.SessionRow>>('/api/sessions'),
  endSession: (id: string) => post<void>(`/api/sessions/${encodeURIComponent(id)}/end`),
  tokens: () => get<T.List<T.Token>>('/api/tokens'),
  addToken: (name: string, scopes: string[], days: number) => post<{ id: string; token: string }>('/api/tokens', { name, scopes, days }),
  endToken: (id: string) => post<void>(`/api/tokens/${encodeURIComponent(id)}/end`),
};
