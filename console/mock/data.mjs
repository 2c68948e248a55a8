// Believable data for screenshots and for work on the console without a server.  Every name is invented,
// every address is one of documentation (RFC 5737, 3849, 2606).  Nothing of this ships.
import { createHash, randomBytes, randomUUID } from 'node:crypto';

const T0 = Date.now();
export const iso = (minutes) => new Date(T0 + minutes * 60_000).toISOString();
export const nowIso = () => new Date().toISOString();
let n = 0;
export const id = () => randomUUID();
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
export const number = () => `DEMO-2026-${[...createHash('sha256').update(String(n++)).digest()].slice(0, 7).map((b) => alphabet[b % 30]).join('')}`;
export const hex = (seed) => createHash('sha256').update(String(seed)).digest('hex');
export const code = () => [...randomBytes(16)].map((b) => alphabet[b % 30]).join('').replace(/(.{4})(?=.)/g, '$1-');
const ref = (name) => ({ id: id(), name });

export const teams = { national: ref('National CERT'), banking: ref('Banking CERT'), telecom: ref('Telecom CERT'), power: ref('Power CERT'), council: ref('Oversight Council') };
const person = (login, name, team, roles, line) => ({ id: id(), login, name, team, roles, line });
export const people = [
  person('amna', 'Amna Rahim', teams.national, ['handler'], 'Duty handler: takes reports, opens incidents, writes to parties'),
  person('bilal', 'Bilal Sattar', teams.national, ['handler', 'shift_lead'], 'Shift lead: answers for the shift, is told when a clock runs out'),
  person('hina', 'Hina Qazi', teams.banking, ['handler'], 'Handler of the banking sector: sees banking cases only'),
  person('tariq', 'Tariq Mehmood', teams.telecom, ['handler'], 'Handler of the telecom sector: sees telecom cases only'),
  person('saima', 'Saima Lodhi', teams.national, ['directory_keeper'], 'Keeps organisations, contacts, networks and domains'),
  person('auditor', 'Farid Anwar', teams.national, ['auditor'], 'Verifies the journal, reads every entry, changes nothing'),
  person('admin', 'Nadia Yusuf', teams.national, ['administrator'], 'Keeps accounts and tokens; sees no case content'),
  person('council', 'Dr. Zehra Malik', teams.council, ['observer'], 'Council seat: sees numbers and proofs'),
];
const who = (login) => { const p = people.find((x) => x.login === login); return { id: p.id, name: p.name }; };

