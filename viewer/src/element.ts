/** `<semc-img src="photo.semc">`: a picture in a page. Importing this defines the element. */
import { altOf, wordsOfRegions } from "./alt.js";
import { draw } from "./draw.js";
import type { Engine } from "./engine/engine.js";
import { openEngine } from "./engine/open.js";
import type { Picture } from "./painters/picture.js";
import type { Reading } from "./read.js";
import type { Words } from "./types.js";

export { altOf } from "./alt.js";
export { openEngine } from "./engine/open.js";

const PATIENCE_MS = 150; // before what has arrived so far is looked at: most files are whole by then

const STYLE = `
  :host { display: inline-block }
  :host([hidden]) { display: none }
  canvas { display: block; width: 100%; height: auto }
  canvas[hidden], p[hidden] { display: none }
  p { margin: 0; padding: 1em; border: 1px solid currentColor }
`;

/**
 * Attributes:
 *   src              the file; its picture is painted, of tokens also while they arrive, then restored.
 *   alt              alternative text ("" for a picture that says nothing); without it the words of the file are.
 *   alt-from-words   the words of the file take the place of `alt` as soon as they are known ("off": they are never
 *                    looked for, and their tables, 4 MB, are loaded only where nothing can be painted).
 *   assets           the folder of tables and networks; "assets/" beside the page unless it is given.
 *   restore          "off": the picture stays as it was sent.
 *
 * Properties: `src`, `alt` (the text that holds now), `naturalWidth`, `naturalHeight` (0 before a picture is there).
 *
 * Events: `progress` after each painting of a part of the file (`detail`: the Reading of that part), `read` when the
 * file's words are known (`detail`: the Reading), `load` after each painting of the whole (`detail`: { restored }),
 * `error` where there is no picture, or not the restored one; without a picture the words are shown.
 */
export class SemcImage extends HTMLElement {
  static readonly observedAttributes = ["src", "alt", "alt-from-words", "assets", "restore"];
  private readonly canvas = document.createElement("canvas");
  private readonly note = document.createElement("p");
  private words: Words | null = null;
  private turn = 0; // what was begun for another src is not shown

  constructor() {
    super();
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.canvas.setAttribute("role", "img");
    this.canvas.hidden = this.note.hidden = true;
    this.attachShadow({ mode: "open" }).append(style, this.canvas, this.note);
  }

  get src(): string {
    return this.getAttribute("src") ?? "";
  }

  set src(address: string) {
    this.setAttribute("src", address);
  }

  get alt(): string {
    const given = this.getAttribute("alt");
    const said = this.wantsWords ? this.words && altOf(this.words) : null;
    return said ?? given ?? "";
  }

  set alt(text: string) {
    this.setAttribute("alt", text);
  }

  get naturalWidth(): number {
    return this.canvas.hidden ? 0 : this.canvas.width;
  }

