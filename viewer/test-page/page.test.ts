import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { openTables, read } from "../src/node.js";
import { distance, goodFile, reference } from "../test/pictures.js";
import { Chromium } from "./chromium.js";
import { serve } from "./serve.js";

const SITE = fileURLToPath(new URL("../../site/", import.meta.url));
const GOOD = fileURLToPath(new URL("../../../conformance/good/", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../../../src/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "semcodec-view-"));

let chromium: Chromium;
let server: Server;
let address: string;

before(async () => {
  ({ server, address } = await serve({ site: SITE, good: GOOD }));
  chromium = new Chromium(env.CHROMIUM ?? "chromium");
  await chromium.open(`${address}/site/index.html`);
});

after(async () => {
  await chromium.close();
  server.close();
  rmSync(folder, { recursive: true });
});

/** Waits, ninety seconds at most, until an expression holds in the page. */
async function until(expression: string): Promise<void> {
  await chromium.evaluate(`(async () => {
    for (let n = 0; n < 900 && !(${expression}); n++) await new Promise((done) => setTimeout(done, 100));
    if (!(${expression})) throw new Error(${JSON.stringify(expression)} + " does not come true: " + document.body.innerText);
  })()`);
}

const textOf = (selector: string) => chromium.evaluate<string>(`document.querySelector("${selector}").textContent`);
const state = (begin: string) => until(`document.querySelector(".state").textContent.startsWith("${begin}")`);
const click = (selector: string) => chromium.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
/** How many pixels of a canvas are not wholly transparent. */
const drawn = (selector: string) =>
  chromium.evaluate<number>(`(() => {
    const canvas = document.querySelector("${selector}");
    if (canvas.hidden) return 0;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
  })()`);

async function slideTo(numBytes: number): Promise<void> {
  await chromium.evaluate(`(() => {
    const slider = document.querySelector("#arrived");
    slider.value = ${numBytes};
    slider.dispatchEvent(new Event("input"));
  })()`);
  await until(`!document.querySelector(".state").classList.contains("busy")`);
}

test("a file that is chosen is shown with its words and bytes", async () => {
  await chromium.choose("#open", `${GOOD}words-and-tokens.semc`);
  await state("Restored");
  await until(`document.body.innerText.includes("160 × 120")`);
  const text = await chromium.evaluate<string>(`document.body.innerText`);
  assert.match(text, /Two macaws\./);
  assert.match(text, /text\s+7\s/);
});

test("marks tell what was sent from what a network restored", async () => {
  await chromium.choose("#open", `${GOOD}odd.semc`);
  await until(`document.body.innerText.includes("129 × 127")`);
  await state("Restored");
  assert.equal(await drawn(".parts"), 0);
  await click("#parts");
  assert.ok((await drawn(".parts")) > 0);
  assert.match(await textOf(".legend"), /sent.*restored by a network/);
  await click('[name="view"][value="sent"]');
  assert.match(await textOf(".legend"), /sent.*not sent/);
  assert.equal(await textOf(".state"), "Shown as it was sent.");
  await click('[name="view"][value="restored"]');
  await click("#parts");
  assert.equal(await drawn(".parts"), 0);
});

test("two pictures are compared with a wipe that keys move, and that says where it is", async () => {
  await click('[name="against"][value="sent"]');
  await chromium.evaluate(`document.querySelector("#wipe").focus()`);
  await chromium.press("Home");
  assert.match(
    await chromium.evaluate(
      `document.querySelector("#wipe").ariaValueText ?? document.querySelector("#wipe").getAttribute("aria-valuetext")`,
    ),
    /left 0 %: as sent/,
  );
  await chromium.press("End");
  assert.match(await chromium.evaluate(`document.querySelector("#wipe").getAttribute("aria-valuetext")`), /left 100 %/);
  await chromium.choose("#original", join(SITE, "../test/data/odd.png"));
  await until(`document.querySelector(".left").textContent === "original"`);
  assert.match(await textOf("#measured"), /PSNR .* dB as sent, .* dB restored/);
  await click('[name="against"][value=""]');
});

test("what prefixes show: words, then a soft picture, then all of it", async () => {
  await chromium.choose("#open", `${GOOD}words-and-tokens.semc`);
  await until(`document.body.innerText.includes("160 × 120")`);
  const whole = goodFile("words-and-tokens").length;
  const { sections } = await read(goodFile("words-and-tokens"), openTables());
  await slideTo(sections[1].offset - 2);
  assert.equal(await textOf("#arrived-shows"), "words");
  assert.equal(await textOf(".instead"), "Two macaws.");
  await slideTo(Math.ceil((sections[1].offset + whole) / 2));
  await state("Restored");
  assert.equal(await textOf("#arrived-shows"), "words and soft picture");
  await click(".stops li:last-child button");
  await until(`document.querySelector("#arrived-bytes").textContent === "all ${whole} bytes"`);
  assert.match(await chromium.evaluate(`document.querySelector("#arrived").getAttribute("aria-valuetext")`), /^all/);
});

test("a base shows its words until it is whole", async () => {
  await chromium.choose("#open", `${GOOD}words-and-base.semc`);
  await state("Restored");
  await slideTo(goodFile("words-and-base").length - 1);
  assert.equal(await textOf(".instead"), "Two macaws.");
  assert.match(await textOf(".state"), /^No picture yet: it shows from/);
});

