import { altOf } from "../src/alt.js";
import { draw } from "../src/draw.js";
import type { Picture } from "../src/painters/picture.js";
import type { Parts } from "../src/provenance.js";
import type { Region, Regions } from "../src/types.js";
import { element, find } from "./dom.js";
import { mark } from "./marks.js";

/** The picture and what lies on it: another one up to the edge of a wipe, marks, regions. */
export class Stage {
  private readonly figure = find(".figure");
  private readonly root = find(".stage");
  private readonly canvas = find<HTMLCanvasElement>(".shown");
  private readonly against = find<HTMLCanvasElement>(".against");
  private readonly parts = find<HTMLCanvasElement>(".parts");
  private readonly regions = find(".regions");
  private readonly wipe = find(".wipe");
  private readonly slider = find<HTMLInputElement>("#wipe");
  private names: readonly [string, string] = ["", ""];

  constructor() {
    this.slider.addEventListener("input", () => this.moveEdge());
  }

  /** Shows a picture, or nothing. */
  show(picture: Picture | null): void {
    this.root.hidden = picture === null;
    if (picture === null) return;
    this.figure.style.setProperty("--width", String(picture.width));
    this.figure.style.setProperty("--height", String(picture.height));
    draw(picture, this.canvas);
  }

  /** Lays another picture over the left of it, with what both are called; null: none. */
  compare(other: { readonly picture: Picture; readonly name: string; readonly than: string } | null): void {
    this.against.hidden = this.wipe.hidden = other === null;
    this.regions.classList.toggle("beneath", other !== null);
    if (other === null) return;
    draw(other.picture, this.against);
    this.names = [other.name, other.than];
    find(".left").textContent = other.name;
    find(".right").textContent = other.than;
    this.moveEdge();
  }

  /** Marks blocks; null: none. */
  mark(parts: Parts | null): void {
    this.parts.hidden = parts === null;
    if (parts !== null) mark(parts, this.parts);
  }

  /** What the picture is called where it is not seen. */
  describe(alt: string, language: string): void {
    this.canvas.setAttribute("aria-label", alt);
    this.canvas.lang = language;
  }

  /** Lays frames over the picture, each with its phrase, which shows where it is pointed at or comes into focus. */
  frame(regions: Regions | null): void {
    this.regions.hidden = regions === null;
    this.regions.replaceChildren();
    if (regions === null) return;
    const { items, language, origin } = regions;
    const area = ({ w, h }: Region) => (w + 1) * (h + 1);
    // The smaller ones last, above those that they lie in.
    const frames = [...items]
      .sort((a, b) => area(b) - area(a))
      .map(({ x, y, w, h, phrase }) => {
        const said = altOf({ text: phrase, origin, language });
        const begin = element("i", said.slice(0, said.length - phrase.length)); // ("May show: ")
        const framed = element("li", element("span", begin, said.slice(said.length - phrase.length)));
        const sides = { left: x, top: y, width: w + 1, height: h + 1 };
        for (const [side, parts] of Object.entries(sides)) framed.style.setProperty(side, `${(parts * 100) / 64}%`);
        framed.classList.toggle("from-end", x + x + w >= 64);
        framed.tabIndex = 0;
        return framed;
      });
    this.regions.lang = language;
    this.regions.replaceChildren(...frames);
  }

  /** Whether all frames show, not only the one that is pointed at. */
  markRegions(all: boolean): void {
    this.regions.classList.toggle("marked", all);
  }

  private moveEdge(): void {
    const share = Number(this.slider.value);
    this.root.style.setProperty("--at", `${share}%`);
    const [left, right] = this.names;
    this.slider.setAttribute("aria-valuetext", `left ${Math.round(share)} %: ${left}; the rest: ${right}`);
  }
}
