/** ONNX Runtime's WebAssembly with what our networks run alone. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { WASM } from "../src/painters/wasm.js";
import { RUNTIME, VIEWER } from "./bundle.js";
import { TRAP, withBodies } from "./wasm.js";

interface Called {
  /** Of the module that was looked at. */
  readonly sha256: string;
  /** A bit a function, lowest first: whether it was called. Deflated, in base64. */
  readonly called: string;
}

/**
 * The module without the bodies of functions that were never called (`profile.ts`): 14.2 MB become 3. One that is
 * called all the same ends the runtime at once, and the engine takes the whole one.
 */
export function trimmed(): Uint8Array {
  const wasm = readFileSync(join(RUNTIME, WASM));
  const { sha256, called } = JSON.parse(readFileSync(join(VIEWER, "runtime/called.json"), "utf8")) as Called;
  if (createHash("sha256").update(wasm).digest("hex") !== sha256) {
    throw new Error("another onnxruntime-web than runtime/called.json was made with: npm run profile");
  }
  const bits = inflateRawSync(Buffer.from(called, "base64"));
  return withBodies(wasm, (body, index) => ((bits[index >> 3] >> (index & 7)) & 1 ? body : TRAP));
}
