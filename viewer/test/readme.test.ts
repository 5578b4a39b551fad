import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { goodFile } from "./pictures.js";

const VIEWER = fileURLToPath(new URL("../../", import.meta.url));

test("the lines of use in Node do what the README says", () => {
  const page = readFileSync(join(VIEWER, "README.md"), "utf8");
  const block = page.split("```js\n")[1].split("```")[0];
  const folder = mkdtempSync(join(VIEWER, "dist", "readme-"));
  try {
    writeFileSync(join(folder, "photo.semc"), goodFile("odd"));
    writeFileSync(join(folder, "use.mjs"), `${block}\nconsole.log(soft.width, picture.height, picture.rgb.length);\n`);
    const printed = execFileSync(process.execPath, ["use.mjs"], { cwd: folder, encoding: "utf8" });
    assert.equal(printed.trim(), `129 127 ${129 * 127 * 3}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
