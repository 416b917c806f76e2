import { randomUUID } from 'node:crypto';
import type { SaleTotals } from '../telemetry/metrics/process-counts.ts';
import { countsBetween } from './second-counts.ts';
import { secondFrom, secondText } from './second-text.ts';
import type { SecondsLink } from './seconds-link.ts';
import { type SaleSecond, SecondsRing } from './seconds-ring.ts';

/** How long after the end of a second the others' counts of it are waited for. With those that come later it is told again. */
const waitForOthersMs = 400;
/** A timer may be early by a millisecond. */
const afterEndMs = 5;
/** A clock that goes back by more, in s, was set back: what it has counted since is of a time that comes again. */
const backMax = 5;

export type SaleSecondsOptions = {
  /** What this process has counted since it started. */
  readonly totals: () => SaleTotals;
  /** The database's clock: processes and nodes have to mean the same second. */
  readonly nowMs: () => number;
  /** Where other processes serve the same sale. */
  readonly link: SecondsLink | null;
};

/**
 * How the sale goes, second by second: what this process counts and what the others tell of theirs. It runs whether or not somebody
 * watches, so that the past five minutes are there for whoever begins to; that costs one subtraction a second.
 */
export class SaleSeconds {
  readonly #options: SaleSecondsOptions;
  readonly #ring = new SecondsRing();
  readonly #name = randomUUID();
  #before: SaleTotals | null = null;
  #recorded = 0;
  #passed = 0;
  #timer: NodeJS.Timeout | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #told: () => void = () => {};

  constructor(options: SaleSecondsOptions) {
    this.#options = options;
    options.link?.listen((text) => {
      const shared = secondFrom(text);
      if (shared !== null && shared.from !== this.#name) {
        const toldWith = Math.max(shared.second, this.#passed + 1);
        this.#ring.add(shared.second, shared.counts, this.#nowSecond(), toldWith);
      }
    });
  }

  /** Calls back each time that a second has passed and all who are in time have told of it. */
  listen(told: () => void): void {
    this.#told = told;
  }

  start(): void {
    this.#before = this.#options.totals();
    this.#recorded = this.#nowSecond() - 1;
    this.#passed = this.#recorded;
    this.#sleep();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#waiting);
  }

  /** The newest second that viewers were told of. */
  get newest(): number {
    return this.#passed;
  }

  /** The seconds that have passed behind `second`, and those that have changed since it was told, of the last five minutes at most. */
  after(second: number | null): readonly SaleSecond[] {
    return this.#ring.between(second, this.#passed);
  }

  #nowSecond(): number {
    return Math.floor(this.#options.nowMs() / 1000);
  }

  /** Until the second that is under way has ended. */
  #sleep(): void {
    const nowMs = this.#options.nowMs();
    this.#timer = setTimeout(() => this.#record(), 1000 - (nowMs % 1000) + afterEndMs);
    this.#timer.unref();
  }

  #record(): void {
    const ended = this.#nowSecond() - 1;
    if (ended < this.#recorded - backMax) {
      this.#ring.clear();
      clearTimeout(this.#waiting);
      this.#recorded = ended - 1;
      this.#passed = this.#recorded;
    }
    // What is known of the clock of a database changes by some milliseconds: no second comes twice because of it.
    if (ended > this.#recorded && this.#before !== null) {
      const totals = this.#options.totals();
      const counts = countsBetween(this.#before, totals);
      this.#before = totals;
      this.#recorded = ended;
      this.#ring.add(ended, counts, ended);
      const { link } = this.#options;
      link?.share(secondText({ from: this.#name, second: ended, counts }));
      if (link === null) {
        this.#pass(ended);
      } else {
        this.#waiting = setTimeout(() => this.#pass(ended), waitForOthersMs);
        this.#waiting.unref();
      }
    }
    this.#sleep();
  }

  #pass(second: number): void {
    this.#passed = second;
    this.#told();
  }
}