const organisation = (name, cls, sector, team, networks, domains, contacts, extra = {}) => ({
  id: id(), name, class: cls, sector, team, province: null, cii: null, updated_at: iso(-60 * 24 * 9), ...extra,
  networks: networks.map((value) => ({ id: id(), value })), domains: domains.map((value) => ({ id: id(), value })),
  contacts: contacts.map(([cname, role, address, phone, note], i) => ({ id: id(), rank: i + 1, name: cname, role, address, phone: phone ?? null, note: note ?? null })),
});
export const organisations = [
  organisation('Demo Bank', 'private', 'banking', teams.banking, ['203.0.113.0/24', '2001:db8:10::/48'], ['bank.example'], [
    ['SOC desk', 'Security operations, day and night', 'soc@bank.example', '+92 51 555 0110'],
    ['Kamran Iqbal', 'Head of information security', 'kamran.iqbal@bank.example', '+92 51 555 0111', 'Answers within the hour; tested three weeks ago'],
    ['Board secretary', 'When nobody else answers', 'secretary@bank.example', null]], { cii: 'A', province: 'Sindh' }),
  organisation('Indus Hosting', 'private', 'it', teams.national, ['198.51.100.0/24', 'AS64500'], ['hosting.example'], [['Abuse desk', 'Abuse reports', 'abuse@hosting.example', '+92 42 555 0170']]),
  organisation('Sahil Telecom', 'private', 'communications', teams.telecom, ['192.0.2.0/25', 'AS64510'], ['telecom.example'], [['NOC', 'Network operations', 'noc@telecom.example', '+92 21 555 0130']], { cii: 'A' }),
  organisation('Khyber Power Distribution', 'semi_government', 'energy', teams.power, ['192.0.2.128/26'], ['power.example'], [['Control room', 'Duty engineer', 'control@power.example', '+92 91 555 0140']], { cii: 'A', province: 'Khyber Pakhtunkhwa' }),
  organisation('Ministry of Examples', 'government', 'government', teams.national, ['192.0.2.192/27'], ['ministry.example'], [['IT wing', 'Director', 'it@ministry.example']], { cii: 'B', province: 'Islamabad' }),
  organisation('Margalla General Hospital', 'government', 'health', teams.national, ['192.0.2.224/28'], ['hospital.example'], [], { province: 'Islamabad' }),
  organisation('وزارتِ مثال', 'government', 'government', teams.national, [], ['urdu.example'], [['شعبۂ آئی ٹی', 'ناظم', 'it@urdu.example']]),
  organisation('Ravi Microfinance', 'private', 'banking', teams.banking, ['2001:db8:20::/48'], ['ravi.example'], [['IT', 'IT manager', 'it@ravi.example']]),
  ...['Chenab Textile Mills', 'Makran Port Authority', 'Ghazi Motors', 'Sutlej University', 'Bolan Gas', 'Hunza Air', 'Tharparkar Solar', 'Lyari Clearing House'].map((name, i) =>
    organisation(name, ['private', 'semi_government', 'private', 'government'][i % 4], ['it', 'communications', 'energy', 'banking'][i % 4], [teams.national, teams.telecom, teams.power, teams.banking][i % 4], [`2001:db8:${i + 30}::/48`], [`${name.split(' ')[0].toLowerCase()}.example`], [['IT', 'IT desk', `it@${name.split(' ')[0].toLowerCase()}.example`]])),
];
const org = (name) => organisations.find((o) => o.name === name);
export const orgRef = (o) => ({ id: o.id, name: o.name });

export function lookup(q) {
  const plain = q.replaceAll('[.]', '.').replaceAll('hxxp', 'http').trim();
  const hosts = organisations.filter((o) => o.networks.some((x) => x.value.startsWith(plain.split('.').slice(0, 3).join('.') + '.')) || o.domains.some((d) => plain.includes(d.value)));
  const o = hosts[0];
  const net = o?.networks.find((x) => x.value.startsWith(plain.split('.').slice(0, 3).join('.')));
  const domain = o?.domains.find((d) => plain.includes(d.value));
  const by = net ?? domain;
  return {
    query: q, type: /^\d/.test(plain) ? 'ipv4' : 'domain', found: !!o,
    organisation: o ? { id: o.id, name: o.name, class: o.class, sector: o.sector } : null, team: o?.team ?? null,
    matches: o ? [{ what: net ? 'network' : 'domain', value: by.value, organisation: orgRef(o), chosen: true }, ...(net ? [{ what: 'network', value: '203.0.112.0/20', organisation: orgRef(org('Indus Hosting')), chosen: false }] : [])] : [],
    contacts: (o?.contacts ?? []).map(({ id: _, ...c }) => c),
    why: o ? [net ? `${q} lies in ${net.value}, which is registered to ${o.name}.` : `${q} is under ${domain.value}, a domain of ${o.name}.`,
      ...(net ? [`203.0.112.0/20 of Indus Hosting contains it too, but ${net.value} is more specific.`] : []),
      `${o.name} is in the ${o.sector} sector, whose CERT is ${o.team.name}.`] : ['No network, AS number or domain in the directory contains it.'],
  };
}

