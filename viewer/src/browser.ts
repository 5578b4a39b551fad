/** For pages: tables and networks are fetched from a folder, and AVIF is decoded by the browser. */
import { type Opened, openRuntime } from "./painters/runtime.js";
import { Painter } from "./painters/painter.js";
import { fromRgba, type Picture } from "./painters/picture.js";
import { type Load, Tables } from "./tables.js";
import type { Size } from "./types.js";

export { draw } from "./draw.js";
export * from "./index.js";

/** Fetches files from where the package's `assets/` lie. */
export function loadFrom(assets: string | URL): Load {
  const base = new URL(assets, globalThis.document?.baseURI ?? location.href); // (a worker has no document)
  return async (path) => {
    const address = new URL(path, base);
    const answer = await fetch(address).catch(() => fetch(address)); // (a connection that was lost is tried once more)
    if (!answer.ok) throw new Error(`${answer.url} cannot be loaded: ${answer.status} ${answer.statusText}`);
    return new Uint8Array(await answer.arrayBuffer());
  };
}

/** A painter in this page, or in this worker. */
export function openPainter(load: Load, tables: Tables, runtime: () => Promise<Opened> = () => openRuntime()): Painter {
  return new Painter({ load, tables, decodeAvif, decodeWebp, runtime });
}

async function decodeAvif(avif: Uint8Array, { width, height }: Size): Promise<Picture | null> {
  const picture = await decodeStill(avif, "image/avif");
  return picture?.width === width && picture.height === height ? picture : null;
}

function decodeWebp(webp: Uint8Array): Promise<Picture | null> {
  return decodeStill(webp, "image/webp");
}

async function decodeStill(file: Uint8Array, type: string): Promise<Picture | null> {
  const blob = new Blob([file as Uint8Array<ArrayBuffer>], { type });
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" }).catch(() => null);
  if (bitmap === null) return null;
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) return null;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return fromRgba(context.getImageData(0, 0, width, height).data, { width, height });
}
