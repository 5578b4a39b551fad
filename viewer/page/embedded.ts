/** What a page that was written as one file has in itself: files, tables, networks, the runtime, the worker. */
import type { Load } from "../src/tables.js";

export interface Named {
  readonly name: string;
  readonly data: Uint8Array;
}

export interface Embedded {
  readonly files: readonly Named[];
  readonly load: Load;
  openWorker(): Worker;
}

/** Null in a page of a site. */
export async function embedded(): Promise<Embedded | null> {
  const worker = document.querySelector("#semcodec-worker");
  if (worker === null) return null;
  const script = URL.createObjectURL(new Blob([worker.textContent ?? ""], { type: "text/javascript" }));
  const holders = Array.from(document.querySelectorAll<HTMLElement>("script[data-file]"));
  const files = holders.map(async (holder) => ({ name: holder.dataset.file!, data: await contentOf(holder) }));
  return { files: await Promise.all(files), load, openWorker: () => new Worker(script) };
}

const load: Load = async (path) => {
  const holder = document.querySelector<HTMLElement>(`script[data-path="${CSS.escape(path)}"]`);
  if (holder === null) throw new Error(`${path} is not in this page`);
  return contentOf(holder);
};

async function contentOf(holder: HTMLElement): Promise<Uint8Array> {
  // (as an address of data: the browser's own decoder takes 20 ms for 5 MB, atob and a loop 200)
  const { body } = await fetch(`data:application/octet-stream;base64,${holder.textContent?.trim() ?? ""}`);
  const isPacked = holder.dataset.coding === "gzip";
  const stream = isPacked ? body!.pipeThrough(new DecompressionStream("gzip")) : body;
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
