/** The viewer: a file is chosen, dropped, or in the page; what it says is told, and what it shows is painted. */
import { altOf, wordsOfRegions } from "../src/alt.js";
import { draw } from "../src/draw.js";
import type { Engine, Sent } from "../src/engine/engine.js";
import { openEngine } from "../src/engine/open.js";
import { RemoteEngine } from "../src/engine/remote.js";
import { SemcodecError } from "../src/errors.js";
import type { Picture } from "../src/painters/picture.js";
import { countsOf, type PartName, restoredParts } from "../src/provenance.js";
import type { Reading } from "../src/read.js";
import type { Words } from "../src/types.js";
import { bytes, element, find, grouped, percent } from "./dom.js";
import { embedded, type Named } from "./embedded.js";
import { tell } from "./layers.js";
import { NAMES, swatch } from "./marks.js";
import { psnr, readOriginal } from "./original.js";
import { withText } from "./png.js";
import { shownBy, type Stop, stopsOf } from "./prefixes.js";
import { Stage } from "./stage.js";

/** What is looked at: the first bytes of a file, and what became of them. */
interface Look {
  readonly file: Named;
  readonly numBytes: number;
  reading: Reading | null;
  sent: Sent | null;
  restored: Picture | null;
  isBeingRestored: boolean;
  /** Why there is no picture, or no restored one. */
  problem: string | null;
}

const REST_MS = 400; // before a prefix that the slider stands on is restored: that takes seconds

const stage = new Stage();
const arrived = find<HTMLInputElement>("#arrived");
let engine: Engine;
let files: readonly Named[] = [];
let look: Look | null = null;
let whole: { readonly file: Named; readonly reading: Reading } | null = null;
let stops: readonly Stop[] = [];
let original: { readonly file: Blob; picture: Picture } | null = null;
let isPainting = false;
let isPutOff = false; // the wish for the restored picture

void start();

async function start(): Promise<void> {
  listen();
  const inside = await embedded();
  engine = inside === null ? openEngine("assets/") : new RemoteEngine({ open: inside.openWorker, assets: inside.load });
  if (inside === null) isolateNextTime();
  if (inside !== null && inside.files.length > 0) list(inside.files);
  const src = new URL(location.href).searchParams.get("src");
  if (inside === null && src !== null) await fetched(src);
}

/** Threads want a page that is isolated from others: where the server does not say that it is, a service worker will. */
function isolateNextTime(): void {
  if (globalThis.crossOriginIsolated || navigator.hardwareConcurrency < 2) return;
  // (there is none in pages that came unencrypted from another machine; without it all works, on one thread)
  navigator.serviceWorker?.register("isolating.js").catch(() => undefined);
}

// Files

function list(found: readonly Named[]): void {
  files = found;
  const options = files.map(({ name }) => new Option(name));
  find<HTMLSelectElement>("#files").replaceChildren(...options);
  find(".files").hidden = files.length < 2;
  find(".name").hidden = files.length > 1;
  open(files[0]);
}

/** A file of this site alone: what another site's link names is not fetched. */
async function fetched(src: string): Promise<void> {
  const address = new URL(src, location.href);
  const name = decodeURIComponent(address.pathname.split("/").at(-1) ?? "");
  if (address.origin !== location.origin) return say(`${src} is of another site: save it, and drop it here.`);
  say(`${name}: loading …`, true);
  try {
    const answer = await fetch(address);
    if (!answer.ok) return say(`${name} cannot be loaded: ${answer.status} ${answer.statusText}`);
    list([{ name, data: new Uint8Array(await answer.arrayBuffer()) }]);
  } catch (error) {
    say(`${name} cannot be loaded: ${messageOf(error)}`);
  }
}

function open(file: Named): void {
  document.body.dataset.state = "open";
  find(".name").textContent = file.name;
  document.title = `${file.name} · semcodec viewer`;
  find(".panel").hidden = false;
  find(".stops").replaceChildren();
  look = whole = original = null;
  stops = [];
  stage.show(null);
  offerOriginal();
  arrived.max = String(Math.max(file.data.length, 1));
  arrived.value = arrived.max;
  void reach(file, file.data.length);
}

