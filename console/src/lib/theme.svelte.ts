// Light, dark, or what the system says.  Kept on this device only.

type Choice = 'system' | 'light' | 'dark';
const key = 'naubat.theme';

function stored(): Choice {
  try { const t = localStorage.getItem(key); return t === 'light' || t === 'dark' ? t : 'system'; } catch { return 'system'; }
}

export const theme = $state<{ choice: Choice }>({ choice: stored() });

export function applyTheme() {
  if (theme.choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.choice;
}

export function nextTheme() {
  const dark = theme.choice === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme.choice === 'dark';
  theme.choice = dark ? 'light' : 'dark';
  try { localStorage.setItem(key, theme.choice); } catch { /* private window: lasts until it closes */ }
  applyTheme();
}
