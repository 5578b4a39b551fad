import type { InferenceSession, Tensor } from "onnxruntime-web";
import { kept, type Load } from "../tables.js";

/** What of onnxruntime-web is used: `import("onnxruntime-web/wasm")` is one. */
export interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: typeof Tensor;
}

/** Numbers of a shape: of four dimensions, as all that go from graph to graph. */
export interface Numbers<Data extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  readonly data: Data;
  readonly dims: readonly number[];
}

export type Opened = { readonly runtime: Runtime; readonly providers: readonly string[] };

/** The graphs of a network, each loaded and opened when it is first run, and the facts beside them. */
export class Graphs {
  private readonly sessions = new Map<string, Promise<InferenceSession>>();

  constructor(
    private readonly load: Load,
    private readonly folder: string,
    private readonly opened: () => Promise<Opened>,
  ) {}

  async facts(): Promise<unknown> {
    return JSON.parse(new TextDecoder().decode(await this.load(`${this.folder}/about.json`)));
  }

  /** The outputs by name. */
  async run(graph: string, inputs: Readonly<Record<string, Numbers>>): Promise<Record<string, Numbers>> {
    const { runtime } = await this.opened();
    const session = await this.session(graph);
    const feeds: Record<string, Tensor> = {};
    for (const [name, { data, dims }] of Object.entries(inputs)) {
      feeds[name] =
        data instanceof Uint8Array
          ? new runtime.Tensor("uint8", data, dims)
          : new runtime.Tensor("float32", data, dims);
    }
    const results = await inTurn(() => session.run(feeds));
    const outputs: Record<string, Numbers> = {};
    for (const [name, tensor] of Object.entries(results)) {
      outputs[name] = { data: (await tensor.getData()) as Uint8Array | Float32Array, dims: tensor.dims };
      tensor.dispose();
    }
    return outputs;
  }

  /** Begins to load graphs that will be run. */
  prepare(...graphs: readonly string[]): void {
    for (const graph of graphs) this.session(graph).catch(() => undefined); // (running it tells what went wrong)
  }

  private session(graph: string): Promise<InferenceSession> {
    return kept(this.sessions, graph, async () => {
      const [{ runtime, providers }, model] = await Promise.all([
        this.opened(),
        this.load(`${this.folder}/${graph}.onnx`),
      ]);
      const options = { executionProviders: [...providers], logSeverityLevel: 3 } as const;
      return inTurn(() => runtime.InferenceSession.create(model, options));
    });
  }
}

let turns: Promise<unknown> = Promise.resolve();

/** Opens and runs graphs one after the other: there is one runtime a page, and on WebGPU it takes no two at a time. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const mine = turns.then(work);
  turns = mine.catch(() => undefined);
  return mine;
}

const MOST_THREADS = 4;

/**
 * WebGPU where there is one, else WebAssembly: in a page beside its thread, so that the page stays alive meanwhile; on
 * several threads where the page is isolated from others (`Cross-Origin-Opener-Policy`, `-Embedder-Policy`). `folder`:
 * where its WebAssembly is, unless it is beside the script.
 */
export async function openRuntime(folder?: string): Promise<Opened> {
  if (await hasGpu()) return { runtime: await import("onnxruntime-web/webgpu"), providers: ["webgpu", "wasm"] };
  const runtime = await import("onnxruntime-web/wasm");
  runtime.env.wasm.proxy = typeof document !== "undefined";
  if (folder !== undefined) runtime.env.wasm.wasmPaths = { wasm: new URL("ort-wasm-simd-threaded.wasm", folder).href };
  if (globalThis.crossOriginIsolated)
    runtime.env.wasm.numThreads = Math.min(MOST_THREADS, navigator.hardwareConcurrency);
  return { runtime, providers: ["wasm"] };
}

/** WebAssembly of which the file is here already, on one thread. */
export async function openWasm(wasm: Promise<Uint8Array>): Promise<Opened> {
  const runtime = await import("onnxruntime-web/wasm");
  runtime.env.wasm.wasmBinary = (await wasm) as Uint8Array<ArrayBuffer>;
  runtime.env.wasm.numThreads = 1;
  return { runtime, providers: ["wasm"] };
}

/** What of WebGPU is asked for. */
interface Gpu {
  requestAdapter(): Promise<{ readonly info: { readonly isFallbackAdapter?: boolean } } | null>;
}

/** Whether there is one in hardware: drawn by the processor it is slower than WebAssembly. */
async function hasGpu(): Promise<boolean> {
  const gpu = (globalThis.navigator as { readonly gpu?: Gpu } | undefined)?.gpu;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter != null && adapter.info.isFallbackAdapter !== true;
}
