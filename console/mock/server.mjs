// A stand-in for the server: serves dist and answers API.md out of memory, under the real Content-Security-Policy.
//   node mock/server.mjs [port]
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as d from './data.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const streams = new Set();
const signed = new Map();
const mails = [];
const board = () => { for (const s of streams) s.write('event: board\ndata: {"moved":true}\n\n'); };

class Refused extends Error { constructor(status, code, detail) { super(detail); Object.assign(this, { status, code }); } }
const list = (items, q, size = 25) => {
  const from = Number(q.get('cursor') ?? 0), per = Math.min(Number(q.get('limit') || size), 100);
  return { items: items.slice(from, from + per), next: from + per < items.length ? String(from + per) : null, count: Math.min(items.length, 1000), count_exact: items.length <= 1000 };
};
const find = (all, id) => all.find((x) => x.id === id) ?? (() => { throw new Refused(404, 'not_found', 'There is no such record, or you may not see it.'); })();
const me = (c) => ({ id: c.me.id, name: c.me.name });
const sees = (c, i) => c.me.team.id === d.teams.national.id || i.team.id === c.me.team.id;
const brief = (i) => ({ id: i.id, number: i.number, title: i.title });
const running = (i) => i.clocks.filter((x) => x.state === 'running' && x.due_at).sort((a, b) => a.due_at.localeCompare(b.due_at));
const item = (i) => ({ ...i, timeline: undefined, reports: i.reports.length, parties: i.parties.length, next_clock: running(i)[0] ?? i.clocks.find((x) => x.state === 'late') ?? null });
const arrows = { new: [['open', 'open']], open: [['waiting', 'wait'], ['closed', 'close']], waiting: [['open', 'resume'], ['closed', 'close']], closed: [['reopened', 'reopen']], reopened: [['waiting', 'wait'], ['closed', 'close']] };
const whole = (c, i) => ({ ...i, timeline: undefined, next_clock: running(i)[0] ?? null, may_write: c.me.roles.includes('handler'), reports: i.reports.map(small), transitions: arrows[i.state].map(([to, action]) => ({ to, action, allowed: true, why_not: null })) });
const small = (r) => ({ ...r, observable_count: r.observables.length, observables: r.observables.slice(0, 3) });
const similar = (r) => d.reports.filter((x) => x.id !== r.id && x.alike && r.alike);
const report = (r) => ({ ...r, observable_count: r.observables.length, owner_lookup: r.lookup_q ? d.lookup(r.lookup_q) : null, similar: similar(r).map(small), related: r.alike ? [item(d.incidents[0])] : [], entry: { id: r.id.replace(/^./, '0'), leaf_hash: d.hex(r.id) } });
const log = (c, i, kind, title, extra = {}) => { i.updated_at = d.nowIso(); i.etag = d.hex(Math.random()).slice(0, 16); i.timeline.unshift({ ...d.entry(kind, 0, title, extra), at: d.nowIso(), actor: extra.actor === undefined ? me(c) : extra.actor }); };
const incidentOf = (c, id) => { const i = find(d.incidents, id); if (!sees(c, i)) find([], id); return i; };
const reportsOf = (c) => (c.me.team.id === d.teams.national.id ? d.reports : d.reports.filter((r) => r.team?.id === c.me.team.id && !r.alike));
const session = (p) => ({ person: { id: p.id, name: p.name, login: p.login }, team: p.team, organisation: null, roles: p.roles, demonstration: true, regime: { id: 'pakistan-2023', title: 'Pakistan 2023', notice: d.regime.notice }, prefix: 'DEMO', now: d.nowIso() });
const allClocks = (c) => d.incidents.filter((i) => sees(c, i)).flatMap((i) => i.clocks);
const orgItem = (o) => ({ ...o, networks: o.networks.length, domains: o.domains.length, contacts: o.contacts.length });
const org = (c, o) => ({ ...o, incidents: list(d.incidents.filter((i) => sees(c, i) && i.parties.some((p) => p.id === o.id)).map(item), c.q, 8) });

const offer = { code_uri: 'otpauth://totp/Naubat:x?secret=JBSWY3DPEHPK3PXP&issuer=Naubat', code_text: 'JBSW Y3DP EHPK 3PXP',
  qr: { size: 21, modules: Array.from({ length: 441 }, (_, i) => ((i * 7919) % 13 < 6 ? '1' : '0')).join('') } };
