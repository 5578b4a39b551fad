import type { CheckedStream } from "../entropy/checks.js";
import type { Context } from "./context.js";
import type { SymbolTree } from "./family.js";
import type { Scale } from "./grid.js";

/** The next symbol of a tree: the leaf that the context leads to codes it. */
export function readSymbol(stream: CheckedStream, tree: SymbolTree, context: Context): number {
  const { nodes } = tree;
  let node = nodes.length === 0 ? -1 : 0;
  while (node >= 0) {
    const at = 4 * node;
    node = context.feature(nodes[at]) <= nodes[at + 1] ? nodes[at + 2] : nodes[at + 3];
  }
  return stream.symbol(tree.starts, (-1 - node) * tree.leafLength);
}

/** A token whose place the context stands at: its length, then as many digits; the others are in the middle. */
export function readToken(
  stream: CheckedStream,
  trees: readonly SymbolTree[],
  context: Context,
  scale: Scale,
): Uint8Array {
  const length = readSymbol(stream, trees[0], context);
  context.length = length;
  while (context.numCoded < length) context.push(readSymbol(stream, trees[context.numCoded + 1], context));
  const digits = scale.middles.slice();
  digits.set(context.digits.subarray(0, length));
  return digits;
}

/** Lays a token into its scale. */
export function placeToken(scale: Scale, token: number, digits: Uint8Array): void {
  scale.digits.set(digits, token * scale.numDigits);
  let activity = 0;
  for (let digit = 0; digit < digits.length; digit++) activity += scale.magnitudes[256 * digit + digits[digit]];
  scale.activity[token] = activity;
}
