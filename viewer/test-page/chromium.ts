import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A headless Chromium, spoken to over its debugging pipe (Chrome DevTools Protocol). */
export class Chromium {
  private readonly child: ChildProcess;
  private readonly profile = mkdtempSync(join(tmpdir(), "semcodec-page-"));
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private session: string | undefined;
  private held = "";

  constructor(command: string, { gpu = ["--disable-gpu"] }: { gpu?: readonly string[] } = {}) {
    // (no sandbox: root, as whom continuous integration runs, has none)
    const flags = ["--headless=new", "--no-sandbox", ...gpu, "--remote-debugging-pipe"];
    this.child = spawn(command, [...flags, `--user-data-dir=${this.profile}`], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    (this.child.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => this.receive(text));
  }

  /** The process number. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Opens a page and waits until it is loaded. */
  async open(url: string): Promise<void> {
    const { targetId } = await this.send("Target.createTarget", { url });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    this.session = sessionId as string;
    // (a new target is an empty page for a while)
    const isThere = `location.href === ${JSON.stringify(url)} && document.readyState === "complete"`;
    const isOpen = () => this.evaluate<boolean>(isThere).catch(() => false); // (between two pages there is none to ask)
    while (!(await isOpen())) await new Promise((done) => setTimeout(done, 50));
  }

  /** The value of an expression, or of its promise, in the page. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", asked);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: Value }).value;
  }

  /** Chooses a file in an input, as a person would. */
  async choose(selector: string, file: string): Promise<void> {
    const { root } = (await this.send("DOM.getDocument")) as { root: { nodeId: number } };
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { nodeId, files: [file] });
  }

  /** The window's size in CSS pixels, light or dark, a phone or not. */
  async look(width: number, height: number, scheme: "light" | "dark", isPhone = false): Promise<void> {
    const screen = { width, height, deviceScaleFactor: isPhone ? 2 : 1, mobile: isPhone };
    await this.send("Emulation.setDeviceMetricsOverride", screen);
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.send("Emulation.setEmulatedMedia", { features });
  }

  /** The page as it is seen, as a PNG file; all of it, or the window's part. */
  async screenshot(whole = false): Promise<Uint8Array> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: whole });
    return Buffer.from(data as string, "base64");
  }

  /** What assistive technology is told of the page: each node's role and name. */
  async accessible(): Promise<{ role: string; name: string; ignored: boolean }[]> {
    const { nodes } = (await this.send("Accessibility.getFullAXTree")) as unknown as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    return nodes.map(({ role, name, ignored }) => ({ role: role?.value ?? "", name: name?.value ?? "", ignored }));
  }

  /** Presses a key, as `KeyboardEvent.key` has it. */
  async press(key: string): Promise<void> {
    const codes: Readonly<Record<string, number>> = {
      Tab: 9,
      ArrowLeft: 37,
      ArrowRight: 39,
      Home: 36,
      End: 35,
      " ": 32,
    };
    const event = { key, code: key, windowsVirtualKeyCode: codes[key] ?? 0 };
    await this.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Points at a place of the page. */
  async point(x: number, y: number): Promise<void> {
    await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.child.once("exit", done));
    this.session = undefined;
    void this.send("Browser.close");
    await ended;
    // Its children may write to the profile for a moment longer.
    for (let n = 0; existsSync(this.profile) && n < 40; n++) {
      try {
        rmSync(this.profile, { recursive: true, force: true });
      } catch {
        await new Promise((done) => setTimeout(done, 250));
      }
    }
  }

  private async send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = this.waiting.size + 1;
    const answered = new Promise<Answer>((done) => this.waiting.set(id, done));
    const sessionId = this.session;
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  private receive(text: string): void {
    const parts = (this.held + text).split("\0");
    this.held = parts.pop() ?? "";
    for (const part of parts) {
      const answer = JSON.parse(part) as Answer;
      if (answer.id !== undefined) this.waiting.get(answer.id)?.(answer);
    }
  }
}
