import { layerName, type Reading } from "../src/index.js";
import { workingSize } from "../src/container/header.js";
import { element, find, grouped, percent } from "./dom.js";

/** The table of layers and bytes, what else the file says of itself, and what is wrong with it. */
export function tell({ header, scene, sections, problems }: Reading, numBytes: number): void {
  const said = sections.map(({ layer, payload }) => [nameOf(layer), payload.length] as const);
  const numFraming = numBytes - said.reduce((sum, [, count]) => sum + count, 0);
  const rows = [...said, ["header, framing", numFraming] as const];
  find("tbody").replaceChildren(...rows.map(([name, count]) => row(name, count, numBytes)));
  find("tfoot").replaceChildren(row("all", numBytes, numBytes));
  const working = workingSize(header);
  const size = (width: number, height: number) => `${grouped(width)} × ${grouped(height)} pixels`;
  const facts: [string, string][] = [
    ["picture", size(header.width, header.height)],
    ["coded at", size(working.width, working.height)],
    ["bits per pixel", ((8 * numBytes) / (header.width * header.height)).toPrecision(3)],
  ];
  if (scene.painter !== null) facts.push(["made for", scene.painter.name]);
  if (scene.boxes.link !== undefined) facts.push(["original", scene.boxes.link.name]);
  if (scene.vector !== null) facts.push(["vector of", scene.vector.space]);
  find(".facts").replaceChildren(...facts.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
  find(".problems").replaceChildren(...problems.map(({ message }) => element("li", message)));
}

function nameOf(layer: number): string {
  return layerName(layer) ?? `layer ${layer}, unknown here`;
}

function row(name: string, count: number, all: number): HTMLElement {
  const title = element("th", name);
  title.scope = "row";
  const share = element("td", percent(count, all));
  share.style.setProperty("--share", `${(100 * count) / all}%`);
  return element("tr", title, element("td", grouped(count)), share);
}
