import { quantizerOf } from "../base/quantizer.js";
import type { BasePicture, Size } from "../types.js";
import { FROM_TOKENS, type Told } from "./restorer.js";

const MAX_QUANTIZER = 255;
const USUAL_QUANTIZER = 204; // of small files, where a frame does not say it in the usual place

/** What the restorer is told of a picture painted from that many bytes of tokens, restored at `size`. */
export function tokensTold(numBytes: number, size: Size, [least, most]: readonly [number, number]): Told {
  const bitsPerPixel = Math.min(Math.max((8 * numBytes) / (size.width * size.height), least), most);
  return [FROM_TOKENS, (Math.log2(bitsPerPixel) + 4) / 4];
}

/** The same of a base: how many times its sides are enlarged, and how finely it is quantised. */
export function baseTold(base: BasePicture, size: Size): Told {
  const ratio = (size.width * size.height) / (base.width * base.height);
  return [Math.log2(ratio) / 2, (MAX_QUANTIZER - (quantizerOf(base) ?? USUAL_QUANTIZER)) / 102];
}
