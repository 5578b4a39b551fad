import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const SOURCES = new URL("../../src/", import.meta.url);
const EXACT = [
  "container",
  "entropy",
  "words",
  "regions",
  "tokens",
  "base",
  "pixels",
  "hint",
  "vector",
  "structure",
  "boxes",
  "packets",
];
const INEXACT = /\b\d+\.\d|\bMath\.(?!(abs|ceil|clz32|floor|imul|max|min)\b)\w+/;
const UPWARD = /from "\.\.\/(painters|browser|node|element)/;

/** What of a file's text has no place in the exact half: fractions, functions that may differ, imports from above. */
function breaches(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"(?!;\n)|`[^`]*`/g, "");
  return [INEXACT.exec(code)?.[0], UPWARD.exec(text)?.[0]].filter((found) => found !== undefined);
}

for (const folder of EXACT) {
  test(`${folder}/ has integers alone, and nothing of the painters`, () => {
    const files = readdirSync(new URL(`${folder}/`, SOURCES));
    assert.ok(files.length > 0);
    for (const file of files) {
      const text = readFileSync(new URL(`${folder}/${file}`, SOURCES), "utf8");
      assert.deepEqual(breaches(text), [], `${folder}/${file}`);
    }
  });
}

test("a fraction, a logarithm and a painter are found", () => {
  assert.equal(breaches("const half = 0.5;").length, 1);
  assert.equal(breaches("const bits = Math.log2(n);").length, 1);
  assert.equal(breaches('import { restored } from "../painters/restorer.js";').length, 1);
});
