import { layerName, type Reading } from "../src/index.js";

/** Where a prefix of a file begins to show more. */
export interface Stop {
  readonly numBytes: number;
  readonly label: string;
}

/** From how many bytes on there is what, as `semcodec info` tells it; the whole last. */
export function stopsOf({ sections, scene }: Reading, numBytes: number): Stop[] {
  const stops: Stop[] = [];
  for (const { layer, offset, payload } of sections) {
    const name = layerName(layer);
    const end = offset + payload.length;
    if (name === "text" && scene.words !== null) stops.push({ numBytes: end, label: "words" });
    if (name === "tokens" || name === "pixels")
      stops.push({ numBytes: Math.min(offset + 16, end), label: "soft picture" });
    if (name === "base" && scene.base !== null) stops.push({ numBytes: end, label: "picture" });
  }
  const hasSteps = sections.some(({ layer }) => ["tokens", "pixels"].includes(layerName(layer) ?? ""));
  if (hasSteps)
    stops.push(...[4, 2].map((part) => ({ numBytes: Math.ceil(numBytes / part), label: `1/${part} of it` })));
  const before = stops.filter((stop) => stop.numBytes < numBytes).sort((a, b) => a.numBytes - b.numBytes);
  return [...before, { numBytes, label: "all of it" }];
}

/** What the first bytes of a file show, for people: "words, a soft picture". */
export function shownBy({ scene }: Pick<Reading, "scene">, isPainted: boolean, isWhole: boolean): string {
  const shown: string[] = [];
  if (scene.words !== null && scene.words.text !== "") shown.push("words");
  if (isPainted) shown.push(isWhole ? "picture" : scene.base === null ? "soft picture" : "picture");
  return shown.length === 0 ? "nothing yet" : shown.join(" and ");
}