const purges = [];
function askPurge(c, words, of) {
  const p = { id: d.id(), words, target: of.id, asked_at: d.nowIso(), asked_by: me(c), reason: c.b.reason, done_at: null, done_by: null, report: words === 'report' ? of.id : null, incident: words === 'incident' ? of.id : null };
  purges.unshift(p);
  (of.purges ??= []).push(p);
  return { id: p.id };
}
function gate(c, i, ids, tlp) {
  return ids.map((id) => {
    const p = i.parties.find((x) => x.id === id), o = d.organisations.find((x) => x.id === id), t = Object.values(d.teams).find((x) => x.id === id);
    const name = p?.name ?? o?.name ?? t?.name ?? 'unknown';
    if (!p && (t?.id === d.teams.telecom.id || o?.team?.id === d.teams.telecom.id)) return { id, name, allowed: false, address: null, how: 'none', reason: `The incident is of the banking sector and marked TLP:${tlp}. ${name} is in the telecom constituency and no party of it, so it has no need to know. Make it a party first, or ask the source for wider sharing.` };
    const address = p?.address ?? o?.contacts[0]?.address ?? (t ? `duty@${t.name.split(' ')[0].toLowerCase()}-cert.example` : null);
    if (!address) return { id, name, allowed: false, address: null, how: 'none', reason: `No contact of ${name} is known. Add one in the directory.` };
    return { id, name, allowed: true, address, how: tlp === 'RED' || tlp === 'AMBER+STRICT' ? 'notice' : 'mail', reason: null };
  });
}
function open(c, b) {
  const chosen = b.reports.map((id) => find(d.reports, id));
  const i = d.incident(b.title, { owner: b.owner === 'none' ? null : me(c), state: b.owner === 'none' ? 'new' : 'open', opened_at: d.nowIso(), updated_at: d.nowIso() });
  const bank = d.organisations[0], host = d.organisations[1];
  i.parties = [d.party(bank, ['affected'], { affected: 'unknown' }), d.party(host, ['provider'])];
  i.clocks = [d.clock(i, 'Acknowledge to the reporter', null, 58, { ...d.assumed('one hour, a service target of this node') }), d.clock(i, 'Tell the sector’s CERT', { id: d.teams.banking.id, name: 'Banking CERT' }, 118), d.clock(i, 'First report of the constituent', { id: bank.id, name: bank.name }, 0, { state: 'waiting', due_at: null, anchor: { fact: 'aware', at: null, said_by: null }, ...d.assumed('6 hours after becoming aware, by analogy') })];
  log(c, i, 'incident.opened', `Incident opened with ${chosen.length} reports; 3 clocks set`);
  attach(c, i, chosen);
  return { ...brief(i), clocks: 3, undo: { label: `${i.number} opened`, path: `/api/incidents/${i.id}/detach`, body: { reports: b.reports } } };
}
function attach(c, i, chosen) { for (const r of chosen) { r.state = 'attached'; r.incident = brief(i); r.owner = me(c); i.reports.push(r); } log(c, i, 'report.attached', `${chosen.length} reports attached`); }
function send(c, i, b) {
  const to = gate(c, i, b.recipients, b.tlp);
  if (to.some((r) => !r.allowed)) throw new Refused(403, 'gate_refused', 'The gate refuses a recipient; nothing was sent.');
  const deliveries = to.map((r) => ({ id: d.id(), message: { id: d.id(), subject: b.subject }, party: { id: r.id, name: r.name }, address: r.address, at: d.nowIso(), state: 'sent', detail: null }));
  for (const x of deliveries) {
    const request = b.request_hours ? { id: d.id(), party: x.party, subject: b.subject, asked_at: d.nowIso(), due_at: d.iso(60 * b.request_hours), state: 'open', answered_at: null } : null;
    if (request) i.requests.unshift(request);
    i.deliveries.unshift(x);
    log(c, i, 'message.sent', b.subject, { shape: 'message', text: b.text, marking: { tlp: b.tlp, presumed: false }, message: { direction: 'out', party: x.party, verified: true, deliveries: [x], request } });
    mails.unshift({ id: d.id(), at: d.nowIso(), direction: 'out', from: 'cert@demo.example', to: x.address, to_name: x.party.name, subject: `[TLP:${b.tlp}] [DEMO] ${b.subject}`, replied: false, incident: brief(i), party: x.party,
      headers: [['From', 'National CERT (demonstration) <cert@demo.example>'], ['To', x.address], ['Subject', `[TLP:${b.tlp}] [DEMO] ${b.subject}`], ['Reply-To', `r-${d.hex(x.id).slice(0, 20)}@demo.example`], ['Message-ID', `<${x.id}@demo.example>`]].map(([name, value]) => ({ name, value })), text: `TLP:${b.tlp}\n\nTHIS IS A DEMONSTRATION.\n\n${b.text}\n\nNational CERT (demonstration)\nTLP:${b.tlp}\n` });
  }
  return { message: { id: d.id() }, deliveries };
}
const search = (c, text) => {
  const t = text.toLowerCase().replaceAll('[.]', '.'), hit = (...all) => all.some((x) => String(x ?? '').toLowerCase().replaceAll('[.]', '.').includes(t));
  return [
    ...reportsOf(c).filter((r) => hit(r.number, r.title, r.text, r.reporter.name)).map((r) => ({ kind: 'report', id: r.id, number: r.number, title: r.title, excerpt: r.excerpt, at: r.received_at, incident: r.incident, state: r.state })),
    ...d.incidents.filter((i) => sees(c, i) && (hit(i.number, i.title) || i.reports.some((r) => hit(r.text)))).map((i) => ({ kind: 'incident', id: i.id, number: i.number, title: i.title, excerpt: '', at: i.updated_at, incident: null, state: i.state })),
    ...d.incidents.filter((i) => sees(c, i)).flatMap((i) => i.timeline.filter((e) => e.shape === 'message' && hit(e.text, e.title)).map((e) => ({ kind: 'message', id: i.id, number: null, title: e.title, excerpt: e.text.slice(0, 140), at: e.at, incident: brief(i), state: null }))),
    ...d.organisations.filter((o) => hit(o.name, ...o.domains.map((x) => x.value))).map((o) => ({ kind: 'organisation', id: o.id, number: null, title: o.name, excerpt: [...o.networks, ...o.domains].map((x) => x.value).join(', '), at: null, incident: null, state: null })),
  ].sort((a, b) => String(b.at).localeCompare(String(a.at)));
};
const verdict = (ok) => ({ ok, entries: 48211, ms: 141, checkpoint: { origin: 'demo.example/naubat', size: 48192, root: d.hex('root'), at: d.iso(-9) }, statement: ok ? 'Internally consistent, and consistent with this node’s own last checkpoint. Without a checkpoint kept outside, rewriting or truncation is not excluded.' : 'The leaf hash computed from the entry is not the one in the tree. Everything before it is intact.', broken: ok ? null : { seq: 4711, id: d.id(), what: 'payload.title: the payload’s hash differs from payload_hash in the header' } });

