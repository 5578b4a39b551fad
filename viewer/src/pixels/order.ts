/** A cell and the two that it lies between, as places in the grid. */
export interface Between {
  readonly cell: number;
  readonly one: number;
  readonly other: number;
}

/** All cells but the first, coarse to fine. Of two that a cell lies between one may be outside: it is the other then. */
export function* cellsOf(rows: number, columns: number): Generator<Between> {
  let longer = 1;
  while (longer < Math.max(rows, columns)) longer *= 2;
  for (let step = longer; step >= 2; step /= 2) {
    const half = step / 2;
    for (let row = 0; row < rows; row += step) {
      for (let column = half; column < columns; column += step) {
        const one = row * columns + column - half;
        const other = column + half < columns ? one + step : one;
        yield { cell: row * columns + column, one, other };
      }
    }
    for (let row = half; row < rows; row += step) {
      for (let column = 0; column < columns; column += half) {
        const one = (row - half) * columns + column;
        const other = row + half < rows ? one + step * columns : one;
        yield { cell: row * columns + column, one, other };
      }
    }
  }
}
