/** The small functions that finding a symbol by halving is made of (chapter 5, appendix A). */

/** A count from its byte: exact below 128, then with 4 bits behind the leading one. */
export function countOf(code: number): number {
  return code < 128 ? code : (16 + (code & 15)) << (3 + ((code - 128) >> 4));
}

/** How much was seen: `count` times, of `kinds` different symbols (0: nothing). */
export function binOf(count: number, kinds: number): number {
  const bits = 32 - Math.clz32(count);
  if (kinds === 1 && count >= 2) return Math.min(12 + bits, 17);
  return count <= 3 ? count : Math.min(1 + bits, 13);
}

/** The point inside (low, high) that halves the counts best; the lower one on a tie. */
export function splitOf(base: ArrayLike<number>, low: number, high: number): number {
  const half = Math.floor((base[low] + base[high]) / 2);
  const split = lowerBound(base, half, low + 1, high - 1);
  return split - 1 > low && half - base[split - 1] <= base[split] - half ? split - 1 : split;
}

/** The first place in [first, last) whose item is not below `wanted`, or `last`. */
export function lowerBound(items: ArrayLike<number>, wanted: number, first: number, last: number): number {
  while (first < last) {
    const middle = (first + last) >> 1;
    if (items[middle] < wanted) first = middle + 1;
    else last = middle;
  }
  return first;
}
