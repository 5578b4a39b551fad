/** What files, and folders of packets, say in the form of conformance/README.md. Node alone: `node dist/src/scene.js PATH...` */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { temporalUnit } from "./base/av1.js";
import { workingSize } from "./container/header.js";
import { FormatError, LimitError } from "./errors.js";
import { openTables } from "./node.js";
import { join } from "./packets/join.js";
import { type Reading, read } from "./read.js";
import type { Tables } from "./tables.js";
import { type Boxes, MISSING, type PixelGrid, type TokenScale } from "./types.js";

const NOTHING = {
  width_px: null,
  height_px: null,
  working_width_px: null,
  working_height_px: null,
  words: null,
  regions: null,
  tokens: null,
  base: null,
  pixels: null,
  painter: null,
  boxes: {},
};

/** Throws nothing for the content of a file. */
export async function sceneOf(data: Uint8Array, tables: Tables): Promise<Record<string, unknown>> {
  try {
    const reading = await read(data, tables);
    return { ...said(reading), problems: reading.problems.map(problemObject) };
  } catch (error) {
    if (error instanceof FormatError || error instanceof LimitError) {
      return { ...NOTHING, problems: [problemObject(error)] };
    }
    throw error;
  }
}

/** The same of packets. */
export async function sceneOfPackets(packets: Iterable<Uint8Array>, tables: Tables): Promise<Record<string, unknown>> {
  try {
    const { reading, file, count, missing, repaired } = await join(packets, tables);
    const about = { file: file.toString(16).padStart(4, "0"), count, missing: rangesOf(missing), repaired };
    return { ...said(reading), packets: about, problems: reading.problems.map(problemObject) };
  } catch (error) {
    if (error instanceof FormatError || error instanceof LimitError) {
      return { ...NOTHING, packets: {}, problems: [problemObject(error)] };
    }
    throw error;
  }
}

/** Ascending numbers as first and last of each run. */
function rangesOf(numbers: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

function said({ header, scene }: Reading): Record<string, unknown> {
  const working = workingSize(header);
  const { words, regions, tokens, base, pixels, painter, vector, structure, boxes } = scene;
  return {
    width_px: header.width,
    height_px: header.height,
    working_width_px: working.width,
    working_height_px: working.height,
    words,
    regions,
    tokens: tokens && { family: tokens.family, scales: tokens.scales.map(tokenRows) },
    base: base && { width_px: base.width, height_px: base.height, ...hashed(temporalUnit(base)) },
    pixels: pixels && { levels: pixels.levels, rows: pixelRows(pixels) },
    painter,
    ...(vector && { vector: { space: vector.space, levels: Array.from(vector.levels) } }),
    ...(structure && { structure: { family: structure.family, scales: structure.scales.map(tokenRows) } }),
    boxes: boxObjects(boxes),
  };
}

function tokenRows({ rows, columns, numDigits, digits }: TokenScale): (number[] | null)[][] {
  const token = (at: number) => (digits[at] === MISSING ? null : Array.from(digits.subarray(at, at + numDigits)));
  return grid(rows, columns, (place) => token(place * numDigits));
}

function pixelRows({ rows, columns, colours, known }: PixelGrid): (number[] | null)[][] {
  return grid(rows, columns, (cell) => (known[cell] ? Array.from(colours.subarray(3 * cell, 3 * cell + 3)) : null));
}

function grid<Cell>(rows: number, columns: number, cell: (place: number) => Cell): Cell[][] {
  return Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, n) => cell(row * columns + n)));
}

function boxObjects({ link, ...others }: Boxes): Record<string, unknown> {
  const objects: Record<string, unknown> = {};
  if (link !== undefined) objects.link = { sha256: hex(link.sha256), name: link.name };
  for (const [name, content] of Object.entries(others)) objects[name] = hashed(content);
  return objects;
}

function hashed(bytes: Uint8Array): { bytes: number; sha256: string } {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function problemObject(error: FormatError | LimitError): Record<string, unknown> {
  return { error: error.name, offset: error.offset, message: error.message };
}

/** What a path names: a file, or a folder of packets. */
async function sceneAt(path: string, tables: Tables): Promise<Record<string, unknown>> {
  if (!(await stat(path)).isDirectory()) return sceneOf(await readFile(path), tables);
  const names = (await readdir(path)).sort();
  return sceneOfPackets(await Promise.all(names.map((name) => readFile(pathOf(path, name)))), tables);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const tables = openTables();
  for (const path of argv.slice(2)) console.log(JSON.stringify(await sceneAt(path, tables)));
}
