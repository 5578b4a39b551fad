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
