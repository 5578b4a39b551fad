import { type Picture, toRgba } from "./painters/picture.js";

/** Lays a picture on a canvas of its size. */
export function draw(picture: Picture, canvas: HTMLCanvasElement): void {
  canvas.width = picture.width;
  canvas.height = picture.height;
  const pixels = new ImageData(toRgba(picture), picture.width, picture.height);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}
