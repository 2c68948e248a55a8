// The shapes of API.md.  Times are RFC 3339 UTC strings, scores are hundredths, observables arrive defanged.

export interface List<T> { items: T[]; next: string | null; count: number; count_exact: boolean }
export interface Ref { id: string; name: string }
export interface Case { id: string; number: string; title: string }
/** What a clock is about: an incident, or a report that nobody has made one of. */
export interface Subject extends Case { report?: boolean }
export interface Undo { label: string; path: string; body: Record<string, unknown> }

export type Tlp = 'RED' | 'AMBER+STRICT' | 'AMBER' | 'GREEN' | 'CLEAR';
export interface Marking { tlp: Tlp; presumed: boolean }
export interface Observable { type: string; value: string }
export interface Source { text: string; url: string | null }

export type Role = 'handler' | 'shift_lead' | 'directory_keeper' | 'auditor' | 'administrator' | 'observer' | 'constituent';

export interface Session {
  person: { id: string; name: string; login: string };
  /** One of the two: an account is of a team, or of an organisation. */
  team: Ref | null;
  organisation: Ref | null;
  roles: Role[];
  demonstration: boolean;
  regime: { id: string; title: string; notice: string | null };
  prefix: string;
  now: string;
}
export interface Constituent { id: string; login: string; name: string; roles: Role[]; state: 'active' | 'locked' | 'disabled'; last_seen: string | null }
export interface DemoPerson { login: string; name: string; team: Ref | null; organisation: Ref | null; roles: Role[]; line: string }

export interface Severity {
  band: string; band_title: string; computed: string; computed_title: string;
  /** null: for the coordinating team only */ score: number | null; low: number | null; high: number | null;
  band_low: string; band_high: string; provisional: boolean; life_safety: boolean;
  floor: { title: string; band: string } | null;
  override: { band: string; reason: string; by: Ref; at: string } | null;
  factors: Record<string, string>;
}

export type ClockState = 'waiting' | 'running' | 'met' | 'late_with_reason' | 'late' | 'waived' | 'not_applicable';
export interface Clock {
  id: string; title: string; duty: string; step: string; who: 'party' | 'team' | 'hub'; incident: Subject; party: Ref | null; state: ClockState;
  anchor: { fact: string; at: string | null; said_by: string | null };
  due_at: string | null; assumed: boolean; source: Source | null; assumption: string | null;
  met_at: string | null; reason: string | null;
  reminded?: { count: number; at: string };
  history: { due_at: string | null; until: string; why: string }[];
}

export interface ReportItem {
  id: string; number: string; title: string; excerpt: string;
  state: 'new' | 'attached' | 'rejected'; door: 'web' | 'phone' | 'api' | 'mail' | 'portal';
  received_at: string; marking: Marking;
  reporter: { name: string; kind: 'constituent' | 'anonymous' | 'public' | 'peer'; verified: boolean; organisation: Ref | null };
  owner: Ref | null; organisation: Ref | null; team: Ref | null;
  observables: Observable[]; observable_count: number;
  incident: Case | null; flags: string[];
}

export interface Lookup {
  query: string; type: string; found: boolean;
  organisation: { id: string; name: string; class: string; sector: string } | null;
  team: Ref | null;
  matches: { what: string; value: string; organisation: Ref; chosen: boolean }[];
  contacts: { rank: number; name: string; role: string; address: string; phone: string | null; note: string | null }[];
  why: string[];
}

export interface Report extends ReportItem, Keeping {
  text: string; reporter_contact: string | null;
  attachments: { id: string; name: string; type: string; size: number; sha256: string }[];
  raw: Kept | null;
  owner_lookup: Lookup | null;
  similar: ReportItem[]; related: IncidentItem[];
  answers: { id: string; at: string; by: Ref | null; direction: 'out' | 'in'; verified: boolean; text: string; raw: Kept | null }[];
  reject_reason: string | null;
  entry?: { id: string; leaf_hash: string };
}

