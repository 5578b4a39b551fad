import type { Size } from "../types.js";

const MAX_SIDE = 512;

/** What outlines lie on, chapter 16: the shown picture, shrunk where a side is above 512 pixels. */
export function canvasOf({ width, height }: Size): Size {
  const longest = Math.max(width, height);
  if (longest <= MAX_SIDE) return { width, height };
  const shrunk = (side: number) => Math.max(1, Math.floor((2 * side * MAX_SIDE + longest) / (2 * longest)));
  return { width: shrunk(width), height: shrunk(height) };
}
