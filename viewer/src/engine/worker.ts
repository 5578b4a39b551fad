/** A worker that reads and paints, so that its page stays alive meanwhile. */
import { loadFrom, openPainter } from "../browser.js";
import { openRuntime, openWasm } from "../painters/runtime.js";
import { kept, type Load, Tables } from "../tables.js";
import { LocalEngine } from "./engine.js";
import { plainError, plainReading, type Reply, type Request, RUNTIME } from "./messages.js";

interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply): void;
}

const scope = globalThis as unknown as Scope;
const files = new Map<string, Promise<Uint8Array>>();
const arriving = new Map<string, (bytes: Uint8Array | null) => void>();
let engine: LocalEngine | null = null;

/** A file that the page has. */
const loadFromPage: Load = (path) =>
  kept(files, path, () => {
    const bytes = new Promise<Uint8Array | null>((done) => arriving.set(path, done));
    scope.postMessage({ wanted: path });
    return bytes.then((found) => {
      if (found === null) throw new Error(`${path} is not in this page`);
      return found;
    });
  });

scope.onmessage = ({ data: request }) => {
  if ("setup" in request) {
    const { assets, runtime: folder, numPainted } = request.setup;
    const load = assets === null ? loadFromPage : loadFrom(assets);
    const tables = new Tables(load);
    const runtime = assets === null ? () => openWasm(load(RUNTIME)) : () => openRuntime(folder);
    engine = new LocalEngine(tables, openPainter(load, tables, runtime), numPainted);
  } else if ("path" in request) {
    arriving.get(request.path)?.(request.bytes);
    files.delete(request.path); // (whoever has asked keeps what it made of it)
  } else {
    const { id, method, args } = request;
    answered(method, args).then(
      (result) => scope.postMessage({ id, result }),
      (error: unknown) => scope.postMessage({ id, error: plainError(error) }),
    );
  }
};

async function answered(method: "read" | "paint" | "restore", args: readonly unknown[]): Promise<unknown> {
  if (engine === null) throw new Error("the worker was not set up");
  const call = engine[method].bind(engine) as (...args: readonly unknown[]) => Promise<unknown>;
  const result = await call(...args);
  return method === "read" ? plainReading(result as Awaited<ReturnType<LocalEngine["read"]>>) : result;
}