export type WorkState = 'new' | 'open' | 'waiting' | 'closed' | 'reopened';
export interface IncidentItem {
  id: string; number: string; title: string; state: WorkState; resolution: string | null;
  waiting: { on: string; until: string } | null;
  owner: Ref | null; team: Ref; sector: string; class: string; severity: Severity; marking: Marking;
  opened_at: string; updated_at: string; reports: number; parties: number; next_clock: Clock | null;
}

export type Affected = 'yes' | 'no' | 'unknown';
export interface Fact { fact: string; at: string; said_by: string; recorded_by: Ref; recorded_at: string }
export interface Party {
  id: string; name: string; kind: 'organisation' | 'team' | 'typed'; organisation: Ref | null; team: Ref | null;
  roles: string[]; address: string | null; contact: string | null; affected: Affected; facts: Fact[];
}
export interface Request {
  id: string; party: Ref; subject: string; asked_at: string; due_at: string | null;
  state: 'open' | 'answered' | 'overdue' | 'withdrawn'; answered_at: string | null;
}
export interface Delivery {
  id: string; message: { id: string; subject: string }; party: Ref; address: string; at: string;
  state: 'queued' | 'sent' | 'read' | 'bounced' | 'failed' | 'held'; detail: string | null;
}
/** What a party has done of a duty; the words are there for the coordinating team only. */
export interface Submission {
  id: string; party: Ref; duty: string; stage: string; title: string; submitted_at: string;
  said_by: Speaker; recorded_by: Ref | null; recorded_at: string; reference: string; text: string;
}
export type Speaker = 'party' | 'officer' | 'report';
/** A question of the regime about an incident, and its answer. */
export interface Flag {
  flag: string; title: string; criteria: string[]; value: 'yes' | 'no' | 'unknown';
  said_by: Speaker | null; recorded_by: Ref | null; recorded_at: string | null;
}
export interface Transition { to: WorkState; action: string; allowed: boolean; why_not: string | null }

export interface Incident extends Omit<IncidentItem, 'reports' | 'parties'>, Keeping {
  etag: string; regime: { id: string; version: string; title: string };
  transitions: Transition[]; parties: Party[]; clocks: Clock[]; requests: Request[]; deliveries: Delivery[];
  reports: ReportItem[]; submissions: Submission[]; flags: Flag[];
  merged_into: Case | null; merged: Case[]; split_from: Case | null; split_off: Case[]; campaign: Case[]; may_write: boolean;
}

export interface Entry {
  id: string; at: string; kind: string; actor: Ref | null; shape: 'event' | 'comment' | 'message';
  title: string; text: string | null; purged?: boolean; marking: Marking | null;
  message: { id: string; direction: 'out' | 'in'; party: Ref; verified: boolean; deliveries: Delivery[]; request: Request | null; raw: Kept | null } | null;
  undo: Undo | null;
}

export interface Preview {
  recipients: { id: string; name: string; allowed: boolean; address: string | null; how: 'mail' | 'notice' | 'none'; reason: string | null }[];
  sendable: boolean; subject: string;
}
export interface Closing {
  clocks: Clock[]; requests: Request[];
  unanswered: { report: { id: string; number: string }; name: string; received_at: string }[];
}

export interface Home {
  pressing: Clock | null; new_reports: List<ReportItem>; due: List<Clock>;
  mine: List<IncidentItem>; nobodys: List<IncidentItem>;
  overdue: { count: number; count_exact: boolean };
  untaken: { count: number; count_exact: boolean; oldest_at: string | null; alerted_at: string | null }; now: string;
}
export interface Hit {
  kind: 'report' | 'incident' | 'organisation' | 'message'; id: string; number: string | null; title: string;
  excerpt: string; at: string | null; incident: Case | null; state: string | null;
}

