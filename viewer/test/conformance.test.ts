import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openTables } from "../src/node.js";
import { sceneOf, sceneOfPackets } from "../src/scene.js";

const FOLDER = new URL("../../../conformance/", import.meta.url);
const tables = openTables();

interface Problem {
  readonly error: string;
  readonly offset: number | null;
}

/** Classes and offsets of what is wrong, in an order of their own; how it is said is every reader's own. */
function faults(problems: readonly Problem[]): string[] {
  return problems.map(({ error, offset }) => `${error} at ${offset}`).sort();
}

const manifest = JSON.parse(readFileSync(new URL("manifest.json", FOLDER), "utf8")) as {
  files: Record<string, { about: string }>;
  packets: Record<string, { about: string }>;
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

type Rows<Cell> = readonly (readonly Cell[])[];

interface PacketCase {
  readonly packets: readonly string[];
  readonly tokens: { readonly scales: readonly Rows<number[]>[] } | null;
  readonly masks: readonly {
    readonly about: string;
    readonly arrived: readonly number[];
    readonly scene: Record<string, unknown> & {
      readonly problems: Problem[];
      readonly tokens: { family: number; there: readonly (readonly string[])[] } | null;
      readonly packets: Record<string, unknown>;
    };
  }[];
}

/** "fa*3" is fa and three zeros. */
function packetOf(text: string): Uint8Array {
  const [start, numZeros = "0"] = text.split("*");
  return Buffer.concat([Buffer.from(start, "hex"), Buffer.alloc(Number(numZeros))]);
}

for (const [name, { about }] of Object.entries(manifest.packets)) {
  const { packets, tokens, masks } = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as PacketCase;
  for (const { about: which, arrived, scene } of masks) {
    test(`${name}: ${about}; ${which}`, async () => {
      const found = await sceneOfPackets(
        arrived.map((at) => packetOf(packets[at])),
        tables,
      );
      const scales = scene.tokens?.there.map((rows, scale) =>
        rows.map((line, row) =>
          Array.from(line, (is, column) => (is === "1" ? tokens?.scales[scale][row][column] : null)),
        ),
      );
      const { problems, ...wanted } = { ...scene, tokens: scene.tokens && { family: scene.tokens.family, scales } };
      assert.deepEqual(faults(found.problems as Problem[]), faults(problems));
      delete found.problems;
      delete wanted.packets.fates; // (semcodec alone says them)
      assert.deepEqual(found, wanted);
    });
  }
}

test("a Scene that differs is found", async () => {
  const found = await sceneOf(readFileSync(new URL("good/words-only.semc", FOLDER)), tables);
  const wanted = JSON.parse(readFileSync(new URL("good/title-words.json", FOLDER), "utf8"));
  assert.notDeepEqual(found, wanted);
});
