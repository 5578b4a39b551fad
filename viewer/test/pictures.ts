import { readFileSync } from "node:fs";
import sharp from "sharp";
import { fromRgba, type Picture } from "../src/painters/picture.js";

const GOOD = new URL("../../../conformance/good/", import.meta.url);
const DATA = new URL("../../test/data/", import.meta.url);

/** A good conformance file. */
export function goodFile(name: string): Uint8Array {
  return readFileSync(new URL(`${name}.semc`, GOOD));
}

export function dataFile(name: string): Buffer {
  return readFileSync(new URL(name, DATA));
}

/** A picture as the Python package painted it (scripts/viewer_references.py). */
export async function reference(name: string): Promise<Picture> {
  const { data, info } = await sharp(dataFile(name)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    ...fromRgba(data, { width: info.width, height: info.height }),
    opacity: data.filter((_, at) => at % 4 === 3),
  };
}

/** A transparent picture as it looks on white. */
export function onWhite({ width, height, rgb, opacity }: Picture): Picture {
  const alphaOf = (at: number) => opacity?.[Math.floor(at / 3)] ?? 255;
  return { width, height, rgb: rgb.map((value, at) => Math.round(255 - ((255 - value) * alphaOf(at)) / 255)) };
}

/** How far two pictures of one size are apart, in 255ths. */
export function distance(one: Picture, other: Picture): { largest: number; mean: number; above2: number } {
  if (one.width !== other.width || one.height !== other.height) throw new Error("pictures of two sizes");
  let [largest, sum, numAbove] = [0, 0, 0];
  one.rgb.forEach((value, at) => {
    const difference = Math.abs(value - other.rgb[at]);
    largest = Math.max(largest, difference);
    sum += difference;
    numAbove += Number(difference > 2);
  });
  return { largest, mean: sum / one.rgb.length, above2: numAbove / one.rgb.length };
}
