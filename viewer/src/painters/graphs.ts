import type { InferenceSession, Tensor } from "onnxruntime-web";
import { kept, type Load } from "../tables.js";
import type { Opened, RuntimeInUse } from "./runtime.js";

/** Numbers of a shape: of four dimensions, as all that go from graph to graph. */
export interface Numbers<Data extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  readonly data: Data;
  readonly dims: readonly number[];
}

type Inputs = Readonly<Record<string, Numbers>>;
type Outputs = Record<string, Numbers>;

/** The runtime has failed, and not what was loaded for it. */
class RuntimeFailure {
  constructor(readonly reason: unknown) {}
}

/** The graphs of a network, each loaded and opened when it is first run, and the facts beside them. */
export class Graphs {
  private readonly sessions = new Map<Opened, Map<string, Promise<InferenceSession>>>();

  constructor(
    private readonly load: Load,
    private readonly folder: string,
    private readonly inUse: RuntimeInUse,
  ) {}

  async facts(): Promise<unknown> {
    return JSON.parse(new TextDecoder().decode(await this.load(`${this.folder}/about.json`)));
  }

  /** The outputs by name. Where one runtime fails another does it, if there is one. */
  async run(graph: string, inputs: Inputs): Promise<Outputs> {
    const opened = await this.inUse.get();
    try {
      return await this.runIn(opened, graph, inputs);
    } catch (error) {
      if (!(error instanceof RuntimeFailure)) throw error;
      if (await this.inUse.givesWay(opened)) return this.run(graph, inputs);
      throw error.reason;
    }
  }

  /** Begins to load graphs that will be run. */
  prepare(...graphs: readonly string[]): void {
    const begun = this.inUse.get().then((opened) => Promise.all(graphs.map((graph) => this.session(opened, graph))));
    begun.catch(() => undefined); // (running them tells what went wrong)
  }

  private async runIn(opened: Opened, graph: string, inputs: Inputs): Promise<Outputs> {
    const session = await this.session(opened, graph);
    const { Tensor } = opened.runtime;
    const feeds: Record<string, Tensor> = {};
    for (const [name, { data, dims }] of Object.entries(inputs)) {
      feeds[name] = data instanceof Uint8Array ? new Tensor("uint8", data, dims) : new Tensor("float32", data, dims);
    }
    return inTurn(async () => {
      const outputs: Outputs = {};
      for (const [name, tensor] of Object.entries(await session.run(feeds))) {
        outputs[name] = { data: (await tensor.getData()) as Uint8Array | Float32Array, dims: tensor.dims };
        tensor.dispose();
      }
      return outputs;
    });
  }

  private async session(opened: Opened, graph: string): Promise<InferenceSession> {
    let sessions = this.sessions.get(opened);
    if (sessions === undefined) this.sessions.set(opened, (sessions = new Map()));
    return kept(sessions, graph, async () => {
      const model = await this.load(`${this.folder}/${graph}.onnx`);
      const options = { executionProviders: [...opened.providers], logSeverityLevel: 3 } as const;
      return inTurn(() => opened.runtime.InferenceSession.create(model, options));
    });
  }
}

let turns: Promise<unknown> = Promise.resolve();

/**
 * Opens and runs graphs one after the other: there is one runtime a page, and on WebGPU it takes no two at a time.
 * Throws `RuntimeFailure`.
 */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const mine = turns.then(work);
  turns = mine.catch(() => undefined);
  return mine.catch((reason: unknown) => {
    throw new RuntimeFailure(reason);
  });
}