test("a saved picture is a PNG file with the words and the sign of semcodec", async () => {
  await click(".stops li:last-child button");
  await state("Restored");
  const base64 = await chromium.evaluate<string>(`(async () => {
    const clicked = new Promise((done) => (HTMLAnchorElement.prototype.click = function () { done(this); }));
    document.querySelector("#save").click();
    const link = await clicked;
    if (link.download !== "words-and-base.png") throw new Error(link.download);
    const bytes = new Uint8Array(await (await fetch(link.href)).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  })()`);
  const { width, comments } = await sharp(Buffer.from(base64, "base64")).metadata();
  assert.equal(width, 228);
  assert.deepEqual(comments!.slice(0, 2), [
    { keyword: "Software", text: "semcodec" },
    { keyword: "Title", text: "Two macaws." },
  ]);
});

test("a damaged file says what is wrong, a file that is none says so", async () => {
  await chromium.choose("#open", fileURLToPath(new URL("../../package.json", import.meta.url)));
  await state("No picture: no semcodec file");
});

test("a link to a file of the site opens it; one to another site's does not", async () => {
  await chromium.open(`${address}/site/index.html?src=../good/words-and-base.semc`);
  await state("Restored");
  await chromium.open(`${address}/site/index.html?src=https://example.org/words-and-base.semc`);
  await state("https://example.org/words-and-base.semc is of another site");
});

test("a page that its server does not isolate is isolated when it is opened again, and paints the same", async () => {
  const page = `${address}/site/index.html?src=../good/odd.semc`;
  await chromium.evaluate(`navigator.serviceWorker.ready.then(({ active }) => active.scriptURL)`);
  await chromium.open(page);
  await state("Restored");
  assert.ok(await chromium.evaluate(`crossOriginIsolated`));
  await click('[name="view"][value="sent"]');
  const { width, height, data } = await chromium.evaluate<{ width: number; height: number; data: number[] }>(`(() => {
    const { width, height } = document.querySelector(".shown");
    const context = document.querySelector(".shown").getContext("2d");
    return { width, height, data: Array.from(context.getImageData(0, 0, width, height).data) };
  })()`);
  const rgb = Uint8Array.from(data.filter((_, at) => at % 4 < 3));
  assert.ok(distance({ width, height, rgb }, await reference("odd.png")).largest <= 2);
  await chromium.open(`${address}/site/page.css`);
  assert.ok(!(await chromium.evaluate(`crossOriginIsolated`))); // (other places of the site stay as they are)
});

test("every control has a name for those who do not see it, and the state is told", async () => {
  await chromium.open(`${address}/site/index.html?src=../good/regions.semc`);
  await until(`document.querySelector(".regions li") !== null`);
  const nodes = (await chromium.accessible()).filter(({ ignored }) => !ignored);
  const controls = ["button", "radio", "slider", "checkbox", "image", "table", "combobox"];
  for (const { role, name } of nodes) if (controls.includes(role)) assert.notEqual(name.trim(), "", role);
  for (const role of ["banner", "main", "status", "slider", "radio", "image", "heading"]) {
    assert.ok(
      nodes.some((node) => node.role === role),
      role,
    );
  }
});

test("regions lie over the picture, and say what they are where they are pointed at", async () => {
  const { scene } = await read(goodFile("regions"), openTables());
  const shown = await chromium.evaluate<{ phrase: string; box: number[]; at: [number, number] }[]>(`(() => {
    const canvas = document.querySelector(".shown").getBoundingClientRect();
    return Array.from(document.querySelectorAll(".regions li"), (framed) => {
      const { left, top, width, height } = framed.getBoundingClientRect();
      const across = (px) => Math.round((64 * px) / canvas.width);
      const down = (px) => Math.round((64 * px) / canvas.height);
      return {
        phrase: framed.textContent,
        box: [across(left - canvas.left), down(top - canvas.top), across(width) - 1, down(height) - 1],
        at: [left + width / 2, top + height / 2],
      };
    });
  })()`);
  const wanted = scene.regions!.items.map(({ x, y, w, h, phrase }) => ({
    phrase: `May show: ${phrase}`, // (a machine says so)
    box: [x, y, w, h],
  }));
  const byBox = (all: { phrase: string; box: number[] }[]) => all.map(({ phrase, box }) => `${phrase} ${box}`).sort();
  assert.deepEqual(byBox(shown), byBox(wanted));
  const smallest = shown.at(-1)!;
  await chromium.point(...smallest.at);
  const said = `Array.from(document.querySelectorAll(".regions span")).filter((span) => getComputedStyle(span).opacity === "1").map((span) => span.textContent)`;
  assert.deepEqual(await chromium.evaluate(said), [smallest.phrase]);
});

test("the page of `semcodec view` works as a file, with what it holds alone", async () => {
  const python = (...args: string[]) =>
    execFileSync(env.PYTHON ?? "python3", ["-m", "semcodec", "view", "--no-open", "--quiet", ...args], {
      env: { ...env, PYTHONPATH: PACKAGE },
    });
  const [tokens, base] = [join(folder, "tokens.html"), join(folder, "base.html")];
  python(`${GOOD}words-and-tokens.semc`, "--out", tokens);
  python(`${GOOD}words-and-base.semc`, `${GOOD}regions.semc`, "--out", base, "--no-restorer");
  await chromium.open(`file://${tokens}`);
  await state("Restored");
  assert.match(await textOf(".words"), /^Two macaws\./);
  await chromium.open(`file://${base}`);
  await state("Shown as it was sent.");
  assert.ok((await drawn(".shown")) > 0);
  assert.deepEqual(
    await chromium.evaluate(`Array.from(document.querySelectorAll("#files option"), (option) => option.text)`),
    ["words-and-base.semc", "regions.semc"],
  );
});