export interface OrganisationItem {
  id: string; name: string; class: string; sector: string; province: string | null; cii: string | null;
  team: Ref | null; networks: number; domains: number; contacts: number;
}
export interface Contact { id: string; rank: number; name: string; role: string; address: string; phone: string | null; note: string | null }
export interface Organisation extends Omit<OrganisationItem, 'networks' | 'domains' | 'contacts'> {
  contacts: Contact[]; networks: { id: string; value: string }[]; domains: { id: string; value: string }[];
  incidents: List<IncidentItem>; updated_at: string;
}
export type ImportKind = 'organisations' | 'networks' | 'domains' | 'contacts';
export interface ImportResult {
  dry_run: boolean; rows: { line: number; fate: 'add' | 'change' | 'same' | 'refuse'; name: string; reason: string | null }[];
  add: number; change: number; same: number; refuse: number;
}

export interface Factor { id: string; title: string; weight: number; options: { id: string; title: string; value: number }[] }
export interface Band { id: string; title: string; min: number }
export interface Duty {
  id: string; title: string; who: string; to: string; legal_status: string; anchor: string; deadline: string;
  assumed: boolean; source: Source | null; assumption: string | null;
}
export interface Regime {
  id: string; title: string; version: string; notice: string | null;
  sources: { id: string; title: string; url: string | null }[];
  sectors: Ref[]; classes: Ref[]; taxonomy: { id: string; title: string; group: string }[]; bands: Band[];
  severity: { model: string; factors: Factor[]; floors: { title: string; band: string }[] };
  marking: { tlp: Tlp }; duties: Duty[];
}

export interface Checkpoint { origin: string; size: number; root: string; at: string; note?: string }
export interface JournalHead { entries: number | null; epoch: number; checkpoint: Checkpoint | null; public_key: string }
export interface JournalEntry { id: string; seq: number; at: string; kind: string; actor: string; hash: string }
export interface Verdict {
  ok: boolean; entries: number | null; ms: number; checkpoint: Checkpoint | null; statement: string;
  broken: { seq: number; id: string; what: string } | null; altered?: string;
}
export interface Proof {
  entry: { id: string; seq: number; at: string; kind: string }; leaf_hash: string; index: number; size: number;
  root: string; path: string[]; holds: boolean; checkpoint: string; text: string;
}

export interface OutboxItem {
  id: string; at: string; to: Ref; address: string; subject: string; state: Delivery['state'];
  detail: string | null; incident: Case | null;
}
export interface MailItem {
  id: string; at: string; direction: 'out' | 'in'; from: string; to: string; to_name: string; subject: string;
  replied: boolean; incident: Case | null;
}
export interface Mail extends MailItem { headers: { name: string; value: string }[]; text: string }

export interface Account {
  id: string; login: string; name: string; mail: string; team: Ref | null; organisation: Ref | null; roles: Role[];
  state: 'active' | 'locked' | 'disabled'; code: boolean; last_seen: string | null;
}
export interface SignInRow { id: string; at: string; login: string; outcome: 'in' | 'refused' | 'locked' | 'out'; from: string | null }
export interface SessionRow { id: string; person: Ref; since: string; last_seen: string; current: boolean }
export interface Token { id: string; name: string; owner: Ref; scopes: string[]; created_at: string; expires_at: string; last_used: string | null }
export interface Purge {
  id: string; words: string; target: string; asked_at: string; asked_by: Ref | null; reason: string;
  done_at: string | null; done_by: Ref | null;
  team?: Ref; entry?: number; incident?: string | null; report?: string | null;
}
/** Absent for teams that were only let in. */
export interface Keeping { hold?: { since: string; by: Ref | null; reason: string } | null; purges?: Purge[] }
export interface Qr { size: number; modules: string }
export interface Offer { code_uri: string; code_text: string; qr: Qr | null }
export interface Credentials extends Offer { login: string; password: string }
export interface Kept { sha256: string; size: number }
export interface Problem { title: string; status: number; detail: string; code: string; fields?: { name: string; detail: string }[] }

/** Numbers of many cases; null: not shown, being small or giving a small one away. */
export interface Numbers { rows: { id: string; title: string }[]; columns: { id: string; title: string }[]; counts: (number | null)[][]; total: number | null }
export interface Oversight {
  since: string; until: string; least: number;
  tables: { sector: Numbers; class: Numbers; band: Numbers; month: Numbers; duties: Numbers };
  medians_s: { take: number | null; answer: number | null };
}