async function take(chosen: Iterable<File>): Promise<void> {
  const named: Named[] = [];
  for (const file of chosen) {
    const data = new Uint8Array(await file.arrayBuffer());
    const isPicture = file.type.startsWith("image/") && !(data[0] === 0xc5 && data[1] === 0xec);
    if (isPicture && look !== null) return compareWith(file);
    named.push({ name: file.name, data });
  }
  if (named.length > 0) list(named);
}

// What has arrived

/** Shows the first bytes of a file; the last call wins, and what is in work for another one ends first. */
async function reach(file: Named, numBytes: number): Promise<void> {
  const mine: Look = {
    file,
    numBytes,
    reading: null,
    sent: null,
    restored: null,
    isBeingRestored: false,
    problem: null,
  };
  look = mine;
  showCount();
  say(`${file.name}: reading …`, true);
  if (isPainting) return; // (that one goes on with this one)
  isPainting = true;
  try {
    while (look !== null && look.sent === null && look.problem === null) await paint(look);
  } finally {
    isPainting = false;
  }
  await restore();
}

async function paint(mine: Look): Promise<void> {
  const data = mine.file.data.subarray(0, mine.numBytes);
  void engine.read(data).then(
    (reading) => know(mine, reading),
    () => undefined, // (painting tells)
  );
  try {
    mine.sent = await engine.paint(data);
  } catch (error) {
    mine.problem = messageOf(error);
    if (mine === look && !(error instanceof SemcodecError)) console.error(error);
  }
  if (mine === look) show();
}

function know(mine: Look, reading: Reading): void {
  mine.reading = reading;
  if (mine !== look) return;
  if (mine.numBytes === mine.file.data.length && whole?.file !== mine.file) {
    whole = { file: mine.file, reading };
    stops = stopsOf(reading, mine.numBytes);
    offerStops();
  }
  show();
}

/** Restores what is shown, if that is wanted. */
async function restore(): Promise<void> {
  const mine = look;
  if (mine?.sent == null || !mine.sent.canBeRestored || mine.restored !== null || !wantsRestored()) return;
  if (mine.isBeingRestored) return;
  mine.isBeingRestored = true;
  if (mine.numBytes < mine.file.data.length) await new Promise((done) => setTimeout(done, REST_MS));
  if (mine !== look) return void (mine.isBeingRestored = false);
  say("Shown as it was sent; being restored …", true);
  try {
    mine.restored = await engine.restore(mine.sent.id);
  } catch (error) {
    mine.problem = messageOf(error);
  }
  mine.isBeingRestored = false;
  if (mine === look) show();
}

// What is shown

function show(): void {
  if (look === null) return;
  const { sent, reading, problem } = look;
  const words = wordsOf(look);
  stage.show(mainPicture());
  stage.compare(comparison());
  stage.describe(words === null ? "A picture without words" : altOf(words), words?.language ?? "");
  showWords(words);
  showMarks();
  showRegions();
  find<HTMLButtonElement>("#save").disabled = sent === null;
  offerRestored();
  const instead = find(".instead");
  instead.hidden = sent !== null || (reading === null && problem === null);
  instead.textContent = words !== null && words.text !== "" ? altOf(words) : (problem ?? "");
  instead.lang = words?.language ?? "";
  find(".words").hidden = !instead.hidden;
  if (whole !== null) tell(whole.reading, look.file.data.length);
  showCount();
  showMeasured();
  const isRestored = look.restored !== null && wantsRestored();
  if (sent === null) say(problem === null ? "Being painted …" : whyNone(look, problem), problem === null);
  else if (isRestored) say("Restored: a network gave edges and textures back, which were not sent.");
  else if (problem !== null) say(`Shown as it was sent: ${problem}.`);
  else if (sent.reason !== null) say(`Shown as it was sent, but ${sent.reason}.`);
  else if (!sent.canBeRestored || !wantsRestored()) say("Shown as it was sent.");
}

