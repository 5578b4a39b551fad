import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { VIEWER } from "./bundle.js";

const KEPT = join(VIEWER, "node_modules/.cache/packed"); // compressed files, by what they are made of: 40 s for the runtime
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

export interface Host {
  readonly server: Server;
  readonly address: string;
  /** Of bodies, as they were sent. */
  numBytes: number;
}

const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * Serves a folder, and files by their place in it, as a host of compressed files does: brotli of the highest level, kept
 * by browsers. `isolated`: its pages are, from other sites' pages.
 */
export async function host(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
  { isolated }: { isolated: boolean },
): Promise<Host> {
  mkdirSync(KEPT, { recursive: true });
  const bodies = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !/asyncify|whole/.test(join(entry.parentPath, entry.name))) {
      const path = join(entry.parentPath, entry.name);
      bodies.set(path.slice(folder.length), packed(readFileSync(path)));
    }
  }
  for (const [path, raw] of Object.entries(files)) bodies.set(path, packed(raw));
  const server = createServer((request, answer) => {
    const { pathname } = new URL(request.url ?? "/", "http://here");
    const body = bodies.get(pathname.slice(1));
    if (body === undefined) return void answer.writeHead(404).end();
    found.numBytes += body.length;
    answer.writeHead(200, {
      "Content-Type": TYPES[extname(pathname)] ?? "application/octet-stream",
      "Content-Encoding": "br",
      "Content-Length": body.length,
      "Cache-Control": "public, max-age=31536000, immutable",
      ...(isolated && ISOLATED),
    });
    answer.end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const found: Host = { server, address, numBytes: 0 };
  return found;
}

function packed(raw: Uint8Array): Uint8Array {
  const path = join(KEPT, createHash("sha256").update(raw).digest("hex"));
  if (existsSync(path)) return readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  const body = brotliCompressSync(raw, { params });
  writeFileSync(path, body);
  return body;
}
