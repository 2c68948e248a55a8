// Times and numbers for people.  A clock time is never shown without its zone.

const minute = 60_000, hour = 60 * minute, day = 24 * hour;
const zoneName = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const dateUtc = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const clockUtc = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: 'UTC' });
const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' });
const number = new Intl.NumberFormat('en-GB');

export const localZone = zoneName.formatToParts(new Date()).find((p) => p.type === 'timeZoneName')?.value ?? 'local';

/** "24 Nov 2026, 02:14:30 UTC · 07:14:30 GMT+5" */
export function exact(iso: string): string {
  const t = new Date(iso);
  if (Number.isNaN(t.getTime())) return iso;
  const utc = `${dateUtc.format(t)}, ${clockUtc.format(t)} UTC`;
  return localZone === 'UTC' ? utc : `${utc} · ${date.format(t) === dateUtc.format(t) ? '' : date.format(t) + ', '}${clock.format(t)} ${localZone}`;
}

/** "24 Nov, 02:14 UTC" */
export function shortUtc(iso: string): string {
  const t = new Date(iso);
  return Number.isNaN(t.getTime()) ? iso : `${short.format(t)} UTC`;
}

/** A span for people: "40 s", "11 min", "2 h 14 min", "3 days". */
export function span(ms: number): string {
  const x = Math.abs(ms);
  if (x < minute) return `${Math.floor(x / 1000)} s`;
  if (x < hour) return `${Math.floor(x / minute)} min`;
  if (x < day) {
    const h = Math.floor(x / hour), m = Math.floor((x % hour) / minute);
    return h < 6 && m ? `${h} h ${m} min` : `${h} h`;
  }
  const d = Math.floor(x / day);
  if (d < 2) { const h = Math.floor((x % day) / hour); return h ? `1 day ${h} h` : '1 day'; }
  return d < 60 ? `${d} days` : `${Math.floor(d / 30)} months`;
}

export function relative(iso: string, nowMs: number): string {
  const delta = Date.parse(iso) - nowMs;
  if (Math.abs(delta) < 5000) return 'now';
  return delta > 0 ? `in ${span(delta)}` : `${span(delta)} ago`;
}

/** The big countdown: a number and its unit. */
export function countdown(ms: number): { value: string; unit: string } {
  const x = Math.abs(ms);
  const of = (n: number, one: string) => ({ value: number.format(n), unit: n === 1 ? one : `${one}s` });
  if (x < 2 * minute) return of(Math.floor(x / 1000), 'second');
  if (x < 2 * hour) return of(Math.floor(x / minute), 'minute');
  if (x < 2 * day) return of(Math.floor(x / hour), 'hour');
  return of(Math.floor(x / day), 'day');
}

export const count = (n: number, isExact = true) => (isExact ? number.format(n) : `${number.format(n)}+`);
export const score = (hundredths: number) => (hundredths / 100).toFixed(hundredths % 100 ? 1 : 0);
export const bytes = (n: number) => (n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} kB` : `${(n / 1048576).toFixed(1)} MB`);
export const plural = (n: number, one: string, many = `${one}s`) => `${number.format(n)} ${n === 1 ? one : many}`;

/** What a datetime-local field holds (UTC) and back. */
export const toField = (ms: number) => new Date(ms).toISOString().slice(0, 16);
export const fromField = (text: string) => (text ? `${text}:00Z` : '');
