import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpuUsage } from "node:process";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { FormatError, LimitError, loadAsset, openTables, read, readWords, Tables } from "../src/node.js";
import { FAMILIES, REGION_TABLES, TEXT_TABLES } from "../src/tables.js";
import { goodFile } from "./pictures.js";

const tables = openTables();

test("words are read by themselves", async () => {
  const words = await readWords(goodFile("words-and-tokens"), tables);
  assert.deepEqual(words, { text: "Two macaws.", language: "en", origin: "human" });
  assert.equal(await readWords(goodFile("tokens-only"), tables), null);
});

test("the tables of words are loaded only where words are asked for", async () => {
  const loaded: string[] = [];
  const counting = new Tables((path) => {
    loaded.push(path);
    return loadAsset(path);
  });
  await read(goodFile("regions"), counting, { words: false });
  assert.deepEqual(loaded, ["tables/family-1.bin.gz"]);
  await read(goodFile("regions"), counting);
  assert.deepEqual(loaded.slice(1).sort(), ["tables/regions-1.bin.gz", "tables/text-1.bin.gz", "tables/text-2.bin.gz"]);
});

test("a table that could not be loaded is asked for again", async () => {
  let fails = true;
  const shaky = new Tables((path) => (fails ? Promise.reject(new Error("offline")) : loadAsset(path)));
  await assert.rejects(readWords(goodFile("words-only"), shaky), /offline/);
  fails = false;
  assert.ok(await readWords(goodFile("words-only"), shaky));
});

test("the seeds of the checks are those of the tables' files", () => {
  for (const [folder, files] of [
    ["layers/tokens/families/", FAMILIES],
    ["layers/regions/tables/", REGION_TABLES],
    ["layers/text/tables/", { 1: TEXT_TABLES[1] }],
  ] as const) {
    for (const [number, { file, seed }] of Object.entries(files)) {
      const source = readFileSync(new URL(`../../../src/semcodec/${folder}${number}.bin`, import.meta.url));
      assert.equal(createHash("sha256").update(source).digest().readUInt32BE(0), seed);
      const packed = readFileSync(new URL(`../../assets/tables/${file}.bin.gz`, import.meta.url));
      assert.deepEqual(gunzipSync(packed), source);
    }
  }
});

test("limits are asked, and raised", async () => {
  await assert.rejects(read(goodFile("odd"), tables, { limits: { maxPixels: 1000 } }), LimitError);
  await assert.rejects(read(goodFile("longest-words"), tables, { limits: { maxCaptionChars: 1999 } }), LimitError);
  const { scene } = await read(goodFile("longest-words"), tables, { limits: { maxCaptionChars: 2000 } });
  assert.equal(scene.words?.text.length, 2000);
});

test("every prefix of a file is read or refused, and says no more than the whole", async () => {
  const data = goodFile("photograph-100");
  const whole = await read(data, tables);
  for (let end = 0; end < data.length; end++) {
    const reading = await read(data.subarray(0, end), tables).catch((error: unknown) => {
      assert.ok(error instanceof FormatError);
      return null;
    });
    if (reading === null) continue;
    assert.ok(reading.problems.length > 0, `nothing is wrong with the first ${end} bytes`);
    assert.ok(whole.scene.words?.text.startsWith(reading.scene.words?.text ?? ""));
  }
});

test("files with flipped bits are read or refused", async () => {
  const data = goodFile("boxes");
  for (let bit = 0; bit < 8 * data.length; bit += 7) {
    const flipped = Uint8Array.from(data);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    await read(flipped, tables).catch((error: unknown) => {
      assert.ok(error instanceof FormatError || error instanceof LimitError, String(error));
    });
  }
});

test("tokens of a kilobyte take less than 50 ms of one core", async () => {
  const data = readFileSync(new URL("../../../conformance/malformed/bytes-behind-tokens.semc", import.meta.url));
  assert.ok(data.length > 1000);
  await read(data, tables, { words: false });
  const before = cpuUsage();
  const num = 5;
  for (let n = 0; n < num; n++) await read(data, tables, { words: false });
  const { user, system } = cpuUsage(before);
  assert.ok((user + system) / 1000 / num < 50, `${(user + system) / 1000 / num} ms`);
});

test("the seed of a table that names arrays of its base is that of its file with these put in", () => {
  const source = (number: number) =>
    readFileSync(new URL(`../../../src/semcodec/layers/text/tables/${number}.bin`, import.meta.url));
  const [table, base] = [source(2), source(1)];
  const length = (file: Buffer, at: number) => 8 + Math.ceil((file.readUInt32LE(at + 4) * file[at]) / 4) * 4;
  const hash = createHash("sha256").update(table.subarray(0, 8));
  for (let at = 8; at < table.length; at += length(table, at)) {
    const there = table.readUInt32LE(at + 4);
    if (table[at] === 0) hash.update(base.subarray(there, there + length(base, there)));
    else hash.update(table.subarray(at, at + length(table, at)));
  }
  assert.equal(hash.digest().readUInt32BE(0), TEXT_TABLES[2].seed);
});