/** Why there is no picture: because too little has arrived, or for good. */
function whyNone({ numBytes }: Look, problem: string): string {
  const first = stops.find((stop) => stop.label.includes("picture") || stop.label === "all of it");
  if (first === undefined || numBytes >= first.numBytes) return `No picture: ${problem}.`;
  return `No picture yet: it shows from ${bytes(first.numBytes)} on.`;
}

/** Where nothing can be restored the choice is "as sent", until something can. */
function offerRestored(): void {
  const canBe = look?.sent?.canBeRestored ?? null;
  if (canBe === null) return;
  const choice = (name: string, value: string) => find<HTMLInputElement>(`[name="${name}"][value="${value}"]`);
  const [restored, sent, against] = [choice("view", "restored"), choice("view", "sent"), choice("against", "sent")];
  if (!canBe && restored.checked) [sent.checked, isPutOff] = [true, true];
  if (canBe && isPutOff) [restored.checked, isPutOff] = [true, false];
  restored.disabled = against.disabled = !canBe;
}

function mainPicture(): Picture | null {
  if (look?.sent == null) return null;
  return wantsRestored() ? (look.restored ?? look.sent.picture) : look.sent.picture;
}

function comparison(): { picture: Picture; name: string; than: string } | null {
  if (look?.sent == null) return null;
  const than = wantsRestored() && look.restored !== null ? "restored" : "as sent";
  const against = chosen("against");
  if (against === "original" && original !== null) return { picture: original.picture, name: "original", than };
  if (against === "sent" && than === "restored") return { picture: look.sent.picture, name: "as sent", than };
  return null;
}

function showWords(words: Words | null): void {
  const line = find(".words");
  line.lang = words?.language ?? "";
  if (words === null || words.text === "") {
    line.replaceChildren(look?.reading == null ? "" : element("small", "The file has no words."));
    return;
  }
  const by = element("small", words.origin === "human" ? "· words of a human" : "· words of a machine, a guess");
  by.lang = "en";
  line.replaceChildren(altOf(words), " ", by);
}

function wordsOf({ reading }: Look): Words | null {
  const { words, regions } = reading?.scene ?? { words: null, regions: null };
  return words ?? (regions === null ? null : wordsOfRegions(regions));
}

function showMarks(): void {
  const isOn = find<HTMLInputElement>("#parts").checked;
  const legend = find(".legend");
  legend.hidden = !isOn || look?.sent == null;
  if (look?.sent == null || !isOn) return stage.mark(null);
  const isRestored = wantsRestored() && look.restored !== null;
  const parts = isRestored ? restoredParts(look.sent.parts, look.sent.from) : look.sent.parts;
  stage.mark(parts);
  const counts = Object.entries(countsOf(parts)) as [PartName, number][];
  const rows = counts
    .filter(([name, count]) => count > 0 || name === "sent")
    .map(([name, count]) =>
      element("li", swatch(name), NAMES[name], element("output", percent(count, parts.kinds.length))),
    );
  legend.replaceChildren(...rows);
}

function showRegions(): void {
  const regions = look?.reading?.scene.regions ?? null;
  const box = find<HTMLInputElement>("#regions");
  const count = regions?.items.length ?? 0;
  find("#regions-line").hidden = count === 0;
  const by = regions?.origin === "machine" ? "guessed" : "named";
  find("#regions-line span").textContent = `Show what is where (${grouped(count)} ${by})`;
  stage.frame(look?.sent === null ? null : regions);
  stage.markRegions(box.checked);
}

