import assert from "node:assert/strict";
import { test } from "node:test";
import { NoPictureError, openPainter, openTables, type Reading, read } from "../src/node.js";
import { conditionOf, type RestorerFacts } from "../src/painters/restorer.js";
import { toRgba } from "../src/painters/picture.js";
import { liftedOffWhite } from "../src/painters/transparency.js";
import { distance, goodFile, onWhite, reference } from "./pictures.js";

const TOLERANCE = 2; // of 255: docs/numerics.md
const tables = openTables();
const painter = openPainter(tables);

function readGood(name: string): Promise<Reading> {
  return read(goodFile(name), tables, { words: false });
}

for (const [name, what] of [
  ["open-end-tokens", "tokens"],
  ["odd", "tokens of a size that no stride divides"],
  ["step-6", "tokens, enlarged"],
  ["pixels-enlarged", "a grid of pixels, enlarged"],
  ["pixels-open-end", "a grid of pixels with gaps"],
]) {
  test(`${what} are painted as the Python package paints them (${name})`, async () => {
    const painting = await painter.paint(await readGood(name));
    const { largest } = distance(painter.show(painting), await reference(`${name}.png`));
    assert.ok(largest <= TOLERANCE, `${largest} of 255 apart`);
  });
}

for (const name of ["smaller-alpha", "boxes"]) {
  test(`transparency is what it is in Python, and colours are those beside it (${name})`, async () => {
    const painting = await painter.paint(await readGood(name));
    const wanted = await reference(`${name}.alpha.png`);
    for (const picture of [painter.show(painting), await painter.restore(painting)]) {
      assert.deepEqual(Buffer.from(picture.opacity!), Buffer.from(wanted.opacity!));
    }
    const found = onWhite(painter.show(painting));
    assert.ok(distance(found, onWhite(wanted)).largest <= TOLERANCE);
    assert.ok(wanted.opacity!.some((alpha) => alpha < 255));
  });
}

test("colours are lifted off white: those of what is not seen are white", () => {
  const grey = { width: 3, height: 1, rgb: new Uint8Array(9).fill(128) };
  const lifted = liftedOffWhite(grey, Uint8Array.of(255, 128, 0));
  assert.deepEqual(lifted.rgb, Uint8Array.of(128, 128, 128, 2, 2, 2, 255, 255, 255));
  assert.deepEqual(
    toRgba(lifted).filter((_, at) => at % 4 === 3),
    Uint8ClampedArray.of(255, 128, 0),
  );
});

test("transparency that cannot be decoded costs no picture, and is named", async () => {
  const reading = await readGood("boxes");
  const damaged = reading.scene.boxes.alpha!.map((byte, at) => (at > 24 ? 255 - byte : byte));
  const scene = { ...reading.scene, boxes: { alpha: damaged } };
  const painting = await painter.paint({ ...reading, scene });
  assert.equal(painting.opacity, null);
  assert.match(painting.reason ?? "", /transparency/);
  assert.equal(painter.show(painting).opacity, undefined);
});

test("another picture is further apart than the tolerance", async () => {
  const painting = await painter.paint(await readGood("odd"));
  const { largest } = distance(painter.show(painting), await reference("odd.restored.png"));
  assert.ok(largest > TOLERANCE);
});

test("a base is decoded with another decoder's step to colours, which is near", async () => {
  const painting = await painter.paint(await readGood("words-and-base"));
  const found = distance(painter.show(painting), await reference("words-and-base.png"));
  assert.equal(painting.from, "base");
  assert.ok(found.mean < 0.6 && found.above2 < 0.01, JSON.stringify(found));
});

// Its convolutions follow each other in 8-bit integers, which makes small differences large: README.md.
for (const name of ["odd", "words-and-base"]) {
  test(`the restorer does what it does in Python (${name})`, async () => {
    const painting = await painter.paint(await readGood(name));
    const [soft, sharp] = [painter.show(painting), await painter.restore(painting)];
    const wanted = await reference(`${name}.restored.png`);
    assert.ok(distance(sharp, wanted).mean < distance(soft, wanted).mean / 2);
  });
}

test("a restorer is told as many numbers as it knows", () => {
  const told = (facts: object) => conditionOf([0.5, -1], facts as RestorerFacts);
  assert.deepEqual(told({}), { data: Float32Array.of(0.5, -1), dims: [1, 2] });
  assert.deepEqual(told({ num_conditions: 4 }), { data: Float32Array.of(0.5, -1, 0, 0), dims: [1, 4] });
  assert.deepEqual(told({ num_conditions: 1 }), { data: Float32Array.of(0.5), dims: [1, 1] });
});

test("a base that cannot be decoded gives way to tokens, with the reason", async () => {
  const blind = openPainter(tables, { decodeAvif: () => Promise.resolve(null) });
  await assert.rejects(blind.paint(await readGood("base-only")), NoPictureError);
  const painting = await blind.paint(await readGood("words-tokens-and-base"));
  assert.equal(painting.from, "tokens");
  assert.match(painting.reason ?? "", /cannot be decoded/);
});

test("a file of words has no picture", async () => {
  await assert.rejects(painter.paint(await readGood("words-only")), NoPictureError);
});
