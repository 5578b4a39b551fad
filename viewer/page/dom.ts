/** An element that the page has. */
export function find<Found extends Element = HTMLElement>(selector: string): Found {
  const found = document.querySelector<Found>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A new element with this text and these children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  ...children: readonly (string | Node)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}

const NUMBER = new Intl.NumberFormat("en");

/** `12,345`. */
export function grouped(value: number): string {
  return NUMBER.format(value);
}

/** `12,345 bytes`. */
export function bytes(count: number): string {
  return `${grouped(count)} ${count === 1 ? "byte" : "bytes"}`;
}

/** `12 %`, and never 0 or 100 of what is neither. */
export function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "0 %";
  if (part === whole) return "100 %";
  return `${Math.min(Math.max(Math.round((100 * part) / whole), 1), 99)} %`;
}
