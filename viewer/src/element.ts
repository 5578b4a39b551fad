/** `<semc-img src="photo.semc">`: a picture in a page. Importing this defines the element. */
import {
  draw,
  loadFrom,
  openPainter,
  type Painter,
  type Picture,
  type Reading,
  read,
  Tables,
  type Words,
} from "./browser.js";

/** What the elements of a page share: tables and networks are loaded once. */
interface Opened {
  readonly tables: Tables;
  readonly painter: Painter;
}

const opened = new Map<string, Opened>();

/** Tables and painter of an `assets/` folder. */
export function openAssets(assets: string): Opened {
  let found = opened.get(assets);
  if (found === undefined) {
    const load = loadFrom(assets);
    const tables = new Tables(load);
    found = { tables, painter: openPainter(load, tables) };
    opened.set(assets, found);
  }
  return found;
}

/** Alt text: a machine's words are no fact. */
export function altOf(words: Pick<Words, "text" | "origin">): string {
  return words.origin === "machine" ? `May show: ${words.text}` : words.text;
}

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
 *   src       the file; its picture is painted, of tokens also while they arrive, then restored.
 *   alt       alternative text; the words of the file unless it is given ("" for a picture that says nothing).
 *   assets    the folder of tables and networks; "assets/" beside the page unless it is given.
 *   restore   "off": the picture stays as it was sent.
 *
 * Events: `progress` after each painting of a part of the file (`detail`: the Reading of that part), `read` when the file's
 * words are known (`detail`: the Reading), `load` after each painting of the whole (`detail`: { restored }), `error` where there is no picture, or not the restored one; without a picture the words are shown.
 */
export class SemcImage extends HTMLElement {
  static readonly observedAttributes = ["src", "alt", "assets", "restore"];
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
    const { tables, painter } = openAssets(this.getAttribute("assets") ?? "assets/");
    const isOver = () => arrived.isWhole || turn !== this.turn;
    let numBytes = 0;
    for (;;) {
      await new Promise((done) => setTimeout(done, PATIENCE_MS));
      if (isOver()) return;
      try {
        const reading = await read(arrived.data, tables, { words: false });
        if (reading.scene.tokens === null || reading.numTokenBytes === numBytes) continue;
        numBytes = reading.numTokenBytes;
        const picture = painter.show(await painter.paint(reading));
        if (isOver()) return;
        this.lay(picture);
        this.dispatchEvent(new CustomEvent("progress", { detail: reading }));
      } catch {
        // (half a header; of what is wrong with the file, painting the whole tells)
      }
    }
  }

  private async paint(data: Uint8Array, turn: number): Promise<void> {
    const { tables, painter } = openAssets(this.getAttribute("assets") ?? "assets/");
    // The picture does not wait for the tables of words, and does not need them.
    const words = read(data, tables).then((reading) => this.know(reading, turn));
    words.catch(() => undefined); // (told below, unless the picture fails first)
    const painting = await read(data, tables, { words: false }).then((reading) => painter.paint(reading));
    this.put(painter.show(painting), turn, false);
    if (painting.told !== null && this.getAttribute("restore") !== "off") {
      this.put(await painter.restore(painting), turn, true);
    }
    await words;
  }

  private know(reading: Reading, turn: number): void {
    if (turn !== this.turn) return;
    this.words = reading.scene.words;
    this.describe();
    this.dispatchEvent(new CustomEvent("read", { detail: reading }));
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
    const alt = this.getAttribute("alt") ?? (this.words && altOf(this.words)) ?? "";
    this.canvas.setAttribute("aria-label", alt);
    if (!this.note.hidden && alt !== "") this.note.textContent = alt;
  }
}

customElements.define("semc-img", SemcImage);
