import assert from "node:assert/strict";
import { test } from "node:test";
import { marking, numFunctions, TRAP, withBodies } from "../scripts/wasm.js";

// (module (memory (export "m") 1) (func (export "f") (result i32) (local i32) i32.const 7)
//         (func (export "g") (result i32) i32.const 8))
const MODULE = Uint8Array.from(
  (
    "0061736d01000000" + // magic, version
    "0105016000017f" + // type: () -> i32
    "0303020000" + // two functions of it
    "0503010001" + // a memory of a page
    "070d03016d020001660000016700" + // exports m, f, g
    "01" +
    "0a0d0206" + // two bodies, the first of six bytes
    "01017f41070b" + // one local i32; i32.const 7; end
    "040041080b"
  )
    .match(/../g)!
    .map((byte) => parseInt(byte, 16)),
);

async function run(wasm: Uint8Array) {
  const { instance } = await WebAssembly.instantiate(wasm as Uint8Array<ArrayBuffer>);
  return instance.exports as { f(): number; g(): number; m: WebAssembly.Memory };
}

test("bodies that stay make the same module", () => {
  assert.equal(numFunctions(MODULE), 2);
  assert.deepEqual(Buffer.from(withBodies(MODULE, (body) => body)), Buffer.from(MODULE));
});

test("a function that was cut out traps, another one works", async () => {
  const { f, g } = await run(withBodies(MODULE, (body, index) => (index === 0 ? body : TRAP)));
  assert.equal(f(), 7);
  assert.throws(g, /unreachable/);
});

test("a marked function leaves a mark where it was told to, and works", async () => {
  const { f, g, m } = await run(withBodies(MODULE, (body, index) => marking(body, 1000 + index)));
  const marks = () => Array.from(new Uint8Array(m.buffer, 1000, 2));
  assert.deepEqual(marks(), [0, 0]);
  assert.equal(g(), 8);
  assert.deepEqual(marks(), [0, 1]);
  assert.equal(f(), 7);
  assert.deepEqual(marks(), [1, 1]);
});
