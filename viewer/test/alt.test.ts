import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { altOf, wordsOfRegions } from "../src/alt.js";

const COMMAND = new URL("../../../src/semcodec/metadata/alt.py", import.meta.url);

test("a human's words are given as they are, a machine's as a guess in their language", () => {
  assert.equal(altOf({ text: " Two\nmacaws. ", origin: "human", language: "en" }), "Two macaws.");
  assert.equal(altOf({ text: "a dog", origin: "machine", language: "und" }), "May show: a dog");
  assert.equal(altOf({ text: "ein Hund", origin: "machine", language: "de-CH" }), "Zeigt vielleicht: ein Hund");
});

test("a guess begins as `semcodec info --alt` begins it, in every language", () => {
  const table = readFileSync(COMMAND, "utf8").split("_MAY_SHOW = {")[1].split("}")[0];
  const begins = [...table.matchAll(/"(.+?)": "(.+?)",/g)];
  assert.ok(begins.length > 20);
  for (const [, language, begin] of begins) {
    assert.equal(altOf({ text: "?", origin: "machine", language }), `${begin}: ?`);
  }
});

test("regions say what words do not, each phrase once", () => {
  const box = { x: 0, y: 0, w: 1, h: 1 };
  const items = ["a dog", "a ball", "a dog"].map((phrase) => ({ ...box, phrase }));
  assert.equal(wordsOfRegions({ items, language: "en", origin: "human" }).text, "a dog, a ball");
});
