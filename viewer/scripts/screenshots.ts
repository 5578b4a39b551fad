/**
 * The viewer page as headless Chromium shows it, desktop and phone, light and dark:
 *
 *     npm run screenshots -- OUT FILE [ORIGINAL]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { argv, env } from "node:process";
import { Chromium } from "../test-page/chromium.js";
import { serve } from "../test-page/serve.js";
import { VIEWER } from "./bundle.js";

const SCREENS = [
  ["desktop", 1280, 800, false],
  ["phone", 390, 844, true],
] as const;

const [out, file, original] = argv.slice(2);
mkdirSync(out, { recursive: true });
const { server, address } = await serve({ site: join(VIEWER, "site"), files: dirname(resolve(file)) });
const chromium = new Chromium(env.CHROMIUM ?? "chromium");
try {
  await chromium.open(`${address}/site/index.html`);
  for (const scheme of ["light", "dark"] as const) await shoot("empty", scheme);
  await chromium.choose("#open", resolve(file));
  await until(`document.querySelector(".state").textContent.startsWith("Restored")`);
  for (const scheme of ["light", "dark"] as const) await shoot("open", scheme);
  await chromium.evaluate(`document.querySelector("#parts").click()`);
  await shoot("marked", "light");
  await chromium.evaluate(`document.querySelector("#parts").click()`);
  await chromium.evaluate(`document.querySelector('[name="against"][value="sent"]').click()`);
  await shoot("wiped", "dark");
  if (original !== undefined) {
    await chromium.choose("#original", resolve(original));
    await until(`!document.querySelector('[name="against"][value="original"]').disabled`);
    await shoot("original", "light");
  }
  await chromium.evaluate(`(() => {
    document.querySelector('[name="against"][value=""]').click();
    const slider = document.querySelector("#arrived");
    slider.value = Math.round(slider.max / 3);
    slider.dispatchEvent(new Event("input"));
  })()`);
  await until(`!document.querySelector(".state").classList.contains("busy")`);
  await shoot("prefix", "light");
} finally {
  await chromium.close();
  server.close();
}

async function shoot(name: string, scheme: "light" | "dark"): Promise<void> {
  for (const [screen, width, height, isPhone] of SCREENS) {
    await chromium.look(width, height, scheme, isPhone);
    const tall = await chromium.evaluate<number>(`document.documentElement.scrollHeight`);
    if (isPhone) await chromium.look(width, Math.max(tall, height), scheme, isPhone);
    writeFileSync(join(out, `${basename(file, ".semc")}-${name}-${screen}-${scheme}.png`), await chromium.screenshot());
  }
}

async function until(expression: string): Promise<void> {
  for (let n = 0; n < 600; n++) {
    if (await chromium.evaluate<boolean>(expression)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${expression} does not come true: ${await chromium.evaluate<string>(`document.body.innerText`)}`);
}
