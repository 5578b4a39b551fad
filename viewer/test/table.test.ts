import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { documented, RESULTS, type Results, tableOf } from "../scripts/table.js";

const results = JSON.parse(readFileSync(RESULTS, "utf8")) as Results;

test("the table of docs/web.md is that of the committed results", () => {
  assert.equal(documented(), tableOf(results));
});

test("what a page loads is what was aimed at: 8 MB until the first picture, 24 with the restorer", () => {
  for (const { what, num_bytes } of results.rows) {
    if (what !== "words") assert.ok(num_bytes < (what === "sent" ? 8e6 : 24e6), what);
  }
});

test("the first picture from a warm cache and the next ones come as soon as was aimed at: in 2 s, and in 0.4 s", () => {
  const sent = results.rows.filter(({ kind, what, isolated }) => what === "sent" && (isolated || kind === "base"));
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    ["base", "tokens"],
  );
  for (const { kind, warm, next } of sent) assert.ok(warm.ms < 2000 && next.ms < 400, kind);
});
