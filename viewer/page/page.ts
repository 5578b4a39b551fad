import { layerName, type Reading, type Region, type Regions, type Section } from "../src/browser.js";
import { altOf, SemcImage } from "../src/element.js";

const image = document.querySelector("semc-img") as SemcImage;
const input = find<HTMLInputElement>("input");

input.addEventListener("change", () => void open(input.files?.[0]));
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  void open(event.dataTransfer?.files[0]);
});
image.addEventListener("read", (event) => show((event as CustomEvent<Reading>).detail));
image.addEventListener("load", (event) => {
  const { restored } = (event as CustomEvent<{ restored: boolean }>).detail;
  find(".regions").hidden = false;
  say(restored ? "Restored by a network: its textures were not sent." : "As it was sent.");
});
image.addEventListener("error", (event) => say(event.message));

async function open(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  clear();
  say(`${file.name}, ${file.size} bytes: reading …`);
  await image.show(new Uint8Array(await file.arrayBuffer()));
}

function clear(): void {
  find(".words").textContent = "";
  find("section").hidden = true;
  find(".regions").hidden = true;
  find(".regions").replaceChildren();
}

function show({ scene, header, sections, problems }: Reading): void {
  const { words } = scene;
  find(".words").textContent = words === null ? "It has no words." : altOf(words);
  find(".words").lang = words?.language ?? "";
  if (scene.regions !== null) frame(scene.regions);
  const rows = sections.map((section) => row(nameOf(section), section.payload.length));
  find("tbody").replaceChildren(...rows);
  find("h2").textContent = `Bytes of a picture of ${header.width} x ${header.height} pixels`;
  find(".problems").replaceChildren(...problems.map(({ message }) => element("li", message)));
  find("section").hidden = false;
}

/** Lays frames over the picture, each with its phrase, which shows where it is pointed at or comes into focus. */
function frame({ items, language, origin }: Regions): void {
  const area = ({ w, h }: Region) => (w + 1) * (h + 1);
  // The smaller ones last, above those that they lie in.
  const frames = [...items]
    .sort((a, b) => area(b) - area(a))
    .map(({ x, y, w, h, phrase }) => {
      const framed = document.createElement("li");
      const sides = { left: x, top: y, width: w + 1, height: h + 1 };
      for (const [side, parts] of Object.entries(sides)) framed.style.setProperty(side, `${(parts * 100) / 64}%`);
      framed.classList.toggle("from-end", x + x + w >= 64);
      framed.tabIndex = 0;
      framed.append(element("span", altOf({ text: phrase, origin })));
      return framed;
    });
  find(".regions").lang = language;
  find(".regions").replaceChildren(...frames);
}

function nameOf({ layer }: Section): string {
  return layerName(layer) ?? `layer ${layer}, unknown here`;
}

function row(name: string, numBytes: number): HTMLElement {
  const made = document.createElement("tr");
  made.append(element("td", name), element("td", String(numBytes)));
  return made;
}

function element(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function say(text: string): void {
  find(".state").textContent = text;
}

function find<Found extends HTMLElement = HTMLElement>(selector: string): Found {
  const found = document.querySelector<Found>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}
