import { MISSING, type Size, type TokenPyramid, type TokenScale } from "../types.js";
import type { Graphs, Numbers } from "./graphs.js";
import { featuresPart, pixelsPart, putPixels, scaled, tilesOf } from "./maps.js";
import type { Picture } from "./picture.js";

/** The facts that stand beside the weights (about.json). */
interface Facts {
  readonly decoder: { readonly fine_stride: number; readonly margin_px: number; readonly tile_px: number };
}

/** Tokens to the picture that they stand for, at the working size. The coarse graph runs whole, the fine one in tiles. */
export async function paintTokens(
  pyramid: TokenPyramid,
  strides: readonly number[],
  working: Size,
  graphs: Graphs,
): Promise<Picture> {
  graphs.prepare("decoder-coarse", "decoder-fine");
  const { fine_stride: stride, margin_px: margin, tile_px: tile } = ((await graphs.facts()) as Facts).decoder;
  const wholeTokens = (side: number) => Math.ceil(side / strides[0]) * strides[0];
  const padded = { width: wholeTokens(working.width), height: wholeTokens(working.height) };
  const inputs: Record<string, Numbers> = {};
  strides.forEach((tokenPx, index) => {
    inputs[`digits_${tokenPx}`] = paddedDigits(pyramid.scales[index], padded.height / tokenPx, padded.width / tokenPx);
  });
  const { features } = await graphs.run("decoder-coarse", inputs);
  // What is further outside than the fine graph sees need not be painted.
  const near = (side: number, whole: number) => Math.min(whole, Math.ceil((side + margin) / stride) * stride) / stride;
  const [rows, columns] = [near(working.height, padded.height), near(working.width, padded.width)];
  const seen = featuresPart(features, { row: 0, column: 0, rows, columns });
  const width = columns * stride;
  const rgb = new Uint8Array(3 * width * rows * stride);
  for (const { computed, kept } of tilesOf(rows, columns, tile / stride, margin / stride)) {
    const { image } = await graphs.run("decoder-fine", { features: featuresPart(seen, computed) });
    const inside = { ...kept, row: kept.row - computed.row, column: kept.column - computed.column };
    const pixels = pixelsPart(image.data as Uint8Array, computed.columns * stride, scaled(inside, stride));
    putPixels(rgb, width, scaled(kept, stride), pixels);
  }
  const shown = { row: 0, column: 0, rows: working.height, columns: working.width };
  return { ...working, rgb: pixelsPart(rgb, width, shown) };
}

/** The digits of a scale, (1, R, K, D), on a grid of whole tokens of the coarsest scale. */
function paddedDigits(scale: TokenScale, rows: number, columns: number): Numbers<Uint8Array> {
  const { numDigits, digits } = scale;
  const data = new Uint8Array(rows * columns * numDigits).fill(MISSING);
  const line = scale.columns * numDigits;
  for (let row = 0; row < scale.rows; row++) {
    data.set(digits.subarray(row * line, (row + 1) * line), row * columns * numDigits);
  }
  return { data, dims: [1, rows, columns, numDigits] };
}
