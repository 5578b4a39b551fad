export * from "./errors.js";
export { DEFAULT_LIMITS, type Limits } from "./limits.js";
export { type Reading, type ReadOptions, read, readWords } from "./read.js";
export { type Load, Tables } from "./tables.js";
export * from "./types.js";
