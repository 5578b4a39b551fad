import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VIEWER } from "./bundle.js";

export const RESULTS = join(VIEWER, "../benchmarks/results/viewer.json");
const DOCS = join(VIEWER, "../docs/web.md");
const [BEGIN, END] = ["<!-- viewer times -->\n", "<!-- end of viewer times -->"];

/** Until there is: the picture as it was sent, the restored one, the words. */
export type What = "sent" | "restored" | "words";

export interface Spent {
  readonly ms: number;
  /** Of all processes of the browser: what an idle core would take at most. */
  readonly cpu_ms: number;
}

export interface Row {
  readonly kind: "base" | "tokens";
  readonly what: What;
  /** From other sites' pages: networks run on as many threads as there are cores. */
  readonly isolated: boolean;
  /** Of bodies, compressed with brotli, that the first picture of all takes. */
  readonly num_bytes: number;
  readonly cold_ms: number;
  readonly warm: Spent;
  readonly next: Spent;
}

export interface Results {
  readonly cpu: string;
  readonly cores: number;
  /** Of the machine meanwhile, as `uptime` counts it: 1 is Chromium's own. */
  readonly load: number;
  /** Whether the browser came before all other work (`chrt -r 1 npm run measure`). */
  readonly comesFirst: boolean;
  readonly rows: readonly Row[];
}

const SAYS: Readonly<Record<What, string>> = {
  sent: "as it was sent",
  restored: "restored",
  words: "its words",
};

/** The table of docs/web.md. */
export function tableOf({ rows, load, comesFirst, cpu, cores }: Results): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(ms < 1000 ? 2 : 1);
  const lines = rows.map(({ kind, what, isolated, num_bytes, cold_ms, warm, next }) => {
    const size = num_bytes < 1e6 ? `${Math.round(num_bytes / 1000)} kB` : `${(num_bytes / 1e6).toFixed(1)} MB`;
    const times = [cold_ms, warm.ms, next.ms, warm.cpu_ms, next.cpu_ms].map(seconds).join(" | ");
    const shown = `${kind === "base" ? "a base" : "tokens"}, ${SAYS[what]}${isolated ? ", in an isolated page" : ""}`;
    return `| ${shown} | ${size} | ${times} |\n`;
  });
  const busy = comesFirst
    ? "before all other work of the machine"
    : `a load average of ${load.toFixed(1)}, its own with it`;
  return [
    "| until there is | loaded | cold, s | warm, s | the next, s | processor: warm, s | the next, s |\n",
    "|---|---|---|---|---|---|---|\n",
    ...lines,
    `\nOn ${cores} cores (${cpu}), ${busy}; processor time is that of all processes of the browser.\n`,
  ].join("");
}

/** What docs/web.md says between its marks. */
export function documented(): string {
  return readFileSync(DOCS, "utf8").split(BEGIN)[1].split(END)[0];
}

export function updateDocs(): void {
  const results = JSON.parse(readFileSync(RESULTS, "utf8")) as Results;
  const page = readFileSync(DOCS, "utf8");
  const [before, rest] = page.split(BEGIN);
  writeFileSync(DOCS, before + BEGIN + tableOf(results) + END + rest.split(END)[1]);
}