function showCount(): void {
  if (look === null) return;
  const { numBytes, file, reading, sent } = look;
  const all = file.data.length;
  const count = numBytes === all ? `all ${bytes(all)}` : `${grouped(numBytes)} of ${bytes(all)}`;
  const shows = reading === null ? "" : shownBy(reading, sent !== null, numBytes === all);
  find("#arrived-bytes").textContent = count;
  find("#arrived-shows").textContent = shows;
  arrived.setAttribute("aria-valuetext", shows === "" ? count : `${count}: ${shows}`);
  for (const button of document.querySelectorAll<HTMLElement>(".stops button")) {
    button.setAttribute("aria-current", String(Number(button.dataset.bytes) === numBytes));
  }
}

function offerStops(): void {
  const buttons = stops.map(({ numBytes, label }) => {
    const button = element("button", `${label} · ${grouped(numBytes)}`);
    button.type = "button";
    button.dataset.bytes = String(numBytes);
    button.addEventListener("click", () => {
      arrived.value = String(numBytes);
      if (look !== null) void reach(look.file, numBytes);
    });
    return element("li", button);
  });
  find(".stops").replaceChildren(...buttons);
}

// An original to compare with

async function compareWith(file: Blob): Promise<void> {
  if (look?.sent == null) return say("First open a .semc file; then drop its original.");
  try {
    original = { file, picture: await readOriginal(file, look.sent.picture) };
  } catch (error) {
    return say(`${messageOf(error)}.`);
  }
  offerOriginal();
  find<HTMLInputElement>('[name="against"][value="original"]').checked = true;
  show();
}

function offerOriginal(): void {
  const choice = find<HTMLInputElement>('[name="against"][value="original"]');
  choice.disabled = original === null;
  if (original === null && choice.checked) find<HTMLInputElement>('[name="against"][value=""]').checked = true;
}

function showMeasured(): void {
  const line = find("#measured");
  line.textContent = "";
  if (original === null || look?.sent == null) return;
  const of = (picture: Picture, name: string) => `${psnr(picture, original!.picture).toFixed(1)} dB ${name}`;
  const told = [of(look.sent.picture, "as sent")];
  if (look.restored !== null) told.push(of(look.restored, "restored"));
  line.textContent = `PSNR ${told.join(", ")}`;
}

// Saving

async function save(): Promise<void> {
  const picture = mainPicture();
  if (look === null || picture === null) return;
  const canvas = document.createElement("canvas");
  draw(picture, canvas);
  const png = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (png === null) return say("The picture is too large for this browser to save.");
  const words = wordsOf(look);
  const said = words === null || words.text === "" ? {} : { Title: altOf(words), Description: altOf(words) };
  const texts = { Software: "semcodec", ...said, Source: look.file.name };
  const signed = new Blob([withText(new Uint8Array(await png.arrayBuffer()), texts)], { type: "image/png" });
  const link = element("a");
  link.href = URL.createObjectURL(signed);
  link.download = `${look.file.name.replace(/\.semc$/i, "")}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say(`Saved as ${link.download}.`);
}

// Controls

function listen(): void {
  const chosenFiles = (event: Event) => (event.target as HTMLInputElement).files ?? [];
  find("#open").addEventListener("change", (event) => void take(chosenFiles(event)));
  find("#original").addEventListener("change", (event) => {
    for (const file of chosenFiles(event)) void compareWith(file);
  });
  find("#files").addEventListener("change", (event) => open(files[(event.target as HTMLSelectElement).selectedIndex]));
  find("#save").addEventListener("click", () => void save());
  arrived.addEventListener("input", () => {
    if (look !== null) void reach(look.file, Number(arrived.value));
  });
  for (const control of document.querySelectorAll('[name="view"], [name="against"], .check input')) {
    control.addEventListener("change", () => {
      show();
      void restore();
    });
  }
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) document.body.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    void take(event.dataTransfer?.files ?? []);
  });
}

function wantsRestored(): boolean {
  return chosen("view") === "restored";
}

function chosen(name: string): string {
  return find<HTMLInputElement>(`[name="${name}"]:checked`).value;
}

/** Tells the state, to those too who do not see it. */
function say(text: string, isBusy = false): void {
  const line = find(".state");
  if (line.textContent !== text) line.textContent = text;
  line.classList.toggle("busy", isBusy);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
