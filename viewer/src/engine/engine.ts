import type { Painter, Painting } from "../painters/painter.js";
import type { Picture } from "../painters/picture.js";
import { type Parts, partsOf } from "../provenance.js";
import { type Reading, type ReadOptions, read } from "../read.js";
import type { Tables } from "../tables.js";

/** A file as it was sent: painted and enlarged, not restored. */
export interface Sent {
  /** What `restore` takes. */
  readonly id: number;
  readonly picture: Picture;
  readonly from: Painting["from"];
  readonly parts: Parts;
  /** Why it is not what the file has best; null if it is. */
  readonly reason: string | null;
  readonly canBeRestored: boolean;
}

/** Reads and paints: here, or in a worker. */
export interface Engine {
  /** Throws as `read` does. */
  read(data: Uint8Array, options?: ReadOptions): Promise<Reading>;
  /** Paints what can be painted of a file, or of the first bytes of one. Throws `NoPictureError`. */
  paint(data: Uint8Array): Promise<Sent>;
  /** One of the last pictures that were painted, finished by the restorer. */
  restore(id: number): Promise<Picture>;
}

const NUM_KEPT = 4; // paintings: of the picture that is looked at, and of some before it

/** An engine where it is called. */
export class LocalEngine implements Engine {
  private readonly paintings = new Map<number, Painting>();

  /** `numPainted`: of engines before it, whose numbers are not used again. */
  constructor(
    private readonly tables: Tables,
    private readonly painter: Painter,
    private numPainted = 0,
  ) {}

  read(data: Uint8Array, options?: ReadOptions): Promise<Reading> {
    return read(data, this.tables, options);
  }

  async paint(data: Uint8Array): Promise<Sent> {
    const reading = await this.read(data, { words: false });
    const painting = await this.painter.paint(reading);
    const family = reading.scene.tokens && (await this.tables.family(reading.scene.tokens.family));
    const parts = partsOf(reading, painting.from, family?.strides ?? []);
    const id = ++this.numPainted;
    this.paintings.set(id, painting).delete(id - NUM_KEPT);
    const { from, reason } = painting;
    const canBeRestored = await this.painter.canRestore(painting);
    return { id, picture: this.painter.show(painting), from, parts, reason, canBeRestored };
  }

  /** `data`: of the file, which is painted again where its painting is not kept any more. */
  async restore(id: number, data?: Uint8Array): Promise<Picture> {
    let painting = this.paintings.get(id);
    if (painting === undefined) {
      if (data === undefined) throw new Error(`painting ${id} is not kept any more: paint it again`);
      painting = await this.painter.paint(await this.read(data, { words: false }));
    }
    return this.painter.restore(painting);
  }
}
