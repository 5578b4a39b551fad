import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";

export const VIEWER = fileURLToPath(new URL("../../", import.meta.url));
export const PAGE = join(VIEWER, "page");
/** onnxruntime-web as it is installed. */
export const RUNTIME = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));

/** Of the site, and of what the Python package serves. */
export const SCRIPTS = ["page/page.ts", "page/isolating.ts", "src/element.ts", "src/engine/worker.ts"];

/** Without WebGPU, whose runtime is twice as large: what would load it is not run, and is WebAssembly's. */
const WITHOUT_GPU = {
  alias: { "onnxruntime-web/webgpu": "onnxruntime-web/wasm" },
  define: { WITHOUT_GPU: "true" },
} as const satisfies BuildOptions;

const COMMON = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  write: false,
} as const satisfies BuildOptions;

/** Scripts that share what they have in common, each beside the others in a folder. */
export async function bundle(entries: readonly string[], outdir: string, { gpu }: { gpu: boolean }): Promise<void> {
  const entryPoints = Object.fromEntries(entries.map((entry) => [basename(entry, ".ts"), join(VIEWER, entry)]));
  await build({ ...COMMON, write: true, entryPoints, outdir, splitting: true, ...(gpu ? {} : WITHOUT_GPU) });
}

/** The text of a module or style sheet that needs no other file. */
export async function inOne(entry: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: [join(VIEWER, entry)],
    ...WITHOUT_GPU,
    ...options,
    define: { ...WITHOUT_GPU.define, ...options.define },
  });
  return outputFiles![0].text.trim();
}

/** The same of a script that is no module: of a page that is a file, Chromium opens no worker that is one. */
export function inOneScript(entry: string): Promise<string> {
  return inOne(entry, { format: "iife", define: { "import.meta.url": "self.location.href" } });
}
