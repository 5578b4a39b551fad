/** Makes `site/`: the viewer page with its scripts, tables and networks, a folder for any static server. */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const VIEWER = fileURLToPath(new URL("../../", import.meta.url));
const SITE = join(VIEWER, "site");
const RUNTIME = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));

rmSync(SITE, { recursive: true, force: true });
mkdirSync(SITE);
await build({
  entryPoints: { page: join(VIEWER, "page/page.ts"), element: join(VIEWER, "src/element.ts") },
  outdir: SITE,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  logLevel: "warning",
});
for (const file of ["index.html", "page.css"]) cpSync(join(VIEWER, "page", file), join(SITE, file));
for (const kind of ["", ".asyncify"]) {
  const file = `ort-wasm-simd-threaded${kind}.wasm`;
  cpSync(join(RUNTIME, file), join(SITE, file));
}
cpSync(join(VIEWER, "assets"), join(SITE, "assets"), { recursive: true });
