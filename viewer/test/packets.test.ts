import assert from "node:assert/strict";
import { test } from "node:test";
import { join, openTables, PacketError } from "../src/node.js";
import { readPacket } from "../src/packets/packet.js";
import { MISSING, type TokenPyramid } from "../src/types.js";
import { dataFile } from "./pictures.js";

const tables = openTables();

/** Packets that arrived, in hexadecimal, and what the Python package says that they say. */
interface Case {
  readonly packets: readonly string[];
  readonly missing: readonly number[];
  readonly words: string | null;
  readonly regions: number;
  readonly base_bytes: number | null;
  readonly boxes: readonly string[];
  readonly scales: readonly (readonly (number[] | null)[])[][];
}

const cases = JSON.parse(dataFile("packets.json").toString("utf8")) as Record<string, Case>;
const bytesOf = (packets: readonly string[]): Uint8Array[] => packets.map((packet) => Buffer.from(packet, "hex"));

for (const [name, wanted] of Object.entries(cases)) {
  test(`packets of ${name} say what the Python package reads from them, in any order`, async () => {
    for (const packets of [bytesOf(wanted.packets), bytesOf(wanted.packets).reverse()]) {
      const { reading, missing, leftOut } = await join(packets, tables);
      const { scene, problems } = reading;
      assert.deepEqual(missing, wanted.missing);
      assert.deepEqual(leftOut, []);
      assert.deepEqual(problems, []);
      assert.equal(scene.words?.text ?? null, wanted.words);
      assert.equal(scene.regions?.items.length ?? 0, wanted.regions);
      assert.equal(scene.base?.frame.length ?? null, wanted.base_bytes);
      assert.deepEqual(
        Object.keys(scene.boxes)
          .filter((box) => box !== "icc")
          .sort(),
        wanted.boxes,
      );
      assert.deepEqual(rowsOf(scene.tokens), wanted.scales);
    }
  });
}

test("without the first packet there is nothing", async () => {
  const [, ...others] = bytesOf(cases["boxes"].packets);
  await assert.rejects(join(others, tables), PacketError);
});

test("a damaged packet, one that came twice and one of another file are left out", async () => {
  const [first, second, ...others] = bytesOf(cases["open-end-regions"].packets);
  const damaged = Uint8Array.from(second);
  damaged[damaged.length >> 1] ^= 1;
  const stranger = bytesOf(cases["boxes"].packets)[1];
  const { missing, leftOut } = await join([first, damaged, ...others, others[0], stranger], tables);
  assert.deepEqual(missing, [1, ...cases["open-end-regions"].missing]);
  assert.equal(leftOut.length, 2);
});

test("packets with flipped bits are left out", async () => {
  const packets = bytesOf(cases["boxes"].packets);
  for (const [at, packet] of packets.entries()) {
    const { number } = readPacket(packet);
    const flipped = packets.map((bytes) => Uint8Array.from(bytes));
    flipped[at][flipped[at].length >> 1] ^= 4;
    await join(flipped, tables).then(
      ({ missing }) => assert.ok(missing.includes(number)),
      (error: unknown) => assert.ok(at === 0 && error instanceof PacketError),
    );
  }
});

function rowsOf(tokens: TokenPyramid | null): unknown[] {
  return (tokens?.scales ?? []).map(({ rows, columns, numDigits, digits }) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => {
        const at = (row * columns + column) * numDigits;
        return digits[at] === MISSING ? null : Array.from(digits.subarray(at, at + numDigits));
      }),
    ),
  );
}
