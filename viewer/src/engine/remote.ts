import type { Picture } from "../painters/picture.js";
import type { Reading, ReadOptions } from "../read.js";
import { WASM } from "../painters/wasm.js";
import type { Load } from "../tables.js";
import type { Engine, Sent } from "./engine.js";
import { type Method, type PlainReading, type Reply, type Request, revivedError, revivedReading } from "./messages.js";

export interface RemoteOptions {
  open(): Worker;
  /** Where tables and networks are: a folder's address, or what gives them. */
  readonly assets: string | Load;
  /** Where the whole runtime is: the first one has what our networks run, as far as that was seen. */
  readonly wholeRuntime?: string;
}

interface Call {
  readonly method: Method;
  readonly args: readonly unknown[];
  done(result: unknown): void;
  fail(error: Error): void;
}

const NUM_KEPT = 16; // files, small as they are, of which a picture may yet be restored

/** How browsers say that a function was called which the runtime does not have (viewer/scripts/trim.ts). */
const LACKS_FUNCTION = /unreachable/i;
const LACKING =
  "the runtime of networks in this page has not all that this picture takes, and the whole one is not here; " +
  "`semcodec decode` paints it";

/** An engine in a worker. */
export class RemoteEngine implements Engine {
  private readonly calls = new Map<number, Call>();
  private readonly painted = new Map<number, Uint8Array>();
  private worker: Worker;
  private runtime: string | undefined;
  private numCalls = 0;
  private broken: Error | null = null;

  constructor(private readonly options: RemoteOptions) {
    this.worker = this.started();
  }

  async read(data: Uint8Array, options?: ReadOptions): Promise<Reading> {
    return revivedReading((await this.call("read", data, options)) as PlainReading);
  }

  async paint(data: Uint8Array): Promise<Sent> {
    const sent = (await this.call("paint", data)) as Sent;
    this.painted.set(sent.id, data);
    if (this.painted.size > NUM_KEPT) this.painted.delete(Math.min(...this.painted.keys()));
    return sent;
  }

  restore(id: number): Promise<Picture> {
    return this.call("restore", id, this.painted.get(id)) as Promise<Picture>;
  }

  private started(): Worker {
    const worker = this.options.open();
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
    worker.onerror = (event) =>
      this.end(new Error(`the worker that paints has failed: ${event.message ?? "no reason"}`));
    const assets = typeof this.options.assets === "string" ? this.options.assets : null;
    const setup = { assets, numPainted: this.numCalls, ...(this.runtime !== undefined && { runtime: this.runtime }) };
    worker.postMessage({ setup } satisfies Request);
    return worker;
  }

  /**
   * The runtime has ended for want of a function: another worker does what was not done. That is with the whole runtime
   * where there is one; else the call that took the function is given up.
   */
  private async startAgain(id: number): Promise<void> {
    this.worker.terminate();
    if (this.runtime === undefined && (await this.hasWhole())) {
      this.runtime = this.options.wholeRuntime;
    } else {
      this.calls.get(id)?.fail(new Error(LACKING));
      this.calls.delete(id);
    }
    this.worker = this.started();
    for (const [id, { method, args }] of this.calls) this.worker.postMessage({ id, method, args } satisfies Request);
  }

  private async hasWhole(): Promise<boolean> {
    const { wholeRuntime } = this.options;
    if (wholeRuntime === undefined) return false;
    const asked = fetch(new URL(WASM, wholeRuntime), { method: "HEAD" });
    return asked.then(
      ({ ok }) => ok,
      () => false,
    );
  }

  private call(method: Method, ...args: readonly unknown[]): Promise<unknown> {
    if (this.broken !== null) return Promise.reject(this.broken);
    const id = ++this.numCalls;
    return new Promise((done, fail) => {
      this.calls.set(id, { method, args, done, fail });
      this.worker.postMessage({ id, method, args } satisfies Request);
    });
  }

  private receive(reply: Reply): void {
    if ("wanted" in reply) return void this.give(reply.wanted);
    const call = this.calls.get(reply.id);
    if ("error" in reply && LACKS_FUNCTION.test(reply.error.message)) return void this.startAgain(reply.id);
    this.calls.delete(reply.id);
    if ("error" in reply) call?.fail(revivedError(reply.error));
    else call?.done(reply.result);
  }

  private async give(path: string): Promise<void> {
    const { assets } = this.options;
    const bytes = typeof assets === "string" ? null : await assets(path).catch(() => null);
    this.worker.postMessage({ path, bytes } satisfies Request);
  }

  private end(error: Error): void {
    this.broken = error;
    for (const { fail } of this.calls.values()) fail(error);
    this.calls.clear();
  }
}
