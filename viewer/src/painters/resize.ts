import type { Size } from "../types.js";
import type { Picture } from "./picture.js";

/** Bits of the integer weights that pixels are summed with; 8 bits of pixel and 2 of headroom make 32. */
const WEIGHT_BITS = 22;

/** A window over the source: its weights, and how far it reaches in pixels of the coarser of the two pictures. */
export interface Window {
  readonly reach: number;
  weight(distance: number): number;
}

/** Sharp; what a picture is shown with. */
export const LANCZOS: Window = {
  reach: 3,
  weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0),
};

/** Between the two nearest; what transparency is enlarged with. */
export const BILINEAR: Window = {
  reach: 1,
  weight: (x) => Math.max(1 - Math.abs(x), 0),
};

/** Rings less; what a small picture is enlarged with. Keys 1981, a = -0.5. */
export const BICUBIC: Window = {
  reach: 2,
  weight: (x) => {
    const d = Math.abs(x);
    if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
    return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
  },
};

/** The picture at another size: across, then down, each rounded to bytes, with the integer weights that Pillow has. */
export function resized(picture: Picture, size: Size, window: Window): Picture {
  return down(across(picture, size.width, window), size.height, window);
}

interface Weights {
  /** Of each pixel of the result: the first of the source that counts, then how many do, in turns. */
  readonly spans: Int32Array;
  /** `most` integers a pixel. */
  readonly weights: Int32Array;
  readonly most: number;
}

function weightsOf(source: number, side: number, window: Window): Weights {
  const scale = source / side;
  const widened = Math.max(1, scale);
  const support = window.reach * widened;
  const most = 2 * Math.ceil(support) + 1;
  const spans = new Int32Array(2 * side);
  const weights = new Int32Array(most * side);
  for (let at = 0; at < side; at++) {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(source, Math.trunc(centre + support + 0.5)) - first;
    const exact = Array.from({ length: count }, (_, n) => window.weight((n + first - centre + 0.5) / widened));
    const sum = exact.reduce((total, weight) => total + weight, 0);
    exact.forEach((weight, n) => {
      const scaled = (weight / sum) * 2 ** WEIGHT_BITS;
      weights[at * most + n] = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    });
    spans.set([first, count], 2 * at);
  }
  return { spans, weights, most };
}

function across(picture: Picture, width: number, window: Window): Picture {
  if (width === picture.width) return picture;
  const { height } = picture;
  const rgb = new Uint8Array(3 * width * height);
  const plan = weightsOf(picture.width, width, window);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const start = 3 * (row * picture.width + plan.spans[2 * column]);
      sumPixel(picture.rgb, start, 3, plan, column, rgb, 3 * (row * width + column));
    }
  }
  return { width, height, rgb };
}

function down(picture: Picture, height: number, window: Window): Picture {
  if (height === picture.height) return picture;
  const { width } = picture;
  const rgb = new Uint8Array(3 * width * height);
  const plan = weightsOf(picture.height, height, window);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const start = 3 * (plan.spans[2 * row] * width + column);
      sumPixel(picture.rgb, start, 3 * width, plan, row, rgb, 3 * (row * width + column));
    }
  }
  return { width, height, rgb };
}

/** One pixel of the result, from those `pitch` bytes apart. */
function sumPixel(
  source: Uint8Array,
  start: number,
  pitch: number,
  plan: Weights,
  at: number,
  target: Uint8Array,
  to: number,
): void {
  const { spans, weights, most } = plan;
  const count = spans[2 * at + 1];
  const half = 1 << (WEIGHT_BITS - 1);
  let [red, green, blue] = [half, half, half];
  for (let n = 0, from = start; n < count; n++, from += pitch) {
    const weight = weights[at * most + n];
    red += weight * source[from];
    green += weight * source[from + 1];
    blue += weight * source[from + 2];
  }
  target[to] = toByte(red);
  target[to + 1] = toByte(green);
  target[to + 2] = toByte(blue);
}

function toByte(sum: number): number {
  const value = sum >> WEIGHT_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
