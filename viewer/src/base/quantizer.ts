import type { BasePicture } from "../types.js";

const MAX_TILE_WIDTH = 4096;
const MAX_TILE_AREA = 4096 * 2304;
const MAX_TILES = 64;

/**
 * `base_q_idx` of a frame header (AV1 specification, 5.9), 0 (finest) to 255; null where the frame has tiles or a
 * shown size of its own. It says how good the picture is and changes nothing of what it means.
 */
export function quantizerOf(base: BasePicture): number | null {
  const bits = new HeaderBits(base.frame);
  bits.take(); // disable_cdf_update
  const hasScreenContent = bits.take();
  if (hasScreenContent) bits.take(); // force_integer_mv
  if (bits.take()) return null; // render_and_frame_size_different
  if (hasScreenContent) bits.take(); // allow_intrabc
  if (!bits.take()) return null; // uniform_tile_spacing_flag
  skipTiles(bits, base);
  let quantizer = 0;
  for (let bit = 0; bit < 8; bit++) quantizer = 2 * quantizer + bits.take();
  return bits.isInside ? quantizer : null;
}

/** tile_info (5.9.15). */
function skipTiles(bits: HeaderBits, { width, height, tools }: BasePicture): void {
  const sideLog2 = tools & 1 ? 7 : 6; // of superblocks
  const superblocks = (side: number) => Math.ceil((Math.ceil(side / 8) * 8) / 2 ** sideLog2);
  const [columns, rows] = [superblocks(width), superblocks(height)];
  const leastColumns = tileLog2(MAX_TILE_WIDTH >> sideLog2, columns);
  const columnsLog2 = increments(bits, leastColumns, tileLog2(1, Math.min(columns, MAX_TILES)));
  const leastTiles = Math.max(leastColumns, tileLog2(MAX_TILE_AREA >> (2 * sideLog2), rows * columns));
  const rowsLog2 = increments(bits, Math.max(leastTiles - columnsLog2, 0), tileLog2(1, Math.min(rows, MAX_TILES)));
  if (columnsLog2 + rowsLog2 > 0) {
    for (let bit = 0; bit < columnsLog2 + rowsLog2 + 2; bit++) bits.take(); // context_update_tile_id, tile_size_bytes
  }
}

function increments(bits: HeaderBits, least: number, most: number): number {
  let found = least;
  while (found < most && bits.take()) found++;
  return found;
}

/** The least k for which `unit << k` reaches the target. */
function tileLog2(unit: number, target: number): number {
  let found = 0;
  while (unit * 2 ** found < target) found++;
  return found;
}

/** Bits from the first on; behind the last they are 0. */
class HeaderBits {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isInside(): boolean {
    return this.at <= 8 * this.bytes.length;
  }

  take(): number {
    const at = this.at++;
    return at >> 3 < this.bytes.length ? (this.bytes[at >> 3] >> (7 - (at & 7))) & 1 : 0;
  }
}