  get naturalHeight(): number {
    return this.canvas.hidden ? 0 : this.canvas.height;
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === "alt") this.describe();
    else void this.load();
  }

  connectedCallback(): void {
    void this.load();
  }

  disconnectedCallback(): void {
    this.turn++;
  }

  /** Shows a file that is already there. */
  async show(data: Uint8Array): Promise<void> {
    const turn = this.begin();
    await this.paint(data, turn).catch((error: unknown) => this.fail(error, turn));
  }

  private get engine(): Engine {
    return openEngine(this.getAttribute("assets") ?? "assets/");
  }

  private get wantsWords(): boolean {
    const asked = this.getAttribute("alt-from-words");
    return asked === null ? !this.hasAttribute("alt") : asked !== "off";
  }

  private async load(): Promise<void> {
    const src = this.getAttribute("src");
    const turn = this.begin();
    if (src === null) return;
    try {
      const answer = await fetch(src);
      if (!answer.ok) throw new Error(`${src} cannot be loaded: ${answer.status} ${answer.statusText}`);
      await this.paint(await this.receive(answer, turn), turn);
    } catch (error) {
      this.fail(error, turn);
    }
  }

  /** Shows nothing of what was there before. */
  private begin(): number {
    this.words = null;
    this.canvas.hidden = this.note.hidden = true;
    this.describe();
    return ++this.turn;
  }

  /** The whole of a file; what has arrived of it is painted meanwhile. */
  private async receive(answer: Response, turn: number): Promise<Uint8Array> {
    const arrived = { data: new Uint8Array(), isWhole: false };
    if (answer.body === null) return arrived.data;
    void this.follow(arrived, turn);
    const reader = answer.body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return arrived.data;
        if (turn !== this.turn) throw new Error("another file is wanted");
        const joined = new Uint8Array(arrived.data.length + value.length);
        joined.set(arrived.data);
        joined.set(value, arrived.data.length);
        arrived.data = joined;
      }
    } finally {
      arrived.isWhole = true;
      reader.cancel().catch(() => undefined); // (it failed: that is told)
    }
  }

  /** Paints the tokens that have arrived, again and again until all have, or another file is wanted. */
  private async follow(arrived: { readonly data: Uint8Array; readonly isWhole: boolean }, turn: number): Promise<void> {
    const { engine } = this;
    const isOver = () => arrived.isWhole || turn !== this.turn;
    let numBytes = 0;
    for (;;) {
      await new Promise((done) => setTimeout(done, PATIENCE_MS));
      if (isOver()) return;
      try {
        const { data } = arrived;
        const reading = await engine.read(data, { words: false });
        if (reading.scene.tokens === null || reading.numTokenBytes === numBytes) continue;
        numBytes = reading.numTokenBytes;
        const { picture } = await engine.paint(data);
        if (isOver()) return;
        this.lay(picture);
        this.dispatchEvent(new CustomEvent("progress", { detail: reading }));
      } catch {
        // (half a header; of what is wrong with the file, painting the whole tells)
      }
    }
  }

  private async paint(data: Uint8Array, turn: number): Promise<void> {
    const { engine } = this;
    // The picture does not wait for the tables of words, and does not need them.
    const said = this.wantsWords ? this.know(data, turn) : Promise.resolve();
    said.catch(() => undefined); // (told below, unless the picture fails first)
    try {
      const sent = await engine.paint(data);
      this.put(sent.picture, turn, false);
      if (sent.canBeRestored && this.getAttribute("restore") !== "off") {
        this.put(await engine.restore(sent.id), turn, true);
      }
    } catch (error) {
      // Where nothing is painted the words are shown, whoever asked for them.
      if (this.canvas.hidden && !this.wantsWords) this.know(data, turn).catch(() => undefined);
      throw error;
    }
    await said;
  }

  private async know(data: Uint8Array, turn: number): Promise<void> {
    const reading = await this.engine.read(data);
    if (turn !== this.turn) return;
    const { words, regions } = reading.scene;
    this.words = words ?? (regions && wordsOfRegions(regions));
    this.describe();
    this.dispatchEvent(new CustomEvent<Reading>("read", { detail: reading }));
  }

  private put(picture: Picture, turn: number, restored: boolean): void {
    if (turn !== this.turn) return;
    this.lay(picture);
    this.dispatchEvent(new CustomEvent("load", { detail: { restored } }));
  }

  private lay(picture: Picture): void {
    draw(picture, this.canvas);
    this.canvas.hidden = false;
    this.note.hidden = true;
  }

  private fail(error: unknown, turn: number): void {
    if (turn !== this.turn) return;
    const says = error instanceof Error ? error.message : String(error);
    if (this.canvas.hidden) {
      this.note.hidden = false;
      this.note.textContent = says;
      this.describe();
    }
    this.dispatchEvent(new ErrorEvent("error", { message: says, error }));
  }

  private describe(): void {
    this.canvas.setAttribute("aria-label", this.alt);
    this.canvas.lang = this.note.lang = this.words?.language ?? "";
    const said = this.alt || (this.words && altOf(this.words));
    if (!this.note.hidden && said) this.note.textContent = said;
  }
}

customElements.define("semc-img", SemcImage);
