const SENTENCE = 1;
const UPPER = 2;
const TITLE = 3;

/** The text of a base text; the text of a prefix is a prefix of the text. */
export function applyShape(shape: number, base: string): string {
  if (shape === SENTENCE) return capitalised(base);
  if (shape === UPPER) return upper(base);
  if (shape === TITLE) return base.split(" ").map(capitalised).join(" ");
  return base;
}

/** The first character a capital, if it is one of a to z. */
export function capitalised(text: string): string {
  return upper(text.slice(0, 1)) + text.slice(1);
}

/** The letters a to z alone: no version of Unicode matters. */
function upper(text: string): string {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
