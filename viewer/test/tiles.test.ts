import assert from "node:assert/strict";
import { test } from "node:test";
import { loadAsset, openPainter, openTables, type Painter, type Picture, read } from "../src/node.js";
import { tilesOf } from "../src/painters/maps.js";
import { distance, goodFile } from "./pictures.js";

const tables = openTables();

/** A painter whose networks run in tiles of this many pixels. */
function painterIn(tilePx: number | null): Painter {
  const load = async (path: string): Promise<Uint8Array> => {
    const bytes = await loadAsset(path);
    if (tilePx === null || !path.endsWith("about.json")) return bytes;
    const text = new TextDecoder().decode(bytes).replace(/("(?:body_)?tile_px": )\d+/g, `$1${tilePx}`);
    return new TextEncoder().encode(text);
  };
  return openPainter(tables, { load });
}

async function painted(tilePx: number | null): Promise<{ soft: Picture; sharp: Picture }> {
  const painter = painterIn(tilePx);
  const painting = await painter.paint(await read(goodFile("missing-blocks"), tables, { words: false }));
  return { soft: painter.show(painting), sharp: await painter.restore(painting) };
}

test("tiles give the picture that the whole gives, restored or not", async () => {
  const [whole, tiled] = [await painted(null), await painted(96)];
  assert.equal(distance(whole.soft, tiled.soft).largest, 0);
  assert.equal(distance(whole.sharp, tiled.sharp).largest, 0);
});

test("tiles cover a map once, with margins inside of it", () => {
  const [rows, columns, core, margin] = [300, 500, 128, 32];
  const times = new Uint8Array(rows * columns);
  for (const { computed, kept } of tilesOf(rows, columns, core, margin)) {
    for (let row = kept.row; row < kept.row + kept.rows; row++) {
      for (let column = kept.column; column < kept.column + kept.columns; column++) times[row * columns + column]++;
    }
    assert.ok(computed.row >= 0 && computed.row + computed.rows <= rows);
    assert.ok(computed.column >= 0 && computed.column + computed.columns <= columns);
    assert.ok(computed.row === Math.max(0, kept.row - margin));
  }
  assert.ok(times.every((count) => count === 1));
});
