/**
 * Packs what the decoder loads from the Python package's data into `assets/`: tables (compressed; those of words, 4 MB,
 * are loaded only where words are asked for), and the newest decoder of each token family and the newest restorer, as
 * the package's catalogue has them. What is there and newer than its source stays.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Networks } from "../src/painters/painter.js";

const PACKAGE = new URL("../../../src/semcodec/", import.meta.url);
const ASSETS = new URL("../../assets/", import.meta.url);

const TABLES: Readonly<Record<string, string>> = {
  "text-1": "layers/text/tables/1.bin",
  "text-2": "layers/text/tables/2.bin",
  "regions-1": "layers/regions/tables/1.bin",
  "family-1": "layers/tokens/families/1.bin",
  "structure-1": "layers/structure/families/1.bin",
};

/** A network of the catalogue. */
interface Row {
  readonly purpose: string;
  readonly version: number;
  /** Token families, of a decoder. */
  readonly paints?: readonly number[];
  readonly files: readonly { readonly file: string }[];
}

for (const [name, source] of Object.entries(TABLES)) {
  make(source, `tables/${name}.bin.gz`, (from, to) => writeFileSync(to, gzipSync(readFileSync(from), { level: 9 })));
}
const rows = Object.values(
  JSON.parse(readFileSync(new URL("zoo/models.json", PACKAGE), "utf8")) as Record<string, Row>,
);
const networks: Networks = { decoders: newestDecoders(), restorer: folderOf(newest("restorer")[0]) };
for (const folder of [...Object.values(networks.decoders), networks.restorer]) {
  const row = rows.find((row) => isDecoderOrRestorer(row) && folderOf(row) === folder);
  for (const { file } of row?.files ?? []) make(`zoo/weights/${file}`, `networks/${file}`, copyFileSync);
}
writeFileSync(new URL("networks/networks.json", ASSETS), JSON.stringify(networks));

function newestDecoders(): Record<number, string> {
  const decoders: Record<number, string> = {};
  // The oldest first: newer ones take the place of older ones.
  for (const row of newest("decoder").reverse()) {
    for (const family of row.paints ?? []) decoders[family] = folderOf(row);
  }
  return decoders;
}

function newest(purpose: string): Row[] {
  return rows.filter((row) => row.purpose === purpose).sort((a, b) => b.version - a.version);
}

function isDecoderOrRestorer(row: Row): boolean {
  return row.purpose === "decoder" || row.purpose === "restorer";
}

function folderOf(row: Row): string {
  return dirname(row.files[0].file);
}

function make(source: string, target: string, write: (from: string, to: string) => void): void {
  const [from, to] = [fileURLToPath(new URL(source, PACKAGE)), fileURLToPath(new URL(target, ASSETS))];
  if (existsSync(to) && statSync(to).mtimeMs >= statSync(from).mtimeMs) return;
  mkdirSync(dirname(to), { recursive: true });
  write(from, to);
}
