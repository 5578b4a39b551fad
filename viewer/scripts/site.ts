/** Makes `site/`: the viewer page with its scripts, tables and networks, a folder for any static server. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, PAGE, RUNTIME, SCRIPTS, VIEWER } from "./bundle.js";
import { WASM } from "../src/painters/wasm.js";
import { trimmed } from "./trim.js";

const SITE = join(VIEWER, "site");
const GPU_WASM = "ort-wasm-simd-threaded.asyncify.wasm";

rmSync(SITE, { recursive: true, force: true });
mkdirSync(SITE);
await bundle(SCRIPTS, SITE, { gpu: true });
for (const file of ["index.html", "page.css"]) cpSync(join(PAGE, file), join(SITE, file));
writeFileSync(join(SITE, WASM), trimmed());
mkdirSync(join(SITE, "whole"));
cpSync(join(RUNTIME, WASM), join(SITE, "whole", WASM));
cpSync(join(RUNTIME, GPU_WASM), join(SITE, GPU_WASM));
cpSync(join(VIEWER, "assets"), join(SITE, "assets"), { recursive: true });
