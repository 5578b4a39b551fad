/** For pages: tables and networks are fetched from a folder, and AVIF is decoded by the browser. */
import { openRuntime } from "./painters/graphs.js";
import { Painter } from "./painters/painter.js";
import { fromRgba, type Picture, toRgba } from "./painters/picture.js";
import { type Load, Tables } from "./tables.js";
import type { Size } from "./types.js";

export * from "./index.js";

/** Fetches files from where the package's `assets/` lie. */
export function loadFrom(assets: string | URL): Load {
  const base = new URL(assets, document.baseURI);
  return async (path) => {
    const answer = await fetch(new URL(path, base));
    if (!answer.ok) throw new Error(`${answer.url} cannot be loaded: ${answer.status} ${answer.statusText}`);
    return new Uint8Array(await answer.arrayBuffer());
  };
}

/** A painter in this page. */
export function openPainter(load: Load, tables: Tables): Painter {
  return new Painter({ load, tables, decodeAvif, runtime: openRuntime });
}

/** Lays a picture on a canvas of its size. */
export function draw(picture: Picture, canvas: HTMLCanvasElement): void {
  canvas.width = picture.width;
  canvas.height = picture.height;
  const pixels = new ImageData(toRgba(picture), picture.width, picture.height);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

async function decodeAvif(avif: Uint8Array, size: Size): Promise<Picture | null> {
  const file = new Blob([avif as Uint8Array<ArrayBuffer>], { type: "image/avif" });
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" }).catch(() => null);
  if (bitmap === null || bitmap.width !== size.width || bitmap.height !== size.height) return null;
  const context = new OffscreenCanvas(size.width, size.height).getContext("2d", { willReadFrequently: true });
  if (context === null) return null;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return fromRgba(context.getImageData(0, 0, size.width, size.height).data, size);
}
