/** Makes `site/`: the viewer page with its scripts, tables and networks, a folder for any static server. */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle, PAGE, RUNTIME, VIEWER } from "./bundle.js";

const SITE = join(VIEWER, "site");

rmSync(SITE, { recursive: true, force: true });
mkdirSync(SITE);
await bundle(["page/page.ts", "src/element.ts", "src/engine/worker.ts"], SITE, { gpu: true });
for (const file of ["index.html", "page.css"]) cpSync(join(PAGE, file), join(SITE, file));
for (const kind of ["", ".asyncify"]) {
  const file = `ort-wasm-simd-threaded${kind}.wasm`;
  cpSync(join(RUNTIME, file), join(SITE, file));
}
cpSync(join(VIEWER, "assets"), join(SITE, "assets"), { recursive: true });
