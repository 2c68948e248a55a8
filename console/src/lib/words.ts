// The words on the screen for the words on the wire.
import type { ClockState, Delivery, Request, Role, Subject, WorkState } from './types';

export const workState: Record<WorkState, string> = { new: 'New', open: 'Open', waiting: 'Waiting', closed: 'Closed', reopened: 'Reopened' };
export const clockState: Record<ClockState, string> = {
  waiting: 'Waiting for its fact', running: 'Running', met: 'Met', late_with_reason: 'Late, with reason', late: 'Late',
  waived: 'Waived', not_applicable: 'Not applicable',
};
export const deliveryState: Record<Delivery['state'], string> = {
  queued: 'queued', sent: 'sent', read: 'read', bounced: 'bounced', failed: 'failed', held: 'held',
};
export const requestState: Record<Request['state'], string> = { open: 'Open', answered: 'Answered', overdue: 'Overdue', withdrawn: 'Withdrawn' };
export const door: Record<string, string> = { web: 'Web form', phone: 'Phone', api: 'API', mail: 'Mail', portal: 'Signed in' };
export const role: Record<Role, string> = {
  handler: 'Handler', shift_lead: 'Shift lead', directory_keeper: 'Directory keeper', auditor: 'Auditor',
  administrator: 'Administrator', observer: 'Council observer', constituent: 'Constituent',
};
export const partyRole: Record<string, string> = { reporter: 'Reporter', affected: 'Affected', source: 'Source', provider: 'Provider', helper: 'Helper' };
export const ended: Record<string, string> = { withdrawn: 'Taken back: its reports went back where they were' };
export const resolutions: [string, string][] = [
  ['resolved', 'Resolved'], ['false_alarm', 'False alarm'], ['duplicate', 'Duplicate'], ['referred', 'Referred to somebody else'],
  ['no_answer', 'No answer'], ['out_of_constituency', 'Out of constituency'],
];
export const speakers: [string, string][] = [['party', 'The party'], ['officer', 'An officer of ours'], ['report', 'The report']];
export const speaker: Record<string, string> = { party: 'the party', officer: 'an officer', report: 'the report' };
export const facts: [string, string][] = [
  ['contained', 'Contained'], ['eradicated', 'Eradicated'], ['recovered', 'Recovered'], ['affected', 'Affected'],
  ['occurred', 'Occurred'], ['detected', 'Detected'], ['noticed', 'Noticed'], ['told', 'Told'], ['aware', 'Became aware'],
  ['classified', 'Classified as significant'], ['confirmed', 'Confirmed'],
];
export const flag: Record<string, string> = {
  unverified_sender: 'Unverified sender', unreadable: 'Encrypted: cannot be read here', auto_reply: 'Automatic reply', duplicate: 'Likely duplicate',
};
export const observable: Record<string, string> = {
  ipv4: 'Address', ipv6: 'Address', cidr: 'Network', asn: 'AS number', domain: 'Domain', url: 'URL', hash: 'Hash', cve: 'CVE', email: 'Mail address',
};
export const readAs: Record<string, string> = {
  number: 'a number', address: 'an address', network: 'a network', domain: 'a domain', hash: 'a hash', sender: 'a sender', words: 'words',
};

/** Where a clock's subject is read. */
export const pageOfSubject = (s: Subject) => `/${s.report ? 'reports' : 'incidents'}/${s.id}`;

/** "fraud:phishing" as "Fraud: phishing", "report.submitted" as "Report submitted"; words with underscores as words. */
export function plain(id: string): string {
  const text = id.replace(/[_.]/g, ' ').replace(/[:/]/g, ': ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
