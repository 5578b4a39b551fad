import assert from "node:assert/strict";
import { test } from "node:test";
import { inverse, product } from "../src/packets/field.js";
import { type Packet, readChecked, readPacket } from "../src/packets/packet.js";
import { readRepair, repaired } from "../src/packets/repair.js";

const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

// The example of chapter 14.
const PACKETS = ["F8 3FA2 03 6162", "FA 3FA2 01 63", "FA 3FA2 02"].map((text) => readChecked(bytes(text)));
const REPAIR = readRepair(readPacket(bytes("FC 3FA2 03 03 04 91A8A3 C892")));

function arrivedBut(lost: number): Map<number, Packet> {
  return new Map(PACKETS.filter(({ number }) => number !== lost).map((packet) => [packet.number, packet]));
}

test("numbers of the field times their inverses are 1", () => {
  for (let number = 1; number < 256; number++) assert.equal(product(number, inverse(number)), 1);
  assert.deepEqual([3, 2, 1].map(inverse), [0xf4, 0x8e, 0x01]);
  assert.equal(product(0x80, 2), 0x1d);
});

for (const lost of [0, 1, 2]) {
  test(`the page's repair packet gives packet ${lost} again`, () => {
    const [packet, ...more] = repaired(0x3fa2, arrivedBut(lost), [REPAIR], []);
    assert.deepEqual(more, []);
    assert.deepEqual(packet, PACKETS[lost]);
  });
}

test("a repair packet that asks for the most packets there can be is given up at once", () => {
  const asking = readRepair(readPacket(bytes("fc9be4feffff7f80808040ffffff7f78c0af")));
  assert.deepEqual(repaired(0x9be4, new Map(), [asking], []), []);
});
