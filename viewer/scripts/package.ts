/**
 * Builds what the Python package has of the viewer, into `src/semcodec/viewer/built/`: the page and the scripts of the
 * site, without WebGPU, and for a page in one file (`view.js`, `view-worker.js`) each script in one. It is committed, so that whoever installs a wheel
 * needs no Node; `sources.json` says of which sources it was built, and a test compares.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle, inOne, inOneScript, PAGE, SCRIPTS, VIEWER } from "./bundle.js";
import { WASM } from "../src/painters/wasm.js";
import { trimmed } from "./trim.js";

const BUILT = join(VIEWER, "../src/semcodec/viewer/built");
rmSync(BUILT, { recursive: true, force: true });
mkdirSync(BUILT, { recursive: true });
await bundle(SCRIPTS, BUILT, { gpu: false });
for (const file of ["index.html", "page.css"]) write(file, readFileSync(join(PAGE, file)));
write(`${WASM}.gz`, gzipSync(trimmed(), { level: 9 }));
write("view.js", inElement(await inOne("page/page.ts")));
write("view-worker.js", inElement(await inOneScript("src/engine/worker.ts")));
write("sources.json", `${JSON.stringify({ sha256: hashOfSources() })}\n`);

/** A script that can stand in an element of a page: nothing in it ends that before its time. */
function inElement(script: string): string {
  if (/<!--|<\/?script/i.test(script)) throw new Error("a script that would end early");
  return script;
}

/** Of everything that the built files are made of, and nothing else of this machine. */
function hashOfSources(): string {
  const hash = createHash("sha256");
  const inFolders = ["page", "runtime", "src"].flatMap((folder) => {
    const files = readdirSync(join(VIEWER, folder), { recursive: true, withFileTypes: true });
    const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
    return paths.map((path) => path.slice(VIEWER.length)).sort();
  });
  const scripts = ["bundle", "package", "trim", "wasm"].map((name) => `scripts/${name}.ts`);
  for (const path of [...inFolders, ...scripts, "package-lock.json"]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(VIEWER, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(join(BUILT, name), content);
}
