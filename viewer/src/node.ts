/** For Node: tables and networks are read from the package's folder, and AVIF is decoded by sharp where that is installed. */
import { readFile } from "node:fs/promises";
import { withSmoothChroma } from "./painters/chroma.js";
import type { Opened } from "./painters/runtime.js";
import { type DecodeAvif, type DecodeWebp, Painter } from "./painters/painter.js";
import type { Picture } from "./painters/picture.js";
import { type Load, Tables } from "./tables.js";
import type { Size } from "./types.js";

export * from "./index.js";

const ASSETS = new URL("../../assets/", import.meta.url);

/** Reads a file of `assets/`. */
export function loadAsset(path: string): Promise<Uint8Array> {
  return readFile(new URL(path, ASSETS));
}

/** The tables of the package. */
export function openTables(): Tables {
  return new Tables(loadAsset);
}

export interface NodePainterOptions {
  /** Of the networks; 1 unless told. */
  readonly threads?: number;
  /** Where networks are; the package's folder unless told. */
  readonly load?: Load;
  /** Decodes bases; sharp unless told. */
  readonly decodeAvif?: DecodeAvif;
  /** Decodes transparency; sharp unless told. */
  readonly decodeWebp?: DecodeWebp;
}

/** A painter of what comes with the package. */
export function openPainter(tables: Tables, options: NodePainterOptions = {}): Painter {
  const { threads = 1, load = loadAsset, decodeAvif = sharpAvif, decodeWebp = sharpDecode } = options;
  return new Painter({ load, tables, decodeAvif, decodeWebp, runtime: () => openWasm(threads) });
}

async function openWasm(threads: number): Promise<Opened> {
  const runtime = await import("onnxruntime-web");
  runtime.env.wasm.numThreads = threads;
  return { runtime, providers: ["wasm"] };
}

async function sharpAvif(avif: Uint8Array, { width, height }: Size): Promise<Picture | null> {
  const picture = await sharpDecode(avif);
  return picture?.width === width && picture.height === height ? withSmoothChroma(picture) : null;
}

/** By sharp, an optional peer dependency; null where it is not installed, or cannot decode the file. */
async function sharpDecode(file: Uint8Array): Promise<Picture | null> {
  const sharp = await import("sharp").then((module) => module.default).catch(() => null);
  if (sharp === null) return null;
  const decoded = sharp(file).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return decoded.then(
    ({ data, info }) => (info.channels === 3 ? { width: info.width, height: info.height, rgb: data } : null),
    () => null,
  );
}
