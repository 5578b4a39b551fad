import type { InferenceSession, Tensor } from "onnxruntime-web";
import { WASM } from "./wasm.js";

/** What of onnxruntime-web is used: `import("onnxruntime-web/wasm")` is one. */
export interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: typeof Tensor;
}

/** A runtime, and on what it runs networks. */
export interface Opened {
  readonly runtime: Runtime;
  readonly providers: readonly string[];
  /** What takes its place where it fails. */
  readonly instead?: () => Promise<Opened>;
}

/** The runtime that networks run in, opened when it is first asked for; one that fails gives way to another. */
export class RuntimeInUse {
  private opened: Promise<Opened> | null = null;

  constructor(private readonly open: () => Promise<Opened>) {}

  get(): Promise<Opened> {
    return (this.opened ??= this.open());
  }

  /** Whether another runtime is in use than one that has failed, or is now. */
  async givesWay(failed: Opened): Promise<boolean> {
    if ((await this.get()) !== failed) return true;
    if (failed.instead === undefined) return false;
    this.opened = failed.instead();
    return true;
  }
}

const MOST_THREADS = 4;

/** Set where a build has no runtime for WebGPU. */
declare const WITHOUT_GPU: true | undefined;

/**
 * WebGPU where there is one, else, and where that fails, WebAssembly: in a page beside its thread, so that the page
 * stays alive meanwhile; on several threads where the page is isolated from others (`Cross-Origin-Opener-Policy`,
 * `-Embedder-Policy`). `folder`: where its WebAssembly is, unless it is beside the script.
 */
export async function openRuntime(folder?: string): Promise<Opened> {
  const instead = () => openOnProcessor(folder);
  return typeof WITHOUT_GPU === "undefined" && (await hasGpu()) ? openGpu(instead).catch(instead) : instead();
}

/** WebGPU, whatever draws. */
export async function openGpu(instead: () => Promise<Opened>): Promise<Opened> {
  return { runtime: await import("onnxruntime-web/webgpu"), providers: ["webgpu", "wasm"], instead };
}

async function openOnProcessor(folder?: string): Promise<Opened> {
  const runtime = await import("onnxruntime-web/wasm");
  runtime.env.wasm.proxy = typeof document !== "undefined";
  if (folder !== undefined) runtime.env.wasm.wasmPaths = { wasm: new URL(WASM, folder).href };
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
