/** What page and worker tell each other. */
import * as errors from "../errors.js";
import type { Reading } from "../read.js";

/** The WebAssembly of ONNX Runtime, where a page has it. */
export const RUNTIME = "ort.wasm";

export interface Setup {
  /** Where tables and networks are; null: the page is asked for each. */
  readonly assets: string | null;
  /** Where another runtime is than beside the worker. */
  readonly runtime?: string;
  /** How many numbers of paintings are taken. */
  readonly numPainted: number;
}

export type Method = "read" | "paint" | "restore";

/** From the page: a call, or a file that was asked for. */
export type Request =
  | { readonly setup: Setup }
  | { readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly path: string; readonly bytes: Uint8Array | null };

/** From the worker: a result, or a file that is wanted. */
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: PlainError }
  | { readonly wanted: string };

/** An error as it survives being copied: classes do not. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly offset: number | null;
}

export type PlainReading = Omit<Reading, "problems"> & { readonly problems: readonly PlainError[] };

export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), offset: null };
  const offset = error instanceof errors.FormatError || error instanceof errors.LimitError ? error.offset : null;
  return { name: error.name, message: error.message, offset };
}

export function plainReading(reading: Reading): PlainReading {
  return { ...reading, problems: reading.problems.map(plainError) };
}

export function revivedReading(reading: PlainReading): Reading {
  return { ...reading, problems: reading.problems.map((problem) => revivedError(problem) as errors.FormatError) };
}

/** The error again, of its own class. */
export function revivedError({ name, message, offset }: PlainError): Error {
  const Class = (errors as unknown as Record<string, new (message: string, offset: null) => Error>)[name];
  if (Class === undefined) return Object.assign(new Error(message), { name });
  return Object.assign(new Class(message, null), { offset });
}
