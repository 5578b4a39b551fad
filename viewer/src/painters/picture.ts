import type { Size } from "../types.js";

/** Pixels: red, green and blue of each, row by row, sRGB. */
export interface Picture extends Size {
  readonly rgb: Uint8Array;
  /** How opaque each pixel is, 0 to 255; wholly where it is absent. */
  readonly opacity?: Uint8Array;
}

/** The same with its opacity as a fourth channel, as canvases have it. */
export function toRgba({ width, height, rgb, opacity }: Picture): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from];
    rgba[to + 1] = rgb[from + 1];
    rgba[to + 2] = rgb[from + 2];
  }
  opacity?.forEach((alpha, pixel) => (rgba[4 * pixel + 3] = alpha));
  return rgba;
}

/** Without the fourth channel. */
export function fromRgba(rgba: ArrayLike<number>, size: Size): Picture {
  const rgb = new Uint8Array(3 * size.width * size.height);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = rgba[from];
    rgb[to + 1] = rgba[from + 1];
    rgb[to + 2] = rgba[from + 2];
  }
  return { ...size, rgb };
}
