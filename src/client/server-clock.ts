import type { Device } from './device.ts';

/** The `Date` header names the second in which an answer was made, not when in it. */
const secondMs = 1_000;

/**
 * The server's time as far as its answers tell. What is kept is by how much the server is ahead of the device, as a lower and an upper
 * bound that every answer can narrow:
 *
 * - `Date: D` means that the server's clock showed between D and D + 1 s somewhere between request and answer;
 * - a message of a stream with `now: N` was made at N and arrived later.
 *
 * The estimate is the middle, so it is wrong by at most half of what is between the bounds: half a second and half of a round trip after
 * the first answer, less with each further one, down to about half a round trip. Bounds that contradict each other mean that a clock was
 * set; then only the new ones count.
 */
export class ServerClock {
  readonly #device: Device;
  #aheadMsMin = Number.NEGATIVE_INFINITY;
  #aheadMsMax = Number.POSITIVE_INFINITY;

  constructor(device: Device) {
    this.#device = device;
  }

  /** The server's time in ms since 1970; the device's as long as nothing is known. */
  nowMs(): number {
    return this.#device.nowMs() + this.#aheadMs();
  }

  /** An answer has arrived just now. A header that is missing or cannot be read tells nothing. */
  answered(dateHeader: string | null, sentAtMs: number): void {
    const dateMs = Date.parse(dateHeader ?? '');
    if (!Number.isNaN(dateMs)) {
      this.#narrow(dateMs - this.#device.nowMs(), dateMs + secondMs - sentAtMs);
    }
  }

  /** A message of a stream has arrived just now. It may have been on its way for long, so it says only how late it is at least. */
  told(now: string): void {
    const nowMs = Date.parse(now);
    if (!Number.isNaN(nowMs)) {
      this.#narrow(nowMs - this.#device.nowMs(), Number.POSITIVE_INFINITY);
    }
  }

  #narrow(aheadMsMin: number, aheadMsMax: number): void {
    const min = Math.max(this.#aheadMsMin, aheadMsMin);
    const max = Math.min(this.#aheadMsMax, aheadMsMax);
    const agree = min <= max;
    this.#aheadMsMin = agree ? min : aheadMsMin;
    this.#aheadMsMax = agree ? max : aheadMsMax;
  }

  #aheadMs(): number {
    const [min, max] = [this.#aheadMsMin, this.#aheadMsMax];
    if (Number.isFinite(min) && Number.isFinite(max)) {
      return (min + max) / 2;
    }
    return Number.isFinite(min) ? min : 0;
  }
}
