// The server's time, ticking.  A console whose own clock is wrong must not count down wrongly.

let skew = 0;
export const now = $state({ ms: Date.now() });

export function setServerTime(iso: string) {
  const server = Date.parse(iso);
  if (!Number.isNaN(server)) skew = server - Date.now();
  now.ms = Date.now() + skew;
}

export function startClock() {
  setInterval(() => { now.ms = Date.now() + skew; }, 1000);
}
