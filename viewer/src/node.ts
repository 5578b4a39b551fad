/** For Node: what comes with the package is read from its folder. */
import { readFile } from "node:fs/promises";
import { Tables } from "./tables.js";

const ASSETS = new URL("../../assets/", import.meta.url);

/** Reads a file of `assets/`. */
export function loadAsset(path: string): Promise<Uint8Array> {
  return readFile(new URL(path, ASSETS));
}

/** The tables of the package. */
export function openTables(): Tables {
  return new Tables(loadAsset);
}

export * from "./index.js";
