import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import type { Server } from "node:http";
import { WASM } from "../src/painters/wasm.js";
import { TRAP, withBodies } from "../scripts/wasm.js";
import type { Picture } from "../src/index.js";
import { openPainter, openTables, read } from "../src/node.js";
import { distance, goodFile, reference } from "../test/pictures.js";
import { Chromium } from "./chromium.js";
import { serve } from "./serve.js";

const TOLERANCE = 2; // of 255: docs/numerics.md
const SITE = fileURLToPath(new URL("../../site/", import.meta.url));
const HERE = fileURLToPath(new URL("../../test-page/", import.meta.url));
const GOOD = fileURLToPath(new URL("../../../conformance/good/", import.meta.url));

/** A folder of assets without networks. */
const ONLY_TABLES = mkdtempSync(join(tmpdir(), "semcodec-tables-"));
cpSync(join(SITE, "assets/tables"), join(ONLY_TABLES, "tables"), { recursive: true });

/** The site with a runtime of which nothing was kept, and the page of the element. */
const TRAPPED = mkdtempSync(join(tmpdir(), "semcodec-trapped-"));
for (const name of readdirSync(SITE)) symlinkSync(join(SITE, name), join(TRAPPED, name));
rmSync(join(TRAPPED, WASM));
writeFileSync(
  join(TRAPPED, WASM),
  withBodies(readFileSync(join(SITE, WASM)), () => TRAP),
);
const page = readFileSync(join(HERE, "element.html"), "utf8").replaceAll("../site/", "./");
writeFileSync(join(TRAPPED, "element.html"), page);

let address: string;
let chromium: Chromium;
let server: Server;
let release: () => void;

before(async () => {
  const served = await serve({ site: SITE, good: GOOD, test: HERE, "only-tables": ONLY_TABLES, trapped: TRAPPED });
  ({ server, release, address } = served);
  chromium = new Chromium(env.CHROMIUM ?? "chromium");
  await chromium.open(`${served.address}/test/element.html`);
  await chromium.evaluate(`
    globalThis.image = document.querySelector("semc-img");
    globalThis.happened = (event, isWanted) => new Promise((done) => image.addEventListener(event, function listen(found) {
      if (!isWanted(found)) return;
      image.removeEventListener(event, listen);
      done(found);
    }));
    1
  `);
});

after(async () => {
  await chromium.close();
  server.close();
  rmSync(ONLY_TABLES, { recursive: true });
  rmSync(TRAPPED, { recursive: true });
});

/** Gives the element a file and waits for an event. */
async function load(name: string, event: string, isWanted = "() => true", query = ""): Promise<string> {
  return chromium.evaluate(`(async () => {
    const waited = happened("${event}", ${isWanted});
    image.setAttribute("src", "../good/${name}.semc${query}");
    return (await waited).message ?? "";
  })()`);
}

/** What the element shows. */
async function shown(): Promise<Picture> {
  const { width, height, pixels } = await chromium.evaluate<{
    width: number;
    height: number;
    pixels: number[];
  }>(`(() => {
    const { width, height } = inside("canvas");
    const { data } = inside("canvas").getContext("2d").getImageData(0, 0, width, height);
    return { width, height, pixels: Array.from(data).filter((_, at) => at % 4 < 3) };
    function inside(selector) { return image.shadowRoot.querySelector(selector); }
  })()`);
  return { width, height, rgb: Uint8Array.from(pixels) };
}

/** Waits, ninety seconds at most, until an expression holds in the page. */
async function until(expression: string): Promise<void> {
  await chromium.evaluate(`(async () => {
    for (let n = 0; n < 900 && !(${expression}); n++) await new Promise((done) => setTimeout(done, 100));
    if (!(${expression})) throw new Error(${JSON.stringify(expression)} + " does not come true");
  })()`);
}

const alt = () => chromium.evaluate<string>(`image.shadowRoot.querySelector("canvas").getAttribute("aria-label")`);

test("a base is shown as the Python package shows it, and restored so", async () => {
  await chromium.evaluate(`image.setAttribute("restore", "off")`);
  await load("words-and-base", "load");
  const soft = await shown();
  assert.ok(distance(await shown(), await reference("words-and-base.png")).largest <= TOLERANCE);
  await chromium.evaluate(`(async () => {
    const waited = happened("load", ({ detail }) => detail.restored);
    image.removeAttribute("restore");
    await waited;
  })()`);
  const wanted = await reference("words-and-base.restored.png");
  assert.ok(distance(await shown(), wanted).mean < distance(soft, wanted).mean / 2);
});

