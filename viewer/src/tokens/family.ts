/** The tree of one symbol: nodes of feature, threshold, low child, high child; a child below 0 is leaf -1 - child. */
export interface SymbolTree {
  readonly nodes: Int16Array;
  /** Cumulative frequencies of each leaf, `leafLength` numbers each. */
  readonly starts: Uint16Array;
  readonly leafLength: number;
}

/** The token format of one set of networks and the tables that its digits are coded with: chapter 6 and appendix A. */
export interface Family {
  readonly number: number;
  readonly name: string;
  /** One entry a scale, coarse to fine, here and below. */
  readonly strides: readonly number[];
  /** Levels of each digit. */
  readonly levels: readonly (readonly number[])[];
  /** Tokens along the side of a block. */
  readonly blocks: readonly number[];
  /** Of a token's length, then of each of its digits. */
  readonly trees: readonly (readonly SymbolTree[])[];
  readonly seed: number;
}

interface Description {
  readonly name: string;
  readonly strides: readonly number[];
  readonly levels: readonly (readonly number[])[];
  readonly blocks: readonly number[];
  readonly num_nodes: readonly (readonly number[])[];
  readonly num_leaves: readonly (readonly number[])[];
}

export function parseFamily(bytes: Uint8Array, number: number, seed: number): Family {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x5346414d) throw new Error("no family: it does not begin with SFAM");
  const length = view.getUint32(4, true);
  const about = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Description;
  let at = 8 + length;
  const trees = about.levels.map((levels, scale) =>
    [levels.length + 1, ...levels].map((numValues, symbol): SymbolTree => {
      const nodes = new Int16Array(4 * about.num_nodes[scale][symbol]);
      for (let n = 0; n < nodes.length; n++, at += 2) nodes[n] = view.getInt16(at, true);
      const leafLength = numValues + 1;
      const starts = new Uint16Array(about.num_leaves[scale][symbol] * leafLength);
      for (let leaf = 0; leaf < starts.length; leaf += leafLength) {
        for (let value = 0; value < numValues; value++, at += 2) {
          starts[leaf + value + 1] = starts[leaf + value] + view.getUint16(at, true);
        }
      }
      return { nodes, starts, leafLength };
    }),
  );
  const { name, strides, levels, blocks } = about;
  return { number, name, strides, levels, blocks, trees, seed };
}