const routes = {
  'GET session': (c) => session(c.me),
  'DELETE session': (c) => { signed.delete(c.sid); },
  'GET people': () => ({ items: d.people.filter((p) => p.team.id === d.teams.national.id && p.roles.includes('handler')).map((p) => ({ id: p.id, name: p.name })) }),
  'GET teams': () => ({ items: Object.values(d.teams) }),
  'GET regime': () => d.regime,
  'GET home': (c) => {
    const mine = d.incidents.filter((i) => sees(c, i) && i.state !== 'closed');
    const due = mine.flatMap(running).filter((x) => x.due_at > d.nowIso()).sort((a, b) => a.due_at.localeCompare(b.due_at));
    const fresh = reportsOf(c).filter((r) => r.state === 'new');
    return { pressing: due[0] ?? null, now: d.nowIso(), due: list(due, c.none, 8), overdue: { count: mine.flatMap((i) => i.clocks).filter((x) => x.state === 'late').length, count_exact: true }, untaken: { count: fresh.filter((r) => !r.owner).length, count_exact: true, oldest_at: fresh.filter((r) => !r.owner).map((r) => r.received_at).sort()[0] ?? null, alerted_at: null }, new_reports: list(fresh.map(small), c.none, 5), mine: list(mine.filter((i) => i.owner?.id === c.me.id).map(item), c.none, 6), nobodys: list(mine.filter((i) => !i.owner).map(item), c.none, 6) };
  },
  'GET reports': (c) => { const s = c.q.get('state') ?? 'new', o = c.q.get('owner'); return list(reportsOf(c).filter((r) => (s === 'all' || r.state === s) && (!o || (o === 'none' ? !r.owner : r.owner?.id === c.me.id))).map(small), c.q, 10); },
  'POST reports': (c) => { const r = { ...structuredClone(d.reports[0]), id: d.id(), number: d.number(), door: 'phone', title: c.b.title || c.b.text.split('\n')[0], text: c.b.text, excerpt: c.b.text, state: 'new', received_at: d.nowIso() }; d.reports.unshift(r); board(); return { id: r.id, number: r.number, claim_code: d.code(), receipt: { entry: d.id(), leaf_hash: d.hex(r.id) } }; },
  'GET reports/:id': (c) => report(find(reportsOf(c), c.id)),
  'POST reports/:id/take': (c) => { const r = find(d.reports, c.id); r.owner = me(c); return report(r); },
  'POST reports/:id/release': (c) => { const r = find(d.reports, c.id); r.owner = null; return report(r); },
  'POST reports/:id/give': (c) => { const r = find(d.reports, c.id), p = find(d.people, c.b.to); r.owner = { id: p.id, name: p.name }; return report(r); },
  'POST reports/:id/reject': (c) => { const r = find(d.reports, c.id); r.state = 'rejected'; r.reject_reason = c.b.reason; return { report: report(r), undo: { label: `${r.number} rejected`, path: `/api/reports/${r.id}/restore`, body: {} } }; },
  'POST reports/:id/restore': (c) => { const r = find(d.reports, c.id); r.state = 'new'; r.reject_reason = null; return report(r); },
  'POST reports/:id/answer': (c) => { const r = find(d.reports, c.id); r.answers.push({ id: d.id(), raw: null, at: d.nowIso(), by: me(c), direction: 'out', verified: true, text: c.b.text }); return report(r); },
  'GET incidents': (c) => {
    const g = (k) => c.q.get(k), s = g('state') ?? 'active';
    const all = d.incidents.filter((i) => sees(c, i) && (s === 'all' || (s === 'active' ? i.state !== 'closed' : i.state === s)) && (!g('owner') || (g('owner') === 'none' ? !i.owner : i.owner?.id === c.me.id)) && (!g('sector') || i.sector === g('sector')) && (!g('class') || i.class === g('class')) && (!g('band') || i.severity.band === g('band'))).map(item);
    const due = (i) => (i.next_clock?.state === 'late' ? '0' : i.next_clock?.due_at ?? '9');
    all.sort({ updated: (a, b) => b.updated_at.localeCompare(a.updated_at), opened: (a, b) => b.opened_at.localeCompare(a.opened_at), severity: (a, b) => b.severity.score - a.severity.score }[g('sort')] ?? ((a, b) => due(a).localeCompare(due(b))));
    return list(all, c.q, 12);
  },
  'POST incidents': (c) => open(c, c.b),
  'GET incidents/:id': (c) => whole(c, incidentOf(c, c.id)),
  'GET incidents/:id/timeline': (c) => list(incidentOf(c, c.id).timeline, c.q, 30),
  'POST incidents/:id/attach': (c) => { const i = incidentOf(c, c.id); attach(c, i, c.b.reports.map((r) => find(d.reports, r))); return { attached: c.b.reports.length, undo: { label: `Attached to ${i.number}`, path: `/api/incidents/${i.id}/detach`, body: c.b } }; },
  'POST incidents/:id/detach': (c) => { const i = incidentOf(c, c.id); for (const r of i.reports.filter((x) => c.b.reports.includes(x.id))) { r.state = 'new'; r.incident = null; } i.reports = i.reports.filter((x) => !c.b.reports.includes(x.id)); log(c, i, 'report.detached', `${c.b.reports.length} reports detached: new again`); return { detached: c.b.reports.length, undo: { label: 'Detached', path: `/api/incidents/${i.id}/attach`, body: c.b } }; },
  'POST incidents/:id/join': (c) => { const i = incidentOf(c, c.id), o = incidentOf(c, c.b.with); i.campaign.push(brief(o)); o.campaign.push(brief(i)); log(c, i, 'incident.joined', `One campaign: ${i.number} with ${o.number}`); return { undo: { label: 'One campaign', path: `/api/incidents/${i.id}/leave`, body: {} } }; },
  'POST incidents/:id/leave': (c) => { const i = incidentOf(c, c.id); for (const o of i.campaign) { const x = find(d.incidents, o.id); x.campaign = x.campaign.filter((y) => y.id !== i.id); } i.campaign = []; return whole(c, i); },
  'POST incidents/:id/merge': (c) => { const i = incidentOf(c, c.id), into = incidentOf(c, c.b.into); i.merged_into = brief(into); into.merged.push(brief(i)); return { undo: null }; },
  'POST incidents/:id/split': (c) => { const i = incidentOf(c, c.id), made = open(c, c.b), n = find(d.incidents, made.id); n.split_from = brief(i); i.split_off.push(brief(n)); i.reports = i.reports.filter((r) => !c.b.reports.includes(r.id)); return { id: made.id, number: made.number, undo: { label: `Split off ${c.b.reports.length} reports`, path: `/api/incidents/${made.id}/withdraw`, body: {} } }; },
  'POST incidents/:id/withdraw': (c) => { const i = incidentOf(c, c.id), from = i.split_from && find(d.incidents, i.split_from.id); for (const r of i.reports) { r.state = from ? 'attached' : 'new'; r.incident = from ? brief(from) : null; from?.reports.push(r); } i.reports = []; i.state = 'closed'; i.resolution = 'withdrawn'; return whole(c, i); },
  'POST incidents/:id/flags': (c) => { const i = incidentOf(c, c.id), f = i.flags.find((x) => x.flag === c.b.flag); Object.assign(f, { value: c.b.value, said_by: c.b.said_by, recorded_by: me(c), recorded_at: d.nowIso() }); return whole(c, i); },
  'POST incidents/:id/take': (c) => { const i = incidentOf(c, c.id); i.owner = me(c); if (i.state === 'new') i.state = 'open'; log(c, i, 'incident.taken', 'Taken'); return whole(c, i); },
  'POST incidents/:id/release': (c) => { const i = incidentOf(c, c.id); i.owner = null; log(c, i, 'incident.released', 'Released'); return whole(c, i); },
  'POST incidents/:id/give': (c) => { const i = incidentOf(c, c.id), p = find(d.people, c.b.to); i.owner = { id: p.id, name: p.name }; if (i.state === 'new') i.state = 'open'; log(c, i, 'incident.given', `Given to ${p.name}`); return whole(c, i); },
  'POST incidents/:id/retitle': (c) => { const i = incidentOf(c, c.id); i.title = c.b.title; log(c, i, 'incident.retitled', 'Title changed'); return whole(c, i); },
  'POST incidents/:id/classify': (c) => { const i = incidentOf(c, c.id); i.class = c.b.class; log(c, i, 'incident.classified', `Class: ${c.b.class}`); return whole(c, i); },
  'POST incidents/:id/marking': (c) => { const i = incidentOf(c, c.id); i.marking = { tlp: c.b.tlp, presumed: false }; return whole(c, i); },
  'POST incidents/:id/wait': (c) => { const i = incidentOf(c, c.id); i.state = 'waiting'; i.waiting = { on: c.b.on, until: c.b.until }; log(c, i, 'incident.waiting', `Waiting on ${c.b.on}`); return whole(c, i); },
  'POST incidents/:id/resume': (c) => { const i = incidentOf(c, c.id); i.state = 'open'; i.waiting = null; log(c, i, 'incident.resumed', 'Resumed'); return whole(c, i); },
  'POST incidents/:id/reopen': (c) => { const i = incidentOf(c, c.id); i.state = 'reopened'; i.resolution = null; log(c, i, 'incident.reopened', 'Reopened', { text: c.b.reason }); return whole(c, i); },
  'POST reports/:id/hold': (c) => { const r = find(d.reports, c.id); r.hold = { since: d.nowIso(), by: me(c), reason: c.b.reason }; },
  'POST reports/:id/lift-hold': (c) => { find(d.reports, c.id).hold = null; },
  'POST incidents/:id/hold': (c) => { const i = find(d.incidents, c.id); i.hold = { since: d.nowIso(), by: me(c), reason: c.b.reason }; },
  'POST incidents/:id/lift-hold': (c) => { find(d.incidents, c.id).hold = null; },
  'POST reports/:id/purge': (c) => askPurge(c, 'report', find(d.reports, c.id)),
  'POST incidents/:id/purge': (c) => askPurge(c, 'incident', find(d.incidents, c.id)),
  'POST messages/:id/purge': (c) => askPurge(c, 'message', { id: c.id }),
  'GET purges': (c) => list(purges, c.q),
  'POST purges/:id/confirm': (c) => { const p = find(purges, c.id); if (p.asked_by.id === c.me.id) throw new Refused(403, 'denied', 'You asked for this purge: somebody else has to confirm it.'); p.done_at = d.nowIso(); p.done_by = me(c); },
  'GET incidents/:id/closing': (c) => { const i = incidentOf(c, c.id); return { clocks: i.clocks.filter((x) => x.state === 'running'), requests: i.requests.filter((r) => r.state === 'open'), unanswered: i.reports.filter((r) => !r.answers.length).map((r) => ({ report: { id: r.id, number: r.number }, name: r.reporter.name, received_at: r.received_at })) }; },
  'POST incidents/:id/close': (c) => { const i = incidentOf(c, c.id); i.state = 'closed'; i.resolution = c.b.resolution; log(c, i, 'incident.closed', 'Closed', { text: c.b.reason }); return whole(c, i); },
  'POST incidents/:id/parties': (c) => { const i = incidentOf(c, c.id), o = d.organisations.find((x) => x.id === c.b.party); i.parties.push(o ? d.party(o, c.b.roles) : { id: c.b.party || d.id(), name: c.b.name || Object.values(d.teams).find((t) => t.id === c.b.party)?.name, kind: 'typed', organisation: null, team: null, roles: c.b.roles, address: c.b.address || null, contact: null, affected: 'unknown', facts: [] }); log(c, i, 'party.added', 'Party added'); return whole(c, i); },
  'POST incidents/:id/parties/:id/remove': (c) => { const i = incidentOf(c, c.id), p = find(i.parties, c.party); if (i.requests.some((r) => r.party.id === p.id && r.state === 'open')) throw new Refused(409, 'conflict', 'It has an open request: withdraw that, and tell it so; what was told to it stays, and so does the party.'); (i.removed ??= []).push(p); i.parties = i.parties.filter((x) => x !== p); log(c, i, 'party.removed', `Party removed: ${p.name}`); return { undo: { label: 'Removed a party', path: `/api/incidents/${i.id}/parties/${p.id}/restore`, body: {} } }; },
  'POST incidents/:id/parties/:id/restore': (c) => { const i = incidentOf(c, c.id), p = find(i.removed ?? [], c.party); i.removed = i.removed.filter((x) => x !== p); i.parties.push(p); log(c, i, 'party.restored', `Party back: ${p.name}`); return { undo: { label: 'A party is back', path: `/api/incidents/${i.id}/parties/${p.id}/remove`, body: {} } }; },
  'POST incidents/:id/submissions': (c) => { const i = incidentOf(c, c.id), k = i.clocks.find((x) => x.step === c.b.stage && x.party?.id === c.b.party); if (k) { k.state = 'met'; k.met_at = c.b.received_at; i.submissions.push({ id: d.id(), party: k.party, duty: k.duty, stage: k.step, title: k.title, submitted_at: c.b.received_at, said_by: 'officer', recorded_by: me(c), recorded_at: d.nowIso(), reference: c.b.reference, text: '' }); } log(c, i, 'submission.recorded', 'Submission recorded'); return whole(c, i); },
  'POST incidents/:id/severity/preview': (c) => d.severity(c.b.factors, null, c.b.life_safety),
  'POST incidents/:id/severity': (c) => { const i = incidentOf(c, c.id); i.severity = d.severity(c.b.factors, c.b.override_band ? { band: c.b.override_band, reason: c.b.reason, by: me(c), at: d.nowIso() } : null, c.b.life_safety); log(c, i, 'severity.set', `Severity: ${i.severity.band_title}`); return whole(c, i); },
  'POST incidents/:id/comments': (c) => { const i = incidentOf(c, c.id); log(c, i, 'comment.added', 'Comment', { shape: 'comment', text: c.b.text }); return i.timeline[0]; },
  'POST incidents/:id/messages/preview': (c) => { const r = gate(c, incidentOf(c, c.id), c.b.recipients, c.b.tlp); return { recipients: r, sendable: r.every((x) => x.allowed), subject: `[TLP:${c.b.tlp}] [DEMO] ${c.b.subject}` }; },
  'POST incidents/:id/messages': (c) => send(c, incidentOf(c, c.id), c.b),
  'GET clocks': (c) => { const s = c.q.get('state') ?? 'running'; return list(allClocks(c).filter((x) => s === 'all' || x.state === s).sort((a, b) => (a.due_at ?? '9').localeCompare(b.due_at ?? '9')), c.q, 15); },
  'POST requests/:id/answered': (c) => { const r = find(d.incidents.flatMap((i) => i.requests), c.id); r.state = 'answered'; r.answered_at = d.nowIso(); },
  'POST requests/:id/withdraw': (c) => { find(d.incidents.flatMap((i) => i.requests), c.id).state = 'withdrawn'; },
  'POST clocks/:id/waive': (c) => { if (!c.me.roles.includes('shift_lead')) throw new Refused(403, 'denied', 'Only a shift lead waives a clock: ask the one of your shift, with the reason.'); const k = find(allClocks(c), c.id); k.state = 'waived'; k.reason = c.b.reason; return k; },
  'POST clocks/:id/reason': (c) => { const k = find(allClocks(c), c.id); k.state = 'late_with_reason'; k.reason = c.b.reason; return k; },
  'GET search': (c) => { const t = c.q.get('q') ?? '', k = c.q.get('kind'); return { ...list(search(c, t).filter((h) => !k || h.kind === k), c.q), read_as: /^DEMO-/i.test(t) ? 'number' : /^\d+\./.test(t) ? 'address' : /\.\w/.test(t) ? 'domain' : 'words' }; },
  'GET owner': (c) => d.lookup(c.q.get('q') ?? ''),
  'GET organisations': (c) => list(d.organisations.filter((o) => (!c.q.get('q') || o.name.toLowerCase().includes(c.q.get('q').toLowerCase())) && (!c.q.get('sector') || o.sector === c.q.get('sector')) && (!c.q.get('class') || o.class === c.q.get('class'))).sort((a, b) => a.name.localeCompare(b.name)).map(orgItem), c.q),
  'POST organisations': (c) => { const o = { ...structuredClone(d.organisations[5]), ...c.b, id: d.id(), networks: [], domains: [] }; d.organisations.push(o); return { id: o.id }; },
  'POST journal/checkpoint': () => ({ note: 'mock\n1\nAAAA\n', checkpoint: null }),
  'GET organisations/:id/accounts': (c) => list([], c.q),
  'POST organisations/:id/accounts': () => ({ id: d.id(), password: d.code(), ...offer }),
  'GET organisations/:id': (c) => org(c, find(d.organisations, c.id)),
  'POST organisations/:id/contacts': (c) => { const o = find(d.organisations, c.id); o.contacts.push({ id: d.id(), note: null, ...c.b }); return org(c, o); },
  'POST organisations/:id/networks': (c) => { const o = find(d.organisations, c.id); o.networks.push({ id: d.id(), ...c.b }); return org(c, o); },
  'POST organisations/:id/domains': (c) => { const o = find(d.organisations, c.id); o.domains.push({ id: d.id(), ...c.b }); return org(c, o); },
  'POST organisations/:id/remove': (c) => { const o = find(d.organisations, c.id); for (const k of ['contacts', 'networks', 'domains']) o[k] = o[k].filter((x) => x.id !== c.b.item); return org(c, o); },
  'POST directory/import': (c) => { const rows = c.b.csv.trim().split('\n').slice(1).map((l, i) => { const name = l.split(',')[0]; const same = d.organisations.some((o) => o.name === name); const bad = l.split(',').length < 3; return { line: i + 2, fate: bad ? 'refuse' : same ? (i % 2 ? 'change' : 'same') : 'add', name, reason: bad ? 'column sector is missing: 5 columns were expected' : same && i % 2 ? 'class: private becomes semi_government' : null }; }); const n = (f) => rows.filter((r) => r.fate === f).length; return { dry_run: c.b.dry_run, rows, add: n('add'), change: n('change'), same: n('same'), refuse: n('refuse') }; },
  'GET journal': () => ({ entries: 48211, epoch: 1, checkpoint: { origin: 'demo.example/naubat', size: 48192, root: d.hex('root'), at: d.iso(-9), note: '' }, public_key: 'demo.example/naubat+8c1f2b7a+AeW1nP7o0bT3u6d1Hn5x0p1yQm3Qm0mQ4b0q1k8m2s9v' }),
  'GET journal/entries': (c) => list(Array.from({ length: 400 }, (_, i) => ({ id: d.hex(`e${i}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5'), seq: 48211 - i, at: d.iso(-i * 3), kind: ['report.received', 'message.sent', 'clock.met', 'comment.added', 'session.opened'][i % 5], actor: d.people[i % 4].name, hash: d.hex(i) })), c.q, 15),
  'GET journal/entries/:id/proof': (c) => ({ entry: { id: c.id, seq: 48190, at: d.iso(-63), kind: 'report.received' }, leaf_hash: d.hex(c.id), index: 48189, size: 48192, root: d.hex('root'), path: Array.from({ length: 16 }, (_, i) => d.hex(`p${i}`)), holds: true, checkpoint: `demo.example/naubat\n48192\n${Buffer.from(d.hex('root'), 'hex').toString('base64')}\n\n— demo.example/naubat jB8requq…\n` }),
  'GET journal/verify': () => ({ permille: null }),
  'POST journal/verify': () => verdict(true),
  'POST demo/journal/alter': () => ({ ...verdict(false), altered: 'byte 17 of the payload of entry 4,711' }),
  'GET outbox': (c) => list(d.incidents.flatMap((i) => i.deliveries.map((x) => ({ id: x.id, at: x.at, to: x.party, address: x.address, subject: x.message.subject, state: x.state, detail: x.detail, incident: brief(i) }))), c.q),
  'GET demo/mail': (c) => list(mails, c.q),
  'GET demo/mail/:id': (c) => find(mails, c.id),
  'POST demo/mail/:id/reply': (c) => { const m = find(mails, c.id), i = find(d.incidents, m.incident.id); m.replied = true; const rq = i.requests.find((r) => r.party.id === m.party.id && r.state === 'open'); if (rq) { rq.state = 'answered'; rq.answered_at = d.nowIso(); } log(c, i, 'message.received', `Re: ${m.subject}`, { actor: null, shape: 'message', text: c.b.text, marking: { tlp: 'AMBER', presumed: false }, message: { id: d.id(), direction: 'in', party: m.party, verified: true, deliveries: [], request: null, raw: { sha256: '9b'.repeat(32), size: 4182 } } }); return { incident: m.incident }; },
  'GET accounts': (c) => list(d.people.map((p, i) => ({ id: p.id, login: p.login, name: p.name, mail: i % 3 ? `${p.login}@cert.example` : '', team: p.team, roles: p.roles, state: i === 3 ? 'locked' : 'active', code: i !== 7, last_seen: i === 7 ? null : d.iso(-i * 130) })), c.q),
  'POST account/password': () => {}, 'POST account/code': () => offer, 'POST account/code/confirm': () => {},
  'POST accounts': () => ({ id: d.id(), password: d.code(), ...offer }),
  'POST accounts/:id/reset': () => ({ password: d.code(), ...offer }),
  'POST accounts/:id/set': () => {}, 'POST accounts/:id/disable': () => {}, 'POST accounts/:id/enable': () => {},
  'GET sign-ins': (c) => list(Array.from({ length: 60 }, (_, i) => ({ id: d.id(), at: d.iso(-i * 47), login: d.people[i % 5].login, outcome: ['in', 'in', 'refused', 'out', 'locked'][i % 5], from: '127.0.0.1' })), c.q),
  'GET sessions': (c) => list(d.people.slice(0, 4).map((p, i) => ({ id: d.id(), person: { id: p.id, name: p.name }, since: d.iso(-200 - i * 50), last_seen: d.iso(-i * 3), current: p.id === c.me.id })), c.q),
  'GET tokens': (c) => list([{ id: d.id(), name: 'sensor feed', owner: { id: d.people[0].id, name: d.people[0].name }, scopes: ['report.write'], created_at: d.iso(-90000), expires_at: d.iso(40000), last_used: d.iso(-2) }], c.q),
  'POST tokens': () => ({ id: d.id(), token: `nbt_${d.hex(Math.random())}` }),
  'POST sessions/:id/end': () => {}, 'POST tokens/:id/end': () => {},
};
const fact = (c) => { const i = incidentOf(c, c.id), p = find(i.parties, c.party); if (c.b.fact === 'affected') p.affected = c.b.value; p.facts.unshift({ fact: c.b.fact, at: c.b.at, said_by: c.b.said_by, recorded_by: me(c), recorded_at: d.nowIso() }); log(c, i, 'fact.recorded', `${p.name}: ${c.b.fact}, said by ${c.b.said_by}`); return whole(c, i); };

function answer(rs, status, body, headers = {}) {
  rs.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', 'Content-Security-Policy': csp, ...headers });
  rs.end(body === undefined ? '' : JSON.stringify(body));
}
async function api(rq, rs, url) {
  const parts = url.pathname.slice(5).split('/'), sid = /sid=([^;]+)/.exec(rq.headers.cookie ?? '')?.[1];
  const who = signed.get(sid), method = rq.method;
  let text = '';
  for await (const chunk of rq) text += chunk;
  const b = text ? JSON.parse(text) : {};
  if (method === 'GET' && url.pathname === '/api/demo/people') return answer(rs, 200, { items: d.people.map(({ id, ...p }) => p) });
  if (method === 'POST' && url.pathname === '/api/demo/session') { const p = d.people.find((x) => x.login === b.login), s = d.id(); signed.set(s, p); return answer(rs, 200, session(p), { 'Set-Cookie': `sid=${s}; HttpOnly; SameSite=Strict; Path=/` }); }
  if (!who) return answer(rs, 401, { title: 'Not signed in', status: 401, detail: 'Sign in first.', code: 'signed_out', demonstration: true, regime: { title: 'Pakistan 2023' } });
  if (url.pathname === '/api/stream') { rs.writeHead(200, { 'Content-Type': 'text/event-stream' }); rs.write(': hello\n\n'); streams.add(rs); rq.on('close', () => streams.delete(rs)); return; }
  const uuid = /^[0-9a-f-]{36}$/, id = parts.find((p) => uuid.test(p));
  const c = { me: who, sid, q: url.searchParams, none: new URLSearchParams(), b, id, party: parts[3] };
  const key = `${method} ${parts.map((p) => (uuid.test(p) ? ':id' : p)).join('/')}`;
  const run = key === 'POST incidents/:id/parties/:id/facts' ? fact : routes[key];
  if (!run) return answer(rs, 404, { title: 'No such call', status: 404, detail: `The mock does not know ${key}.`, code: 'not_found' });
  try {
    const body = run(c);
    answer(rs, body === undefined ? 204 : 200, body);
    if (method !== 'GET' && !key.includes('preview')) board();
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    answer(rs, e.status, { title: 'Refused', status: e.status, detail: e.message, code: e.code });
  }
}
const port = Number(process.argv[2] ?? 8090);
createServer(async (rq, rs) => {
  const url = new URL(rq.url, 'http://x');
  if (url.pathname.startsWith('/api/')) return api(rq, rs, url).catch((e) => { console.error(e); answer(rs, 500, { title: 'The mock failed', status: 500, detail: String(e), code: 'mock' }); });
  const file = extname(url.pathname) ? url.pathname : '/index.html';
  try {
    const bytes = await readFile(join(dist, normalize(file)));
    rs.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': csp, 'X-Content-Type-Options': 'nosniff' });
    rs.end(bytes);
  } catch { rs.writeHead(404).end('not found'); }
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`));
