import { fromRgba, type Picture } from "../src/painters/picture.js";
import type { Size } from "../src/types.js";

/** A picture file that the browser reads, at the size of another picture. Throws where it is none. */
export async function readOriginal(file: Blob, { width, height }: Size): Promise<Picture> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error("the original is no picture that this browser can read");
  });
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("this browser gives no canvas to draw on");
  context.fillStyle = "white"; // as the file has it
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return fromRgba(context.getImageData(0, 0, width, height).data, { width, height });
}

/** Peak signal-to-noise ratio of a picture, in decibels, over the three colours. */
export function psnr(picture: Picture, original: Picture): number {
  let sum = 0;
  for (let at = 0; at < picture.rgb.length; at++) sum += (picture.rgb[at] - original.rgb[at]) ** 2;
  return 10 * Math.log10((255 ** 2 * picture.rgb.length) / sum);
}
