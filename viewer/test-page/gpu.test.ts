import assert from "node:assert/strict";
import type { Server } from "node:http";
import { env } from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { RUNTIME } from "../scripts/bundle.js";
import type { Picture } from "../src/index.js";
import { openPainter, openTables, read } from "../src/node.js";
import { distance, goodFile } from "../test/pictures.js";
import { Chromium } from "./chromium.js";
import { serve } from "./serve.js";

const TOLERANCE = 2; // of 255: docs/numerics.md
const VIEWER = fileURLToPath(new URL("../../", import.meta.url));
const GOOD = fileURLToPath(new URL("../../../conformance/good/", import.meta.url));
/** WebGPU as a processor draws it: the same arithmetic as on any device, only slower. */
const DRAWN = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const NAME = "longest-words"; // 40x30 pixels in tokens

let chromium: Chromium;
let server: Server;

before(async () => {
  const served = await serve({ viewer: VIEWER, runtime: RUNTIME, good: GOOD, test: `${VIEWER}test-page/` });
  server = served.server;
  chromium = new Chromium(env.CHROMIUM ?? "chromium", { gpu: DRAWN });
  await chromium.open(`${served.address}/test/gpu.html`);
});

after(async () => {
  await chromium.close();
  server.close();
});

async function painted(): Promise<Picture> {
  const found = await chromium.evaluate<{ width: number; height: number; rgb: number[] }>(`paint("${NAME}")`);
  return { ...found, rgb: Uint8Array.from(found.rgb) };
}

async function wanted(): Promise<Picture> {
  const tables = openTables();
  const painter = openPainter(tables);
  return painter.show(await painter.paint(await read(goodFile(NAME), tables, { words: false })));
}

const fallbacks = () => chromium.evaluate<string[]>(`fallbacks`);

test("WebGPU is not used where there is none, or where a processor draws it", async () => {
  assert.deepEqual(await chromium.evaluate(`runtime()`), ["wasm"]);
  await chromium.evaluate(`(navigator.gpu.requestAdapter = async () => null, 1)`);
  assert.deepEqual(await chromium.evaluate(`runtime()`), ["wasm"]);
  await chromium.evaluate(`(delete navigator.gpu.requestAdapter, 1)`);
});

test("on WebGPU tokens are painted as in WebAssembly", async () => {
  assert.ok(distance(await painted(), await wanted()).largest <= TOLERANCE);
  assert.deepEqual(await fallbacks(), []);
});

test("where WebGPU's device is lost, WebAssembly paints what it would have", async () => {
  await chromium.evaluate(`loseDevice()`);
  assert.ok(distance(await painted(), await wanted()).largest <= TOLERANCE);
  assert.deepEqual(await fallbacks(), ["WebAssembly"]);
});

test("where WebGPU gives no device, WebAssembly paints", async () => {
  await chromium.evaluate(`(async () => {
    navigator.gpu.requestAdapter = async () => ({ info: {}, limits: {}, features: new Set(), requestDevice: async () => { throw new Error("no device"); } });
    openAnew();
  })()`);
  assert.ok(distance(await painted(), await wanted()).largest <= TOLERANCE);
});
