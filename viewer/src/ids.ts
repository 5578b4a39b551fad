/** Numbers that stand in files; only ever appended. */
export const Layer = {
  text: 1,
  tokens: 2,
  regions: 3,
  base: 4,
  pixels: 5,
  vector: 6,
  structure: 7,
  painter: 15,
  alpha: 16,
  link: 17,
  icc: 18,
  exif: 19,
  xmp: 20,
} as const;

const NAMES = new Map<number, string>(Object.entries(Layer).map(([name, number]) => [number, name]));

/** "text", or undefined for a layer that this build does not know. */
export function layerName(number: number): string | undefined {
  return NAMES.get(number);
}
