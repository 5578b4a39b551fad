import { avifOf } from "../base/avif.js";
import { workingSize } from "../container/header.js";
import { NoPictureError } from "../errors.js";
import { filled } from "./fill.js";
import type { Reading } from "../read.js";
import { kept, type Load, type Tables } from "../tables.js";
import type { Size } from "../types.js";
import { paintTokens } from "./decoder.js";
import { Graphs } from "./graphs.js";
import type { Picture } from "./picture.js";
import { BICUBIC, LANCZOS, resized } from "./resize.js";
import { restored, restoredSize, type RestorerFacts, type Told } from "./restorer.js";
import { type Opened, openRuntime, RuntimeInUse } from "./runtime.js";
import { baseTold, tokensTold } from "./told.js";
import { liftedOffWhite, opacityOf } from "./transparency.js";

/** Decodes an AVIF file to pixels of this size; null where there is nothing here that can. */
export type DecodeAvif = (avif: Uint8Array, size: Size) => Promise<Picture | null>;

/** Decodes a WebP file, of which the alpha box has one; null where nothing here can, or it is damaged. */
export type DecodeWebp = (webp: Uint8Array) => Promise<Picture | null>;

/** Which networks come with the package, by their folders in `networks/`. */
export interface Networks {
  /** By token family. */
  readonly decoders: Readonly<Record<number, string>>;
  /** Absent where there is none. */
  readonly restorer?: string;
}

export interface PainterOptions {
  readonly load: Load;
  readonly tables: Tables;
  readonly decodeAvif: DecodeAvif;
  readonly decodeWebp: DecodeWebp;
  /** Which onnxruntime-web, and where it runs; WebGPU where there is one unless told. */
  readonly runtime?: () => Promise<Opened>;
}

/** What was painted of a file, not restored. */
export interface Painting {
  /** At the size that it was coded at; `show` and `restore` bring it to the shown one. */
  readonly own: Picture;
  readonly shown: Size;
  /** How opaque each pixel of the shown picture is; null where it wholly is. */
  readonly opacity: Uint8Array | null;
  readonly from: "base" | "pixels" | "tokens";
  /** Why it is not what the file has best: "its base, an AV1 still, cannot be decoded here"; null if it is. */
  readonly reason: string | null;
  /** What a restorer is told of it at a size; null of a grid of pixels, which is not restored. */
  readonly told: ((size: Size, facts: RestorerFacts) => Told) | null;
}

/** Paints what `read` has read. Networks are loaded when they are first used, and kept. */
export class Painter {
  private readonly listed = new Map<string, Promise<Networks>>();
  private readonly graphs = new Map<string, Promise<Graphs>>();
  private readonly runtime: RuntimeInUse;

  constructor(private readonly options: PainterOptions) {
    this.runtime = new RuntimeInUse(options.runtime ?? (() => openRuntime()));
  }

  /** The picture of a file, without the restorer. Throws `NoPictureError`. */
  async paint(reading: Reading): Promise<Painting> {
    const painting = await this.opaque(reading);
    const { alpha } = reading.scene.boxes;
    if (alpha === undefined) return painting;
    const plane = await this.options.decodeWebp(alpha);
    if (plane !== null) return { ...painting, opacity: opacityOf(plane, painting.shown) };
    const reason = "its transparency, a WebP file, cannot be decoded here";
    return { ...painting, reason: painting.reason === null ? reason : `${painting.reason}, and ${reason}` };
  }

  /** The same on white. */
  private async opaque(reading: Reading): Promise<Painting> {
    const { scene, header } = reading;
    const shown = { width: header.width, height: header.height };
    const opacity = null;
    let reason: string | null = null;
    if (scene.base !== null) {
      const { base } = scene;
      const own = await this.options.decodeAvif(avifOf(base), { width: base.width, height: base.height });
      if (own !== null) return { own, shown, opacity, from: "base", reason, told: (size) => baseTold(base, size) };
      reason = "its base, an AV1 still, cannot be decoded here";
    }
    if (scene.pixels !== null) return { own: filled(scene.pixels), shown, opacity, from: "pixels", reason, told: null };
    if (scene.tokens !== null) {
      const own = await this.tokens(reading);
      const told = (size: Size, facts: RestorerFacts) => tokensTold(reading.numTokenBytes, size, facts.bits_per_pixel);
      return { own, shown, opacity, from: "tokens", reason, told };
    }
    throw new NoPictureError(
      reason === null ? "the file holds no picture; its words can be read" : `${reason}, and it has no tokens`,
    );
  }

  /** The painting at the size that the picture is shown at. */
  show({ own, shown, opacity, from }: Painting): Picture {
    return withOpacity(resized(own, shown, from === "base" ? BICUBIC : LANCZOS), opacity);
  }

  /** The same with its edges and textures restored by a network (12 MB, loaded now); a grid of pixels as it is. */
  async restore(painting: Painting): Promise<Picture> {
    const { own, shown, opacity, told } = painting;
    if (told === null) return this.show(painting);
    const restorer = await this.network(({ restorer }) => restorer);
    if (restorer === null) return this.show(painting);
    const facts = (await restorer.facts()) as RestorerFacts;
    const size = restoredSize(own, shown, facts.max_pixels);
    const picture = await restored(resized(own, size, BICUBIC), told(size, facts), restorer);
    return withOpacity(resized(picture, shown, LANCZOS), opacity);
  }

  /** Whether `restore` makes more of it than `show`. */
  async canRestore({ told }: Painting): Promise<boolean> {
    if (told === null) return false;
    // (where that cannot be told, restoring says why)
    return this.networks().then(
      ({ restorer }) => restorer !== undefined,
      () => true,
    );
  }

  private async tokens({ scene, header }: Reading): Promise<Picture> {
    const pyramid = scene.tokens!;
    const family = await this.options.tables.family(pyramid.family);
    const graphs = await this.network(({ decoders }) => decoders[pyramid.family]);
    if (family === null || graphs === null) {
      throw new NoPictureError(`no network paints tokens of family ${pyramid.family} here`);
    }
    return paintTokens(pyramid, family.strides, workingSize(header), graphs);
  }

  /** A network of the package; null if there is none. */
  private async network(choose: (networks: Networks) => string | undefined): Promise<Graphs | null> {
    const networks = await this.networks();
    const folder = choose(networks);
    if (folder === undefined) return null;
    return kept(this.graphs, folder, async () => new Graphs(this.options.load, `networks/${folder}`, this.runtime));
  }

  private networks(): Promise<Networks> {
    return kept(this.listed, "networks", async () => {
      const bytes = await this.options.load("networks/networks.json");
      return JSON.parse(new TextDecoder().decode(bytes)) as Networks;
    });
  }
}

function withOpacity(picture: Picture, opacity: Uint8Array | null): Picture {
  return opacity === null ? picture : liftedOffWhite(picture, opacity);
}
