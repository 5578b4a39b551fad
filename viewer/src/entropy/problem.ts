import { DamagedError, type FormatError, TruncatedError } from "../errors.js";
import type { Section } from "../types.js";
import type { Ending } from "./checks.js";

/** What is wrong with a payload of tokens or pixels of which a beginning is good. */
export function problemOf(what: string, section: Section, ending: Ending, at: number): FormatError | null {
  const end = section.offset + section.payload.length;
  switch (ending.kind) {
    case "end":
      return null;
    case "short":
      return section.openEnd ? null : new TruncatedError(`the file ends inside ${what}: fetch the rest`, end);
    case "wrong":
      return new DamagedError(`${what} is damaged: ${ending.says}; what came before was kept`, at);
    case "other end":
      return new DamagedError(`${what} ends before its payload: the file is damaged or has bytes appended`, at);
  }
}