test("its words are its alternative text, unless another one is given", async () => {
  assert.equal(await alt(), "Two macaws.");
  await chromium.evaluate(`image.setAttribute("alt", "")`);
  assert.equal(await alt(), "");
  await chromium.evaluate(`image.removeAttribute("alt")`);
  await load("by-a-machine", "read");
  assert.equal(await alt(), "Zeigt vielleicht: a dog on a beach");
});

test('with alt-from-words the words take the place of another text; with "off" they are not looked for', async () => {
  await chromium.evaluate(`image.setAttribute("alt", "a picture")`);
  await load("words-and-base", "load");
  assert.equal(await alt(), "a picture");
  await chromium.evaluate(`(async () => {
    const waited = happened("read", () => true);
    image.setAttribute("alt-from-words", "");
    await waited;
  })()`);
  assert.deepEqual([await alt(), await chromium.evaluate(`image.alt`)], ["Two macaws.", "Two macaws."]);
  await chromium.evaluate(`(async () => {
    image.removeAttribute("alt");
    const waited = happened("load", ({ detail }) => detail.restored);
    image.setAttribute("alt-from-words", "off");
    await waited;
  })()`);
  assert.equal(await alt(), "");
  assert.deepEqual(await chromium.evaluate(`[image.naturalWidth, image.naturalHeight]`), [228, 152]);
  await chromium.evaluate(`image.removeAttribute("alt-from-words")`);
});

test("where networks cannot be loaded the words are shown", async () => {
  await chromium.evaluate(`(async () => {
    const waited = happened("error", () => true);
    image.setAttribute("assets", "../only-tables/");
    image.setAttribute("src", "../good/words-and-tokens.semc");
    await waited;
  })()`);
  await until(`image.shadowRoot.querySelector("p").textContent === "Two macaws."`);
  await chromium.evaluate(`image.setAttribute("assets", "../site/assets/")`);
});

test("tokens are shown as the Python package shows them", async () => {
  await load("odd", "load");
  assert.ok(distance(await shown(), await reference("odd.png")).largest <= TOLERANCE);
});

test("tokens are painted while they arrive, then the whole", async () => {
  const first = 100;
  await load("odd", "progress", "() => true", `?first=${first}`);
  const tables = openTables();
  const painter = openPainter(tables);
  const part = await painter.paint(await read(goodFile("odd").subarray(0, first), tables, { words: false }));
  assert.ok(distance(await shown(), painter.show(part)).largest <= TOLERANCE);
  assert.ok(distance(await shown(), await reference("odd.png")).largest > TOLERANCE);
  const loaded = chromium.evaluate(`happened("load", () => true).then(() => 1)`);
  release();
  await loaded;
  assert.ok(distance(await shown(), await reference("odd.png")).largest <= TOLERANCE);
});

test("transparency is laid under the picture as the Python package has it", async () => {
  await load("smaller-alpha", "load");
  const opacity = await chromium.evaluate<number[]>(`(() => {
    const canvas = image.shadowRoot.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data).filter((_, at) => at % 4 === 3);
  })()`);
  assert.deepEqual(Buffer.from(opacity), Buffer.from((await reference("smaller-alpha.alpha.png")).opacity!));
});

test("without a picture the words are shown, and what is wrong is told", async () => {
  assert.match(await load("words-only", "error"), /no picture/);
  await until(`image.shadowRoot.querySelector("p").textContent === "Two macaws."`);
  assert.match(await load("there-is-no-such-file", "error"), /404/);
});

/** What becomes of a file in a page of its own: "painted", or what is told. */
async function outcome(page: string, name: string): Promise<string> {
  await chromium.open(`${address}/${page}`);
  return chromium.evaluate<string>(`(async () => {
    const image = document.querySelector("semc-img");
    const happened = (event) => new Promise((done) => image.addEventListener(event, done, { once: true }));
    const ended = Promise.race([happened("load").then(() => "painted"), happened("error").then(({ message }) => message)]);
    image.setAttribute("restore", "off");
    image.setAttribute("src", "../good/${name}.semc");
    return ended;
  })()`);
}

test("a runtime that lacks a function gives way to the whole one", async () => {
  assert.equal(await outcome("trapped/element.html", "odd"), "painted");
});

test("where the whole runtime is not there, a sentence says so, and other pictures are painted", async () => {
  rmSync(join(TRAPPED, "whole"));
  assert.match(await outcome("trapped/element.html", "odd"), /the whole one is not here; `semcodec decode` paints it/);
  const next = chromium.evaluate<string>(`(async () => {
    const image = document.querySelector("semc-img");
    const painted = new Promise((done) => image.addEventListener("load", () => done("painted"), { once: true }));
    image.setAttribute("src", "../good/words-and-base.semc");
    return painted;
  })()`);
  assert.equal(await next, "painted");
});
