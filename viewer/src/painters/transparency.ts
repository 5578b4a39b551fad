import type { Size } from "../types.js";
import type { Picture } from "./picture.js";
import { BILINEAR, resized } from "./resize.js";

/** How opaque each pixel of a picture of this size is, of the grey picture in an alpha box. */
export function opacityOf(plane: Picture, size: Size): Uint8Array {
  const { rgb } = resized(plane, size, BILINEAR);
  return rgb.filter((_, at) => at % 3 === 1);
}

/** A picture that was laid onto white, in its own colours, with its opacity. */
export function liftedOffWhite(picture: Picture, opacity: Uint8Array): Picture {
  const rgb = new Uint8Array(picture.rgb.length).fill(255);
  opacity.forEach((alpha, pixel) => {
    if (alpha === 0) return; // (its colour is not seen: white)
    for (let at = 3 * pixel; at < 3 * pixel + 3; at++) {
      const darker = Math.floor(((255 - picture.rgb[at]) * 255 + (alpha >> 1)) / alpha);
      rgb[at] = 255 - Math.min(darker, 255);
    }
  });
  return { width: picture.width, height: picture.height, rgb, opacity };
}
