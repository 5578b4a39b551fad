/** The field of 256 numbers of chapter 14: bytes are polynomials over GF(2), taken modulo x^8 + x^4 + x^3 + x^2 + 1. */
const POLYNOMIAL = 0x11d;
const ORDER = 255; // of the numbers but 0, all of which are powers of 2

/** The powers of 2, twice over: a sum of two logarithms finds its power without a division. */
const POWER = new Uint8Array(2 * ORDER);
const LOG = new Uint8Array(ORDER + 1);
for (let log = 0, power = 1; log < ORDER; log++) {
  POWER[log] = POWER[log + ORDER] = power;
  LOG[power] = log;
  power <<= 1;
  if (power > ORDER) power ^= POLYNOMIAL;
}

export function product(one: number, other: number): number {
  return one === 0 || other === 0 ? 0 : POWER[LOG[one] + LOG[other]];
}

/** 1 divided by a number that is not 0. */
export function inverse(number: number): number {
  return POWER[ORDER - LOG[number]];
}

/** Adds numbers, each times a factor, to a row that is at least as long. */
export function addTimes(row: Uint8Array, factor: number, numbers: Uint8Array): void {
  if (factor === 0) return;
  for (let at = 0; at < numbers.length; at++) row[at] ^= product(factor, numbers[at]);
}

/**
 * The unknown rows of as many sums: `factors[i][j]` says how often row j is in `sums[i]`. Every square part of the
 * factors can be inverted (they are a Cauchy matrix), so no pivot is looked for.
 */
export function solved(factors: readonly Uint8Array[], sums: readonly Uint8Array[]): Uint8Array[] {
  const lines = sums.map((sum, at) => ({ factors: Uint8Array.from(factors[at]), sum: Uint8Array.from(sum) }));
  lines.forEach((line, at) => {
    const scale = inverse(line.factors[at]);
    for (const numbers of [line.factors, line.sum]) numbers.forEach((value, n) => (numbers[n] = product(scale, value)));
    for (const other of lines) {
      if (other === line) continue;
      const factor = other.factors[at];
      addTimes(other.factors, factor, line.factors);
      addTimes(other.sum, factor, line.sum);
    }
  });
  return lines.map(({ sum }) => sum);
}
