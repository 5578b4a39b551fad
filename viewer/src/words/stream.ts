import { CheckedStream, SHIFTS_PER_CHECK } from "../entropy/checks.js";

/** A stream whose checks come after the first symbol with which 64, 128, 192 ... shifts are reached. */
export class TextStream extends CheckedStream {
  private nextCheck = SHIFTS_PER_CHECK;

  /** `onCheck` is called after each check that holds. */
  constructor(
    payload: Uint8Array,
    seed: number,
    private readonly onCheck: () => void,
  ) {
    super(payload, seed);
  }

  override count(symbol: number): number {
    super.count(symbol);
    if (this.decoder.numShifts >= this.nextCheck) {
      this.nextCheck += SHIFTS_PER_CHECK;
      this.check();
      this.onCheck();
    }
    return symbol;
  }
}
