import type { Engine } from "./engine.js";
import { RemoteEngine } from "./remote.js";

const engines = new Map<string, Engine>();

/**
 * The engine of a folder of tables and networks: one a page, in a worker whose script lies beside this one. (Where
 * that is another site's, which no worker may be of, a line that imports it is the worker.)
 */
export function openEngine(assets: string): Engine {
  const address = new URL(assets, document.baseURI).href;
  let engine = engines.get(address);
  if (engine === undefined) {
    const beside = (name: string) => new URL(name, import.meta.url);
    const open = () => openWorker(beside("worker.js"));
    engine = new RemoteEngine({ open, assets: address, wholeRuntime: beside("whole/").href });
    engines.set(address, engine);
  }
  return engine;
}

function openWorker(script: URL): Worker {
  if (script.origin === location.origin) return new Worker(script, { type: "module" });
  const line = new Blob([`import ${JSON.stringify(script.href)};`], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(line), { type: "module" });
}
