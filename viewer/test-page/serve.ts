import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

export interface Served {
  readonly server: Server;
  readonly address: string;
  /** Sends the rest of what is held. */
  release(): void;
}

/**
 * Serves folders, each below its name, on a free port of this machine. Of a file with `?first=N` that many bytes are
 * sent, and the rest when it is released.
 */
export async function serve(folders: Readonly<Record<string, string>>): Promise<Served> {
  const held: (() => void)[] = [];
  const server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://here");
    const [, name, ...rest] = normalize(pathname).split("/");
    const file = name in folders ? join(folders[name], ...rest) : "";
    if (!existsSync(file) || !statSync(file).isFile()) {
      answer.writeHead(404).end();
      return;
    }
    answer.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
    const first = Number(searchParams.get("first"));
    if (first > 0) {
      createReadStream(file, { end: first - 1 }).pipe(answer, { end: false });
      held.push(() => createReadStream(file, { start: first }).pipe(answer));
    } else {
      createReadStream(file).pipe(answer);
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const release = () => held.splice(0).forEach((send) => send());
  return { server, release, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
