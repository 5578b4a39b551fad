/**
 * What a page loads until there is a picture, and how long that takes, in headless Chromium: into
 * `benchmarks/results/viewer.json`, and the table of it into `docs/web.md`. Of two files of one picture in 1,000 bytes,
 * a base and tokens (`semcodec encode --bytes 1000 --picture base`):
 *
 *     npm run measure -- base.semc tokens.semc
 *     npm run measure -- --table                   the table alone
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { argv, env, exit } from "node:process";
import { Chromium } from "../test-page/chromium.js";
import { VIEWER } from "./bundle.js";
import { host } from "./host.js";
import { comesFirst, processorTimes, spentSince } from "./processes.js";
import { type Results, RESULTS, type Row, type Spent, updateDocs, type What } from "./table.js";

const NUM_RUNS = 3;
const ATTRIBUTES: Readonly<Record<What, string>> = {
  sent: `alt="" restore="off"`,
  restored: `alt=""`,
  words: `restore="off"`,
};

/** A page with the element, which notes when there is what. */
function pageOf(what: What): string {
  return `<!doctype html><meta charset="utf-8"><title>measured</title>
<semc-img src="photo.semc" ${ATTRIBUTES[what]}></semc-img>
<script>
  globalThis.at = {};
  const image = document.querySelector("semc-img");
  image.addEventListener("load", ({ detail }) => (at[detail.restored ? "restored" : "sent"] ??= performance.now()));
  image.addEventListener("read", () => (at.words ??= performance.now()));
  image.addEventListener("error", ({ message }) => (at.error = message));
</script>
<script type="module" src="element.js"></script>`;
}

/** When there is what, in ms of the page's clock. */
async function timeOf(chromium: Chromium, what: What): Promise<number> {
  for (;;) {
    const { [what]: at, error } = await chromium.evaluate<Record<string, number | string>>("globalThis.at ?? {}");
    if (error !== undefined) throw new Error(String(error));
    if (at !== undefined) return Number(at);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** How long another file takes in a page that is open, in ms. */
async function timeOfNext(chromium: Chromium, src: string, what: What): Promise<number> {
  const change = `(at = {}, image.setAttribute("src", "${src}"), performance.now())`;
  const began = await chromium.evaluate<number>(change);
  return (await timeOf(chromium, what)) - began;
}

async function measured(kind: Row["kind"], file: Uint8Array, what: What, isolated: boolean): Promise<Row> {
  const files = { "page.html": Buffer.from(pageOf(what)), "photo.semc": file };
  const served = await host(join(VIEWER, "site/"), files, { isolated });
  const chromium = new Chromium(env.CHROMIUM ?? "chromium");
  try {
    await chromium.open(`${served.address}/page.html`);
    const cold_ms = await timeOf(chromium, what);
    const num_bytes = served.numBytes;
    const nexts: Spent[] = [];
    for (let run = 0; run < NUM_RUNS; run++) {
      nexts.push(await spent(chromium, () => timeOfNext(chromium, `photo.semc?${run}`, what)));
    }
    const warms: Spent[] = [];
    for (let run = 0; run <= NUM_RUNS; run++) {
      const opened = async () => {
        await chromium.open(`${served.address}/page.html?${run}`);
        return timeOf(chromium, what);
      };
      const warm = await spent(chromium, opened);
      if (run > 0) warms.push(warm); // (the first one leaves what was compiled in the cache)
    }
    const [warm, next] = [warms, nexts].map((all) => ({
      ms: Math.round(median(all.map(({ ms }) => ms))),
      cpu_ms: median(all.map(({ cpu_ms }) => cpu_ms)),
    }));
    return { kind, what, isolated, num_bytes, cold_ms: Math.round(cold_ms), warm, next };
  } finally {
    await chromium.close();
    served.server.close();
  }
}

/** How long something takes by its own clock, and what all processes of Chromium spend meanwhile. */
async function spent(chromium: Chromium, work: () => Promise<number>): Promise<Spent> {
  const before = processorTimes(chromium.pid);
  const ms = await work();
  return { ms, cpu_ms: spentSince(before, chromium.pid) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

if (argv[2] !== "--table") {
  if (argv.length !== 4) {
    console.error("give two files: npm run measure -- base.semc tokens.semc");
    exit(2);
  }
  const [base, tokens] = argv.slice(2).map((path) => readFileSync(path));
  const rows: Row[] = [];
  const loads = [loadavg()[0]];
  for (const [kind, file] of [["base", base] as const, ["tokens", tokens] as const]) {
    for (const what of ["sent", "restored", "words"] as const) {
      if (kind === "tokens" && what === "words") continue; // (they are loaded while the picture is)
      const opensNetworks = what === "restored" || kind === "tokens";
      for (const isolated of opensNetworks ? [false, true] : [false]) {
        rows.push(await measured(kind, file, what, isolated));
        loads.push(loadavg()[0]);
        console.log(rows.at(-1), loads.at(-1));
      }
    }
  }
  const results: Results = {
    cpu: cpus()[0].model,
    cores: cpus().length,
    load: median(loads),
    comesFirst: comesFirst(),
    rows,
  };
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
}
updateDocs();
