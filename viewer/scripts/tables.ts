/**
 * Packs what the decoder loads from the Python package's data into `assets/`: tables (compressed; words, 4 MB, are loaded
 * only where words are asked for) and networks. What is there and newer than its source stays.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const PACKAGE = new URL("../../../src/semcodec/", import.meta.url);
const ASSETS = new URL("../../assets/", import.meta.url);

const TABLES: Record<string, string> = {
  "text-1": "layers/text/tables/1.bin",
  "text-2": "layers/text/tables/2.bin",
  "regions-1": "layers/regions/tables/1.bin",
  "family-1": "layers/tokens/families/1.bin",
};
const NETWORKS: Record<string, readonly string[]> = {
  "nano-1": ["about.json", "decoder-coarse.onnx", "decoder-fine.onnx"],
  "restorer-1": ["about.json", "head.onnx", "body.onnx", "tail.onnx"],
};

for (const [name, source] of Object.entries(TABLES)) {
  make(source, `tables/${name}.bin.gz`, (from, to) => writeFileSync(to, gzipSync(readFileSync(from), { level: 9 })));
}
for (const [network, files] of Object.entries(NETWORKS)) {
  for (const file of files) make(`zoo/weights/${network}/${file}`, `networks/${network}/${file}`, copyFileSync);
}

function make(source: string, target: string, write: (from: string, to: string) => void): void {
  const [from, to] = [fileURLToPath(new URL(source, PACKAGE)), fileURLToPath(new URL(target, ASSETS))];
  if (existsSync(to) && statSync(to).mtimeMs >= statSync(from).mtimeMs) return;
  mkdirSync(dirname(to), { recursive: true });
  write(from, to);
}
