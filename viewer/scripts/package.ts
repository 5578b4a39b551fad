/**
 * Builds what the Python package has of the viewer, into `src/semcodec/viewer/built/`: `view.html`, the page in one
 * file but for its data, and the scripts of the site, without WebGPU. It is committed, so that whoever installs a wheel
 * needs no Node; `sources.json` says of which sources it was built, and a test compares.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle, inOne, inOneScript, PAGE, VIEWER } from "./bundle.js";
import { trimmed, WASM } from "./trim.js";

const BUILT = join(VIEWER, "../src/semcodec/viewer/built");
/** Nothing but what is in the page, and nobody to tell anything to. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src blob:; " +
  "style-src 'unsafe-inline'; img-src blob: data:; connect-src blob: data:";

rmSync(BUILT, { recursive: true, force: true });
mkdirSync(BUILT, { recursive: true });
await bundle(["page/page.ts", "src/element.ts", "src/engine/worker.ts"], BUILT, { gpu: false });
for (const file of ["index.html", "page.css"]) write(file, readFileSync(join(PAGE, file)));
write(`${WASM}.gz`, gzipSync(trimmed(), { level: 9 }));
write("view.html", await page());
write("sources.json", `${JSON.stringify({ sha256: hashOfSources() })}\n`);

/** The page with its style, its script and that of its worker inside. */
async function page(): Promise<string> {
  const html = readFileSync(join(PAGE, "index.html"), "utf8");
  const parts: readonly (readonly [string, string])[] = [
    ['<link rel="stylesheet" href="page.css" />', `<style>${await inOne("page/page.css")}</style>`],
    ['<script type="module" src="page.js"></script>', `<script type="module">${await inOne("page/page.ts")}</script>`],
    ["<title>", `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />\n    <title>`],
    [
      "</body>",
      `<script type="text/plain" id="semcodec-worker">${await inOneScript("src/engine/worker.ts")}</script>\n    <!--data-->\n  </body>`,
    ],
  ];
  return parts.reduce((text, [mark, part]) => {
    if (text.split(mark).length !== 2) throw new Error(`the page has not one ${mark}`);
    if (/<!--(?!data)|<\/script.*<\/script|<script.*<script/s.test(part))
      throw new Error("a script that would end early");
    return text.replace(mark, () => part);
  }, html);
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
