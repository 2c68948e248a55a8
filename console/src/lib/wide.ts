// A table that may be wider than the page scrolls in a box of its own, and who has only a keyboard can stand in it.
export function wide(box: HTMLElement, name: string) {
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', name);
}