const amber = { tlp: 'AMBER', presumed: true };
const report = (title, text, minutes, extra = {}) => ({
  id: id(), number: number(), title, excerpt: text.replaceAll('\n', ' ').slice(0, 180), text, state: 'new', door: 'web', received_at: iso(minutes), marking: amber,
  reporter: { name: 'Member of the public', kind: 'public', verified: false }, owner: null, organisation: orgRef(org('Demo Bank')), team: teams.banking,
  observables: [], alike: false, incident: null, flags: [], reporter_contact: null, attachments: [], raw: null, answers: [], reject_reason: null, lookup_q: null, hold: null, purges: [], ...extra,
});
const login = { type: 'url', value: 'hxxp://login[.]bank[.]example/' }, ip = { type: 'ipv4', value: '203.0.113[.]7' }, dom = { type: 'domain', value: 'login[.]bank[.]example' };
export const reports = [
  report('Phishing page of a bank login', 'phishing at hxxp://login.bank.example, 203.0.113.7\n\nI got an SMS that my account is blocked. The page asks for card number and PIN.', -3, { observables: [login, dom, ip], lookup_q: ip.value, alike: true, reporter: { name: 'Anonymous', kind: 'anonymous', verified: false } }),
  report('Customers report false SMS with link', 'Since this morning our call centre has 40 calls about an SMS "your account is blocked".\nLink: hxxp://login.bank.example/verify\nWe think it is on 203.0.113.7.\n\nSOC desk', -52, { door: 'mail', reporter: { name: 'Demo Bank, SOC desk', kind: 'constituent', verified: true }, reporter_contact: 'soc@bank.example', observables: [dom, ip, { type: 'email', value: 'soc@bank[.]example' }], lookup_q: ip.value, alike: true, marking: { tlp: 'AMBER+STRICT', presumed: false }, raw: { sha256: hex('raw'), size: 18234 }, attachments: [{ id: id(), name: 'sms-screens.zip', type: 'application/zip', size: 482133, sha256: hex('a') }] }),
  report('جعلی بینک ویب سائٹ کی اطلاع', 'مجھے ایک پیغام ملا جس میں لکھا تھا کہ آپ کا اکاؤنٹ بند ہے۔ لنک یہ تھا: hxxp://login.bank.example\nبراہِ کرم کارروائی کریں۔', -75, { door: 'phone', observables: [dom], lookup_q: dom.value, alike: true, reporter: { name: 'محمد عارف', kind: 'public', verified: false }, reporter_contact: '+92 300 555 0199' }),
  report('Scan of SMTP from 198.51.100.23', 'Feedback-Type: abuse\nSource-IP: 198.51.100.23\nMore than 2,000 connections to port 25 within ten minutes.', -118, { door: 'api', organisation: orgRef(org('Indus Hosting')), team: teams.national, observables: [{ type: 'ipv4', value: '198.51.100[.]23' }, { type: 'asn', value: 'AS64500' }], lookup_q: '198.51.100[.]23', reporter: { name: 'CERT of Examplia', kind: 'peer', verified: true }, marking: { tlp: 'GREEN', presumed: false } }),
  report('Encrypted report', '-----BEGIN PGP MESSAGE-----\n(The message is kept as it came; this node cannot read it yet.)', -190, { door: 'mail', organisation: null, team: null, flags: ['unreadable'], reporter: { name: 'security@hospital.example', kind: 'constituent', verified: false }, raw: { sha256: hex('pgp'), size: 6120 } }),
  report('RE: [DEMO-2026] login pages', 'We took the page down at 01:40 UTC.', -260, { door: 'mail', organisation: orgRef(org('Indus Hosting')), flags: ['unverified_sender', 'duplicate'], reporter: { name: 'noreply@hosting.example', kind: 'public', verified: false }, observables: [{ type: 'domain', value: 'hosting[.]example' }] }),
  report('Ransom note on two workstations', 'Two machines of the accounts branch show a ransom note. SHA-256 of the file: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08. CVE-2026-1234 was not patched.', -410, { organisation: orgRef(org('Ministry of Examples')), team: teams.national, observables: [{ type: 'hash', value: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' }, { type: 'cve', value: 'CVE-2026-1234' }], reporter: { name: 'Ministry of Examples, IT wing', kind: 'constituent', verified: true }, owner: who('bilal') }),
];
for (let i = 0; i < 9; i++) reports.push(report(['Open resolver', 'Leaked credentials in a paste', 'Defaced page', 'Port scan'][i % 4] + ` seen at 192.0.2.${20 + i}`, `A sensor saw 192.0.2.${20 + i} again.`, -600 - i * 37, { door: 'api', organisation: orgRef(organisations[2 + (i % 4)]), team: organisations[2 + (i % 4)].team, observables: [{ type: 'ipv4', value: `192.0.2[.]${20 + i}` }], lookup_q: `192.0.2[.]${20 + i}` }));

export const bands = [['baseline', 'Baseline', 0], ['low', 'Low', 3500], ['medium', 'Medium', 5000], ['high', 'High', 6500], ['severe', 'Severe', 7500], ['emergency', 'Emergency', 9000]].map(([i, title, min]) => ({ id: i, title, min }));
const factor = (fid, title, weight, options) => ({ id: fid, title, weight, options: options.map(([oid, otitle, value]) => ({ id: oid, title: otitle, value })) });
export const factors = [
  factor('functional', 'Functional impact', 6, [['none', 'None', 0], ['services', 'None to services', 20], ['min_non', 'Minimal, non-critical', 35], ['min_crit', 'Minimal, critical', 40], ['sig_non', 'Significant, non-critical', 50], ['sig_crit', 'Significant, critical', 70], ['denial', 'Denial of critical services', 100]]),
  factor('activity', 'Observed activity', 5, [['none', 'None', 0], ['prepare', 'Prepare', 40], ['engage', 'Engage', 70], ['presence', 'Presence', 80], ['effect', 'Effect', 100]]),
  factor('location', 'Location', 4, [['l1', 'Business DMZ', 30], ['l2', 'Business network', 40], ['l3', 'Business management', 60], ['l4', 'Critical DMZ', 70], ['l6', 'Critical systems', 90], ['l7', 'Safety systems', 100]]),
  factor('actor', 'Actor', 4, [['hacktivist', 'Hacktivist', 20], ['criminal', 'Criminal', 40], ['insider', 'Insider', 65], ['apt', 'State actor', 80]]),
  factor('information', 'Information impact', 2, [['none', 'None', 0], ['suspected', 'Suspected', 10], ['privacy', 'Privacy', 20], ['core', 'Core credentials', 80]]),
  factor('recovery', 'Recoverability', 4, [['regular', 'Regular', 20], ['extended', 'Extended', 60], ['never', 'Not recoverable', 100]]),
  factor('cross', 'Cross-sector dependency', 3, [['banking', 'Banking', 35], ['communications', 'Communications', 75], ['energy', 'Energy', 100], ['government', 'Government', 40]]),
  factor('potential', 'Potential impact', 6, [['minimal', 'Minimal', 0], ['low', 'Low', 25], ['moderate', 'Moderate', 50], ['high', 'High', 75], ['severe', 'Severe', 100]]),
];
const bandOf = (score) => bands.findLast((b) => score >= b.min) ?? bands[0];
export function severity(given, override = null, life = false) {
  const sum = (pick) => factors.reduce((s, f) => s + f.weight * (f.options.find((o) => o.id === given[f.id])?.value ?? pick(f.options.map((o) => o.value))), 0);
  const scale = (x) => Math.max(0, Math.min(10000, Math.round((10000 * (x - 325)) / 3075)));
  const low = scale(sum((v) => Math.min(...v))), high = scale(sum((v) => Math.max(...v)));
  const score = low === high ? low : scale(sum((v) => v[Math.floor(v.length / 2)]));
  const floor = bandOf(score).min < 5000 && given.cross === 'energy' ? { title: 'CII of grade A', band: 'medium' } : null;
  const computed = life ? bands[4] : floor ? bands[2] : bandOf(score);
  const band = override ? bands.find((b) => b.id === override.band) : computed;
  return { band: band.id, band_title: band.title, computed: computed.id, computed_title: computed.title, score, low, high, band_low: bandOf(low).id, band_high: bandOf(high).id, provisional: low !== high, life_safety: life, floor, override, factors: given };
}

const sources = {
  peca: { text: 'CERT Rules 2023, rule 9(2), as reported', url: null },
  draft: { text: 'Draft incident guideline 2024, section 5', url: 'https://www.example.org/guideline' },
};
const clock = (i, title, party, due, extra = {}) => ({
  id: id(), title, incident: { id: i.id, number: i.number, title: i.title }, party, state: 'running', anchor: { fact: 'received', at: iso(Math.min(-5, due - 60)), said_by: 'National CERT' },
  due_at: due === null ? null : iso(due), duty: 'DUTY', step: title.toLowerCase().replace(/\W+/g, '_'), who: 'party', assumed: false, source: sources.peca, assumption: null, met_at: null, reason: null, history: [], ...(due !== null && due < 120 ? { reminded: { count: 1, at: iso(-12) } } : {}), ...extra,
});
const assumed = (assumption) => ({ assumed: true, source: null, assumption });

const party = (o, roles, extra = {}) => ({ id: o.id, name: o.name, kind: 'organisation', organisation: orgRef(o), team: o.team, roles, address: o.contacts[0]?.address ?? null, contact: o.contacts[0]?.name ?? null, affected: 'unknown', facts: [], ...extra });
export const incidents = [];
const fact = (f, minutes, by) => ({ fact: f, at: iso(minutes), said_by: by, recorded_by: who('amna'), recorded_at: iso(minutes + 4) });
const entry = (kind, minutes, title, extra = {}) => ({ id: id(), at: iso(minutes), kind, actor: who('amna'), shape: 'event', title, text: null, marking: null, message: null, undo: null, ...extra });
export { entry, clock, assumed, party, who, sources };

export function incident(title, over = {}) {
  const i = {
    id: id(), number: number(), title, state: 'open', resolution: null, waiting: null, owner: null, team: teams.national, sector: 'banking', class: 'fraud/phishing',
    hold: null, purges: [], severity: severity({}), marking: { tlp: 'AMBER', presumed: false }, opened_at: iso(-60), updated_at: iso(-10), etag: hex(Math.random()).slice(0, 16),
    regime: { id: 'pakistan-2023', version: '1', title: 'Pakistan 2023' }, parties: [], clocks: [], requests: [], deliveries: [], reports: [], submissions: [], merged_into: null, merged: [], split_from: null, campaign: [], split_off: [], timeline: [],
    flags: [{ flag: 'breach', title: 'Were personal or customers\' data breached?', criteria: [], value: 'unknown', said_by: null, recorded_by: null, recorded_at: null }], ...over,
  };
  incidents.push(i);
  return i;
}
const bank = party(org('Demo Bank'), ['reporter', 'affected'], { affected: 'yes', facts: [fact('affected', -300, 'SOC desk'), fact('detected', -330, 'SOC desk'), fact('aware', -349, 'Kamran Iqbal'), fact('contained', -40, 'SOC desk')] });
const hoster = party(org('Indus Hosting'), ['provider']);
const first = incident('Credential theft through a false login page of Demo Bank', { owner: who('amna'), opened_at: iso(-349), updated_at: iso(-18), marking: { tlp: 'AMBER', presumed: false },
  severity: severity({ functional: 'sig_crit', activity: 'presence', location: 'l2', actor: 'criminal', information: 'core', cross: 'banking' }), parties: [bank, hoster, { ...party(org('Indus Hosting'), ['helper']), id: id(), name: 'CERT of Examplia', kind: 'typed', organisation: null, team: null, address: 'cert@examplia.example', contact: null }] });
first.clocks = [
  clock(first, 'First report of the constituent', { id: bank.id, name: bank.name }, 11.4, { anchor: { fact: 'aware', at: iso(-348.6), said_by: 'party' }, ...assumed('6 hours, by analogy with comparable regimes; the gazetted text was not seen'), history: [{ due_at: iso(71), until: iso(-200), why: 'aware corrected, by Amina Yusuf' }] }),
  clock(first, 'Main report of the constituent', { id: bank.id, name: bank.name }, 3971, { anchor: { fact: 'aware', at: iso(-348.6), said_by: 'party' }, source: sources.draft }),
  clock(first, 'Tell the sector’s CERT', { id: teams.banking.id, name: 'Banking CERT' }, -200, { state: 'met', met_at: iso(-244), source: sources.peca }),
  clock(first, 'Final report', { id: bank.id, name: bank.name }, 43000, { state: 'waiting', due_at: null, anchor: { fact: 'submitted', at: null, said_by: null }, ...assumed('one month after the notification') }),
  clock(first, 'Co-operate with the investigation', { id: bank.id, name: bank.name }, null, { source: sources.peca }),
];
const rq = { id: id(), party: { id: hoster.id, name: hoster.name }, subject: 'Please take the page down and keep the logs', asked_at: iso(-96), due_at: iso(144), state: 'open', answered_at: null };
const rq2 = { id: id(), party: { id: bank.id, name: bank.name }, subject: 'How many customers entered their data?', asked_at: iso(-96), due_at: iso(-30), state: 'answered', answered_at: iso(-42) };
first.requests = [rq, rq2];
const delivery = (p, address, subject, minutes, state, detail = null) => ({ id: id(), message: { id: id(), subject }, party: { id: p.id, name: p.name }, address, at: iso(minutes), state, detail });
first.deliveries = [delivery(hoster, 'abuse@hosting.example', rq.subject, -96, 'sent'), delivery(bank, 'soc@bank.example', rq2.subject, -96, 'read'), delivery(first.parties[2], 'cert@examplia.example', 'For your information', -80, 'bounced', 'the mail server said: 550 5.1.1 <cert[@]examplia[.]example>: no such user, see hxxps://help[.]examplia[.]example/5')];
const msg = (p, direction, minutes, title, text, extra = {}) => entry(`message.${direction === 'out' ? 'sent' : 'received'}`, minutes, title, { shape: 'message', text, actor: direction === 'out' ? who('amna') : null, marking: { tlp: 'AMBER', presumed: false }, message: { direction, party: { id: p.id, name: p.name }, verified: true, deliveries: [], request: null, ...extra } });
first.timeline = [
  entry('comment.added', -18, 'Comment', { shape: 'comment', text: 'The kit posts to a second host, see the zip. Ask the hoster before 04:00; if they stay silent, call Bilal and go through the upstream.' }),
  msg(bank, 'in', -42, 'Re: How many customers entered their data?', 'We count 212 sessions that reached the form and 31 that completed it. Cards of all 31 are blocked since 01:20 UTC.\n\nKamran Iqbal'),
  entry('fact.recorded', -40, 'Demo Bank: contained, said by SOC desk'),
  entry('request.answered', -42, 'Request to Demo Bank answered; its clock is met', { actor: null }),
  msg(hoster, 'out', -96, rq.subject, 'The page hxxp://login[.]bank[.]example on 203.0.113[.]7 collects card data. Please take it down, keep the logs, and tell us who paid for it.', { deliveries: [first.deliveries[0]], request: rq }),
  msg(bank, 'out', -96, rq2.subject, 'Please tell us how many customers reached the form and how many completed it.', { deliveries: [first.deliveries[1]], request: rq2 }),
  msg(first.parties[2], 'out', -80, 'For your information', 'The page on 203.0.113[.]7 collects card data of people in your country too.', { deliveries: [first.deliveries[2]], request: null }),
  entry('report.attached', -120, 'Report attached', { undo: { label: 'Attached a report', path: '/api/undo', body: {} } }),
  entry('clock.met', -244, 'Tell the sector’s CERT: met', { actor: null }),
  entry('severity.set', -250, 'Severity: High, 67.2 (54.1 to 78.5), provisional'),
  entry('incident.opened', -349, 'Incident opened with 1 report; 5 clocks set'),
];
first.reports = [report('False login page reported by the bank', 'See hxxp://login.bank.example', -350, { state: 'attached', observables: [dom], reporter: { name: 'Demo Bank, SOC desk', kind: 'constituent', verified: true }, owner: who('amna') })];
first.reports[0].incident = { id: first.id, number: first.number, title: first.title };
reports.push(first.reports[0]);

const titles = [['Ransomware at a ministry', 'malicious-code/ransomware', 'government', 'Ministry of Examples'], ['Signalling abuse between two carriers', 'intrusion-attempts/exploit', 'communications', 'Sahil Telecom'], ['Remote access to a substation', 'intrusions/unauthorised-access', 'energy', 'Khyber Power Distribution'], ['Patient records offered for sale', 'information-content-security/leak', 'health', 'Margalla General Hospital'], ['Denial of service on a payment switch', 'availability/ddos', 'banking', 'Ravi Microfinance']];
const mixes = [{ functional: 'denial', activity: 'effect', location: 'l6', actor: 'apt', information: 'core', recovery: 'extended', cross: 'energy', potential: 'severe' }, { functional: 'min_non', activity: 'engage', location: 'l1' }, { functional: 'none', activity: 'prepare', location: 'l1', actor: 'hacktivist', information: 'none', recovery: 'regular', cross: 'government', potential: 'low' }, { functional: 'sig_crit', activity: 'presence', location: 'l4', actor: 'criminal', information: 'privacy', recovery: 'regular', cross: 'communications', potential: 'moderate' }];
for (let k = 0; k < 34; k++) {
  const [title, cls, sector, name] = titles[k % 5];
  const o = org(name), state = ['open', 'waiting', 'new', 'open', 'closed', 'reopened'][k % 6];
  const i = incident(k < 5 ? title : `${title} (${k})`, { class: cls, sector, team: o.team, state, owner: k % 3 === 0 ? null : who(k % 3 === 1 ? 'amna' : 'bilal'), severity: severity(mixes[k % 4]), opened_at: iso(-400 - k * 300), updated_at: iso(-25 - k * 41), parties: [party(o, ['affected'], { affected: 'yes' })], resolution: state === 'closed' ? 'resolved' : null, waiting: state === 'waiting' ? { on: o.name, until: iso(900) } : null });
  const p = { id: o.id, name: o.name };
  if (state !== 'closed') i.clocks = [clock(i, ['First report of the constituent', 'Tell the sector’s CERT', 'Notification within 72 hours'][k % 3], p, [95, 260, -90, 610, 0, 1290][k % 6] + k * 9, { state: k === 2 ? 'late' : 'running', ...(k % 2 && k !== 2 ? assumed('by analogy; no number in the text seen') : {}) })];
  i.timeline = [entry('incident.opened', -400 - k * 300, 'Incident opened with 1 report')];
}
export const regime = {
  id: 'pakistan-2023', title: 'Pakistan 2023', version: '1', notice: 'This is an unofficial reconstruction from public reports. The gazetted text was not seen. Values marked as assumed are ours, not the law’s.',
  sources: [['peca', 'CERT Rules 2023, as reported in the press', null], ['legal', 'A law firm’s overview of the rules, 2024', 'https://www.example.org/overview'], ['draft', 'Draft incident guideline, 2024', 'https://www.example.org/guideline']].map(([i, title, url]) => ({ id: i, title, url })),
  sectors: [['banking', 'Banking and finance'], ['communications', 'Communications'], ['energy', 'Energy'], ['government', 'Government'], ['health', 'Health'], ['it', 'Information technology']].map(([i, name]) => ({ id: i, name })),
  classes: [['government', 'Government'], ['semi_government', 'Semi-government'], ['private', 'Private'], ['individual', 'Individual']].map(([i, name]) => ({ id: i, name })),
  taxonomy: [['fraud/phishing', 'Phishing', 'Fraud'], ['malicious-code/ransomware', 'Ransomware', 'Malicious code'], ['intrusion-attempts/exploit', 'Exploitation of a vulnerability', 'Intrusion attempts'], ['intrusions/unauthorised-access', 'Unauthorised access', 'Intrusions'], ['information-content-security/leak', 'Leak of information', 'Information content security'], ['availability/ddos', 'Distributed denial of service', 'Availability']].map(([i, title, group]) => ({ id: i, title, group })),
  bands, severity: { model: 'NCISS', factors, floors: [{ title: 'CII of grade A', band: 'medium' }, { title: 'Danger to life', band: 'high' }, { title: 'Two sectors in one campaign', band: 'high' }] }, marking: { tlp: 'AMBER' },
  duties: [['First report', 'Critical infrastructure', 'its CERT', 'assumed', 'aware', '6 hours after becoming aware', true], ['Main report', 'Critical infrastructure', 'National CERT', 'draft, unconfirmed', 'aware', '72 hours after becoming aware', false], ['Forward upward', 'Sectoral CERT', 'National CERT', 'assumed', 'classified', '60 minutes if High or above, else 24 hours', true], ['Final report', 'Critical infrastructure', 'National CERT', 'assumed', 'submitted', 'one month after the main report', true], ['Co-operate with the investigation', 'Every constituent', 'National CERT', 'in force', 'received', 'no number: without delay', false]].map(([title, whom, to, legal_status, anchor, deadline, a]) => ({ id: hex(title).slice(0, 8), title, who: whom, to, legal_status, anchor, deadline, assumed: a, source: a ? null : title.startsWith('Main') ? sources.draft : sources.peca, assumption: a ? 'By analogy with comparable regimes; no number was found in the text seen.' : null })),
};
