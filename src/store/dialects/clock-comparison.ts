import type { Host } from './server-url.ts';

/** Beyond it operators are warned: a fail-over moves every deadline by the difference. */
const differenceMsMax = 500;
/** The clock between readings is this process's own, which drifts: older readings are not compared. */
const readingMsMax = 600_000;

/** A reading of a server's clock, in ms since 1970, and when it was asked for and came in, in ms of a clock that never jumps. */
export type ClockReading = {
  readonly serverMs: number;
  readonly askedMs: number;
  readonly cameMs: number;
};

/**
 * Compares the clocks of several hosts by readings of different moments. The server read its clock somewhere between the question and
 * the answer, so a difference is known only as far as it is larger than that uncertainty: the network's delay is never taken for one.
 */
export class ClockComparison {
  readonly #hosts: readonly Host[];
  readonly #differ: (hosts: readonly [string, string], differenceMs: number) => void;
  readonly #readings = new Map<Host, ClockReading>();
  readonly #told = new Set<Host>();

  /** @param differ told of the host that the others are compared with, of the other one, and by how much at least they differ */
  constructor(
    hosts: readonly Host[],
    differ: (hosts: readonly [string, string], differenceMs: number) => void,
  ) {
    this.#hosts = hosts;
    this.#differ = differ;
  }

  wasRead(host: Host, reading: ClockReading): void {
    this.#readings.set(host, reading);
    const fresh = (known: Host): boolean =>
      (this.#readings.get(known)?.cameMs ?? Number.NEGATIVE_INFINITY) > reading.cameMs - readingMsMax;
    // All are compared with one, so that one wrong clock gives one line and not one for each pair.
    const [reference, ...others] = this.#hosts.filter(fresh);
    for (const other of reference === host ? others : [host]) {
      if (reference !== undefined && other !== reference) {
        this.#compare(reference, other);
      }
    }
  }

  #compare(reference: Host, other: Host): void {
    const a = offsets(this.#readings.get(reference));
    const b = offsets(this.#readings.get(other));
    const differenceMs = Math.round(Math.max(a.leastMs - b.mostMs, b.leastMs - a.mostMs));
    if (differenceMs <= differenceMsMax) {
      this.#told.delete(other);
    } else if (!this.#told.has(other)) {
      this.#told.add(other);
      this.#differ([reference.name, other.name], differenceMs);
    }
  }
}

/** How far the server's clock is ahead of ours, at least and at most. It shows whole ms. */
function offsets(reading: ClockReading | undefined): { readonly leastMs: number; readonly mostMs: number } {
  if (reading === undefined) {
    return { leastMs: Number.NEGATIVE_INFINITY, mostMs: Number.POSITIVE_INFINITY };
  }
  return { leastMs: reading.serverMs - reading.cameMs, mostMs: reading.serverMs + 1 - reading.askedMs };
}
