export * from "./errors.js";
export { DEFAULT_LIMITS, type Limits } from "./limits.js";
export { type Opened, openRuntime } from "./painters/graphs.js";
export { type Joined, join } from "./packets/join.js";
export { type DecodeAvif, Painter, type PainterOptions, type Painting } from "./painters/painter.js";
export { fromRgba, type Picture, toRgba } from "./painters/picture.js";
export { type Reading, type ReadOptions, read, readWords } from "./read.js";
export { type Load, Tables } from "./tables.js";
export * from "./types.js";
