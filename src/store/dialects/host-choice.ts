import type { Host } from './server-url.ts';

/**
 * How long a host that said no is left alone before somebody looks whether it is back: one that refused, is not ready or only reads,
 * and one that did not answer at all.
 */
export const passOverMs = { refused: 1_000, silent: 5_000 } as const;

type Mark =
  | { readonly state: 'unknown' }
  | { readonly state: 'in use' }
  | { readonly state: 'passed over'; readonly untilMs: number };

/**
 * Which of several hosts is to be used. The first of the URL is, unless it is passed over; then the next one. A host that was passed
 * over is used again when a look at it has found that it works: no request has to find that out. A lone host is never passed over.
 */
export class HostChoice {
  readonly #hosts: readonly Host[];
  readonly #marks = new Map<Host, Mark>();
  readonly #nowMs: () => number;

  /** @param nowMs a clock that never jumps */
  constructor(hosts: readonly Host[], nowMs: () => number) {
    this.#hosts = hosts;
    this.#nowMs = nowMs;
  }

  /**
   * All hosts, in the order in which to try them: as in the URL, and behind them, for when there is no other, those that are passed
   * over, the one first that is due first.
   */
  order(): readonly Host[] {
    const until = (host: Host): number => {
      const mark = this.#markOf(host);
      return mark.state === 'passed over' ? mark.untilMs : Number.NEGATIVE_INFINITY;
    };
    return this.#hosts.toSorted((a, b) => until(a) - until(b)); // sorting keeps the order of equals
  }

  /** Whether a connection to this host is one to the host that is to be used. */
  isBest(host: Host): boolean {
    return this.order()[0] === host;
  }

  /** @returns whether it was passed over before */
  works(host: Host): boolean {
    const before = this.#markOf(host);
    this.#marks.set(host, { state: 'in use' });
    return before.state === 'passed over';
  }

  /** @returns whether that is news */
  passOver(host: Host, how: keyof typeof passOverMs): boolean {
    if (this.#hosts.length === 1) {
      return false;
    }
    const before = this.#markOf(host);
    this.#marks.set(host, { state: 'passed over', untilMs: this.#nowMs() + passOverMs[how] });
    return before.state !== 'passed over';
  }

  /** A host to look at: its time is up, or nobody has been there yet, while another one is in use. */
  due(): Host | undefined {
    const marks = this.#hosts.map((host) => this.#markOf(host));
    if (!marks.some(({ state }) => state === 'in use')) {
      return undefined;
    }
    return this.#hosts.find((_, index) => {
      const mark = marks[index];
      return mark?.state === 'unknown' || (mark?.state === 'passed over' && mark.untilMs <= this.#nowMs());
    });
  }

  #markOf(host: Host): Mark {
    return this.#marks.get(host) ?? { state: 'unknown' };
  }
}
