import { type Family, parseFamily } from "./tokens/family.js";
import { parseRegionTable, type RegionTable } from "./regions/table.js";
import { parseTextTable, type TextTable } from "./words/table.js";

/** Gives a file of the package's data ("tables/text-2.bin.gz") as bytes. */
export type Load = (path: string) => Promise<Uint8Array>;

/** A table that comes with the package: its file, and the first 32 bits of its SHA-256. */
export interface TableFile {
  readonly file: string;
  readonly seed: number;
  /** Of the table that has the arrays which this one only names, or whose words it is made of. */
  readonly base?: number;
}

/** Files name tables by number, for ever: append only, old ones stay. */
export const TEXT_TABLES: Readonly<Record<number, TableFile>> = {
  1: { file: "text-1", seed: 0x6e233031 },
  2: { file: "text-2", seed: 0x6df9027d, base: 1 },
};
export const REGION_TABLES: Readonly<Record<number, TableFile>> = {
  1: { file: "regions-1", seed: 0x2b84c9ae, base: 2 },
};
export const FAMILIES: Readonly<Record<number, TableFile>> = {
  1: { file: "family-1", seed: 0xbe3a1789 },
};

export const STRUCTURE_FAMILIES: Readonly<Record<number, TableFile>> = {
  1: { file: "structure-1", seed: 0x5e7d3d2e },
};

/** Tables, each loaded when it is first asked for and kept. All give null for a number that this build does not have. */
export class Tables {
  private readonly bytes = new Map<string, Promise<Uint8Array>>();
  private readonly parsed = new Map<string, Promise<unknown>>();

  constructor(private readonly load: Load) {}

  text(number: number): Promise<TextTable> | null {
    const table = TEXT_TABLES[number];
    if (table === undefined) return null;
    return this.once(table, async (bytes) => {
      const base = table.base === undefined ? null : await this.fetch(TEXT_TABLES[table.base]);
      return parseTextTable(bytes, table.seed, base);
    });
  }

  regions(number: number): Promise<RegionTable> | null {
    const table = REGION_TABLES[number];
    if (table === undefined) return null;
    return this.once(table, async (bytes) => {
      const text = await this.text(table.base ?? 0);
      if (text === null) throw new Error(`${table.file} is made of the words of no text table`);
      return parseRegionTable(bytes, table.seed, text);
    });
  }

  family(number: number): Promise<Family> | null {
    const table = FAMILIES[number];
    if (table === undefined) return null;
    return this.once(table, async (bytes) => parseFamily(bytes, number, table.seed));
  }

  structure(number: number): Promise<Family> | null {
    const table = STRUCTURE_FAMILIES[number];
    if (table === undefined) return null;
    return this.once(table, async (bytes) => parseFamily(bytes, number, table.seed));
  }

  private once<Table>(table: TableFile, parse: (bytes: Uint8Array) => Promise<Table>): Promise<Table> {
    return kept(this.parsed as Map<string, Promise<Table>>, table.file, async () => parse(await this.fetch(table)));
  }

  private fetch(table: TableFile): Promise<Uint8Array> {
    return kept(this.bytes, table.file, async () => gunzip(await this.load(`tables/${table.file}.bin.gz`)));
  }
}

/** What a map keeps of a promise; one that fails is asked for again. */
export function kept<Value>(map: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  let promise = map.get(key);
  if (promise === undefined) {
    promise = make();
    map.set(key, promise);
    promise.catch(() => map.delete(key));
  }
  return promise;
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
