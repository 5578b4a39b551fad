import type { Size } from "../types.js";
import type { Graphs, Numbers } from "./graphs.js";
import { featuresPart, type Part, pixelsPart, putFeatures, putPixels, scaled, tilesOf } from "./maps.js";
import type { Picture } from "./picture.js";

/** The facts that stand beside the weights (about.json). */
export interface RestorerFacts {
  /** What sides are padded to: the coarsest stride. */
  readonly multiple: number;
  /** Of the features between the graphs. */
  readonly coarse_stride: number;
  readonly fine_stride: number;
  /** Of a restored picture, unless it was coded larger. */
  readonly max_pixels: number;
  readonly tile_px: number;
  readonly body_tile_px: number;
  /** How far each graph sees. */
  readonly margins_px: { readonly head: number; readonly body: number; readonly tail: number };
  /** Least and most that it was trained for. */
  readonly bits_per_pixel: readonly [number, number];
  /** How many numbers it is told; the first restorers, which are told two, do not say it. */
  readonly num_conditions?: number;
  /** Octaves of enlargement, and how much finer than it is a picture is told to be for each octave beyond. */
  readonly caution?: readonly [number, number];
  /** Pictures of tokens that are less fine than the first are told to be finer, by this share of what they lack. */
  readonly caution_tokens?: readonly [number, number];
}

/** What the network is told of a picture: of its layer, and of how finely that is coded. */
export type Told = readonly [number, number];

/** Octaves that are told of tokens, which have none. */
export const FROM_TOKENS = -1;

const LEAST_SIDE = 16;

/** The size that a picture is restored at: the shown one, or for large pictures the larger of `most` and its own. */
export function restoredSize(own: Size, shown: Size, most: number): Size {
  const [numOwn, numShown] = [own.width * own.height, shown.width * shown.height];
  if (numShown <= Math.max(most, numOwn)) return shown;
  if (numOwn >= most) return own;
  const scale = Math.sqrt(most / numShown);
  const side = (px: number) => Math.max(Math.min(px, LEAST_SIDE), roundHalfEven(px * scale));
  return { width: side(shown.width), height: side(shown.height) };
}

/** A decoded, enlarged picture with its edges and textures as the network has learnt them. */
export async function restored(picture: Picture, told: Told, graphs: Graphs): Promise<Picture> {
  graphs.prepare("head", "body", "tail");
  const facts = (await graphs.facts()) as RestorerFacts;
  const { multiple, coarse_stride: stride, margins_px: margins, tile_px: tile, body_tile_px: bodyTile } = facts;
  const padded = paddedTo(picture, multiple);
  const { width, height } = padded;
  const condition = conditionOf(told, facts);
  const head = (part: Part) => graphs.run("head", { image: imageOf(padded, part), condition });
  const tail = async (part: Part, fine: Numbers, deep: Numbers) => {
    const { restored } = await graphs.run("tail", { image: imageOf(padded, part), fine, deep });
    return restored.data as Uint8Array;
  };
  const whole = { row: 0, column: 0, rows: height, columns: width };
  const shown = { row: 0, column: 0, rows: picture.height, columns: picture.width };
  if (Math.max(width, height) <= Math.min(tile, bodyTile)) {
    const { fine, coarse } = await head(whole);
    const { deep } = await graphs.run("body", { coarse });
    const rgb = await tail(whole, fine, deep);
    return { width: picture.width, height: picture.height, rgb: pixelsPart(rgb, width, shown) };
  }
  const [rows, columns] = [height / stride, width / stride];
  let coarse: Numbers<Float32Array> | null = null;
  for (const { computed, kept } of tilesOf(height, width, tile, margins.head)) {
    const result = await head(computed);
    coarse ??= emptyMap(result.coarse.dims[1], rows, columns);
    putFeatures(coarse, scaled(kept, 1 / stride), result.coarse, insideOf(computed, kept, stride));
  }
  let deep: Numbers<Float32Array> | null = null;
  for (const { computed, kept } of tilesOf(rows, columns, bodyTile / stride, margins.body / stride)) {
    const result = await graphs.run("body", { coarse: featuresPart(coarse!, computed) });
    deep ??= emptyMap(result.deep.dims[1], rows, columns);
    putFeatures(deep, kept, result.deep, insideOf(computed, kept, 1));
  }
  const rgb = new Uint8Array(3 * width * height);
  // (the head runs once more here: its fine features are not kept of a whole large picture)
  for (const { computed, kept } of tilesOf(height, width, tile, margins.head + margins.tail)) {
    const there = featuresPart(deep!, scaled(computed, 1 / stride));
    const pixels = await tail(computed, (await head(computed)).fine, there);
    const inside = { ...kept, row: kept.row - computed.row, column: kept.column - computed.column };
    putPixels(rgb, width, kept, pixelsPart(pixels, computed.columns, inside));
  }
  return { width: picture.width, height: picture.height, rgb: pixelsPart(rgb, width, shown) };
}

/** As many numbers as the network knows: those that are not told are 0. */
export function conditionOf(
  [octaves, fineness]: Told,
  {
    num_conditions: count = 2,
    caution: [beyond, finer] = [0, 0],
    caution_tokens: [enough, share] = [0, 0],
  }: RestorerFacts,
): Numbers<Float32Array> {
  const careful =
    octaves === FROM_TOKENS ? share * Math.max(enough - fineness, 0) : finer * Math.max(octaves - beyond, 0);
  const told = [octaves, fineness + careful];
  return { data: Float32Array.from({ length: count }, (_, at) => told[at] ?? 0), dims: [1, count] };
}

function insideOf(computed: Part, kept: Part, stride: number): { row: number; column: number } {
  return { row: (kept.row - computed.row) / stride, column: (kept.column - computed.column) / stride };
}

function imageOf(picture: Picture, part: Part): Numbers<Uint8Array> {
  return { data: pixelsPart(picture.rgb, picture.width, part), dims: [1, part.rows, part.columns, 3] };
}

function emptyMap(channels: number, rows: number, columns: number): Numbers<Float32Array> {
  return { data: new Float32Array(channels * rows * columns), dims: [1, channels, rows, columns] };
}

/** Sides enlarged to whole multiples by repeating the edge. */
function paddedTo(picture: Picture, multiple: number): Picture {
  const whole = (side: number) => Math.ceil(side / multiple) * multiple;
  const [width, height] = [whole(picture.width), whole(picture.height)];
  const rgb = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * Math.min(row, picture.height - 1) * picture.width;
    const line = picture.rgb.subarray(from, from + 3 * picture.width);
    const to = 3 * row * width;
    rgb.set(line, to);
    for (let column = picture.width; column < width; column++) rgb.set(line.subarray(-3), to + 3 * column);
  }
  return { width, height, rgb };
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
