import assert from "node:assert/strict";
import { test } from "node:test";
import { openTables, type Parts, partsOf, read, restoredParts } from "../src/node.js";
import { dataFile, goodFile } from "./pictures.js";

const tables = openTables();
const LETTERS = "srim";

/** As Python's `Provenance.runs` has it. */
function runsOf({ kinds }: Parts): string {
  const letters = Array.from(kinds, (kind) => LETTERS[kind]).join("");
  return letters.replace(/(.)\1*/g, (run) => `${run.length}${run[0]}`);
}

const wanted = JSON.parse(dataFile("provenance.json").toString()) as Record<string, { sent: string; restored: string }>;

for (const [name, runs] of Object.entries(wanted)) {
  test(`what was sent of ${name} and what restored is as the Python package counts it`, async () => {
    const reading = await read(goodFile(name), tables, { words: false });
    const { scene } = reading;
    const from = scene.base !== null ? "base" : scene.pixels !== null ? "pixels" : "tokens";
    const family = scene.tokens && (await tables.family(scene.tokens.family));
    const parts = partsOf(reading, from, family?.strides ?? []);
    assert.equal(runsOf(parts), runs.sent);
    assert.equal(runsOf(restoredParts(parts, from)), runs.restored);
  });
}
