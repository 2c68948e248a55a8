// The calls of a constituent.  A request that may have arrived is repeated with the same key, so that a bad
// connection sends nothing twice.
import { get, newKey, post } from '../lib/api';
import type { ClockState, Ref, Tlp } from '../lib/types';

export interface Message {
  id: string; tlp: Tlp; direction: 'to_you' | 'from_you'; from: string; by: string; at: string; number: string | null;
  unread: boolean; acknowledged_at: string | null; asks: boolean; subject: string | null;
}
export interface Words extends Message { text: string | null }
export interface Thread extends Words { thread: Words[] }
export interface Asked {
  id: string; tlp: Tlp; from: string; number: string | null; subject: string | null; message: string | null; unread: boolean;
  asked_at: string; due_at: string | null; state: 'open' | 'overdue' | 'answered' | 'withdrawn'; answered_at: string | null;
}
export interface Duty {
  id: string; tlp: Tlp; title: string; duty: string; step: string; from: string; number: string | null; state: ClockState; open: boolean;
  anchor: string; anchor_at: string | null; due_at: string | null; assumed: boolean; source: string; met_at: string | null;
}
export interface Submission {
  id: string; tlp: Tlp; title: string; step: string; from: string; number: string | null; at: string; recorded_at: string; by_officer: boolean;
  what: string | null; effects: string | null; measures: string | null; contact: string | null; by: string | null; detected_at: string | null;
}
export interface Report { id: string; tlp: Tlp; number: string; received_at: string; state: 'new' | 'attached' | 'rejected'; from: string; title: string | null; by: string }
export interface Home { organisation: Ref; messages: Message[]; requests: Asked[]; duties: Duty[]; unread: number; now: string }
export interface Page<T> { items: T[]; next: string | null }

const keys = new Map<string, string>();
async function once<R>(path: string, body: unknown = {}): Promise<R> {
  const what = `${path} ${JSON.stringify(body)}`;
  const key = keys.get(what) ?? newKey();
  keys.set(what, key);
  const answer = await post<R>(path, body, undefined, key);
  keys.delete(what);
  return answer;
}
const path = (kind: string, id: string) => `/api/own/${kind}/${encodeURIComponent(id)}`;

export const own = {
  home: () => get<Home>('/api/own'),
  messages: (cursor?: string | null) => get<Page<Message>>('/api/own/messages', { cursor }),
  message: (id: string) => get<Thread>(path('messages', id)),
  read: (id: string) => once<Thread>(`${path('messages', id)}/read`),
  acknowledge: (id: string) => once<Thread>(`${path('messages', id)}/acknowledge`),
  answer: (id: string, text: string) => once<Thread>(`${path('messages', id)}/answer`, { text }),
  requests: (cursor?: string | null) => get<Page<Asked>>('/api/own/requests', { cursor }),
  duties: (cursor?: string | null) => get<Page<Duty>>('/api/own/duties', { cursor }),
  duty: (id: string) => get<Duty>(path('duties', id)),
  submit: (id: string, body: { what: string; detected_at: string; effects: string; measures: string; contact: string }) => once<Duty>(`${path('duties', id)}/submit`, body),
  submissions: (cursor?: string | null) => get<Page<Submission>>('/api/own/submissions', { cursor }),
  reports: (cursor?: string | null) => get<Page<Report & { excerpt: string }>>('/api/own/reports', { cursor }),
  report: (id: string) => get<Report & { text: string; thread: Words[] }>(path('reports', id)),
  send: (body: { text: string; contact: string; tlp: string }) => once<{ id: string; number: string; received_at: string; leaf_hash: string }>('/api/own/reports', body),
  add: (id: string, text: string) => once<Report & { text: string; thread: Words[] }>(`${path('reports', id)}/add`, { text }),
};

/** What a marking means to whoever reads under it (TLP 2.0, in plain words). */
export const meaning: Record<Tlp, string> = {
  RED: 'For you who read this, alone. Do not pass it on, not even to colleagues.',
  'AMBER+STRICT': 'For your own organisation only, and there for those who need to know.',
  AMBER: 'For your organisation and its clients, for those who need to know.',
  GREEN: 'For your community. Do not publish it.',
  CLEAR: 'You may pass it on.',
};
