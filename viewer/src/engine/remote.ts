import type { Picture } from "../painters/picture.js";
import type { Reading, ReadOptions } from "../read.js";
import type { Load } from "../tables.js";
import type { Engine, Sent } from "./engine.js";
import { type Method, type PlainReading, type Reply, type Request, revivedError, revivedReading } from "./messages.js";

/** Where tables and networks are: a folder's address, or what gives them. */
export type Assets = string | Load;

interface Call {
  done(result: unknown): void;
  fail(error: Error): void;
}

/** An engine in a worker. */
export class RemoteEngine implements Engine {
  private readonly calls = new Map<number, Call>();
  private numCalls = 0;
  private broken: Error | null = null;

  constructor(
    private readonly worker: Worker,
    private readonly assets: Assets,
  ) {
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
    worker.onerror = (event) =>
      this.end(new Error(`the worker that paints has failed: ${event.message ?? "no reason"}`));
    this.send({ setup: { assets: typeof assets === "string" ? assets : null } });
  }

  async read(data: Uint8Array, options?: ReadOptions): Promise<Reading> {
    return revivedReading((await this.call("read", data, options)) as PlainReading);
  }

  paint(data: Uint8Array): Promise<Sent> {
    return this.call("paint", data) as Promise<Sent>;
  }

  restore(id: number): Promise<Picture> {
    return this.call("restore", id) as Promise<Picture>;
  }

  private call(method: Method, ...args: readonly unknown[]): Promise<unknown> {
    if (this.broken !== null) return Promise.reject(this.broken);
    const id = ++this.numCalls;
    return new Promise((done, fail) => {
      this.calls.set(id, { done, fail });
      this.send({ id, method, args });
    });
  }

  private receive(reply: Reply): void {
    if ("wanted" in reply) return void this.give(reply.wanted);
    const call = this.calls.get(reply.id);
    this.calls.delete(reply.id);
    if ("error" in reply) call?.fail(revivedError(reply.error));
    else call?.done(reply.result);
  }

  private async give(path: string): Promise<void> {
    const bytes = typeof this.assets === "string" ? null : await this.assets(path).catch(() => null);
    this.send({ path, bytes });
  }

  private end(error: Error): void {
    this.broken = error;
    for (const { fail } of this.calls.values()) fail(error);
    this.calls.clear();
  }

  private send(request: Request): void {
    this.worker.postMessage(request);
  }
}
