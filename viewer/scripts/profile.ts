/**
 * Finds which functions of ONNX Runtime's WebAssembly our networks run: opens and runs all of them on the conformance
 * files and on pictures of many sizes, on one thread and on two, with a mark in each function. Writes
 * `runtime/called.json`, by which `trim.ts` cuts the others out. Run it again with another version of onnxruntime-web,
 * and for a network of another kind.
 */
import { readdirSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { spawnSync } from "node:child_process";
import { deflateRawSync } from "node:zlib";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { openPainter, openTables, type Reading, read, type Size } from "../src/node.js";
import { RUNTIME, VIEWER } from "./bundle.js";
import { WASM } from "../src/painters/wasm.js";
import { marking, numFunctions, withBodies } from "./wasm.js";

const MARKS = 1 << 30; // an address that our networks do not come near
const PAGE_BYTES = 65536;
const GOOD = join(VIEWER, "../conformance/good");

/** What multiplies in threads, tiles and remainders differs with the size. */
const SIZES: readonly Size[] = [
  [16, 16],
  [100, 61],
  [257, 129],
  [768, 512],
  [1300, 1100],
].map(([width, height]) => ({ width, height }));

/** Where the functions that were called are marked, with 1. */
async function called(threads: number, paths: readonly string[]): Promise<Uint8Array> {
  const wasm = readFileSync(join(RUNTIME, WASM));
  const count = numFunctions(wasm);
  let memory: WebAssembly.Memory | null = null;
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    constructor(asked: WebAssembly.MemoryDescriptor) {
      super({ ...asked, initial: Math.ceil((MARKS + count) / PAGE_BYTES) });
      if (asked.initial > 0) memory = this;
    }
  };
  const runtime = await import("onnxruntime-web");
  runtime.env.wasm.wasmBinary = withBodies(wasm, (body, index) => marking(body, MARKS + index)).slice().buffer;
  runtime.env.wasm.numThreads = threads;
  const tables = openTables();
  const painter = openPainter(tables, { threads });
  for (const path of paths) {
    const data = readFileSync(path);
    try {
      const painting = await painter.paint(await read(data, tables, { words: false }));
      await painter.restore(painting);
    } catch {
      continue; // (it shows no picture)
    }
  }
  for (const size of SIZES) {
    const reading = await noise(size);
    await painter.restore(await painter.paint(reading));
  }
  return new Uint8Array(memory!.buffer, MARKS, count).slice();

  /** Tokens of noise. */
  async function noise({ width, height }: Size): Promise<Reading> {
    const { strides, levels } = (await tables.family(1))!;
    const scales = strides.map((stride, at) => {
      const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
      const digits = new Uint8Array(rows * columns * levels[at].length);
      return { rows, columns, numDigits: levels[at].length, digits: digits.map((_, n) => (n * 7 + (n >> 5)) % 5) };
    });
    const reading = await read(readFileSync(join(GOOD, "odd.semc")), tables, { words: false });
    const header = { width, height, step: 0 };
    return { ...reading, header, scene: { ...reading.scene, tokens: { family: 1, scales } } };
  }
}

if (argv[2] === "--threads") {
  const marks = await called(Number(argv[3]), argv.slice(4));
  process.stdout.write(marks, () => process.exit());
} else {
  const good = readdirSync(GOOD).filter((name) => name.endsWith(".semc"));
  const paths = [...good.map((name) => join(GOOD, name)), ...argv.slice(2)];
  const runs = [1, 2].map((threads) => {
    const args = [fileURLToPath(import.meta.url), "--threads", String(threads), ...paths];
    const { stdout, status } = spawnSync(process.execPath, args, {
      maxBuffer: 1 << 24,
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (status !== 0) throw new Error(`a run on ${threads} threads failed`);
    return stdout;
  });
  const bits = Buffer.alloc(Math.ceil(runs[0].length / 8));
  for (const marks of runs) marks.forEach((mark, index) => (bits[index >> 3] |= mark << (index & 7)));
  const sha256 = createHash("sha256")
    .update(readFileSync(join(RUNTIME, WASM)))
    .digest("hex");
  const numCalled = bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  mkdirSync(join(VIEWER, "runtime"), { recursive: true });
  const found = {
    sha256,
    numFunctions: runs[0].length,
    numCalled,
    called: deflateRawSync(bits, { level: 9 }).toString("base64"),
  };
  writeFileSync(join(VIEWER, "runtime/called.json"), `${JSON.stringify(found, null, 2)}\n`);
  console.log(`${numCalled} of ${runs[0].length} functions are called`);
}
