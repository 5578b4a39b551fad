import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openTables } from "../src/node.js";
import { sceneOf } from "../src/scene.js";

const FOLDER = new URL("../../../conformance/", import.meta.url);
const tables = openTables();

interface Problem {
  readonly error: string;
  readonly offset: number;
}

/** Classes and offsets of what is wrong, in an order of their own; how it is said is every reader's own. */
function faults(problems: readonly Problem[]): string[] {
  return problems.map(({ error, offset }) => `${error} at ${offset}`).sort();
}

const manifest = JSON.parse(readFileSync(new URL("manifest.json", FOLDER), "utf8")) as {
  files: Record<string, { about: string }>;
};

for (const [name, { about }] of Object.entries(manifest.files)) {
  test(`${name}: ${about}`, async () => {
    const wanted = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
    const found = await sceneOf(readFileSync(new URL(`${name}.semc`, FOLDER)), tables);
    assert.deepEqual(faults(found.problems as Problem[]), faults(wanted.problems));
    delete found.problems;
    delete wanted.problems;
    assert.deepEqual(found, wanted);
  });
}

test("a Scene that differs is found", async () => {
  const found = await sceneOf(readFileSync(new URL("good/words-only.semc", FOLDER)), tables);
  const wanted = JSON.parse(readFileSync(new URL("good/title-words.json", FOLDER), "utf8"));
  assert.notDeepEqual(found, wanted);
});
