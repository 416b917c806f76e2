import { StoreError } from '../store-error.ts';
import type { StoreObserver } from '../store-observer.ts';
import { ClockComparison, type ClockReading } from './clock-comparison.ts';
import { HostChoice } from './host-choice.ts';
import type { Host } from './server-url.ts';

/** How long a new connection may take until it can be used: less where there is another host to go to. */
const connectMs = { lone: 5_000, several: 2_000 } as const;
/** An attempt that takes this long was not answered; a host that refuses does so at once. */
const silentMs = 1_000;

/** The servers of one URL, and what this process knows of them. All of its pools share it. */
export class Hosts {
  readonly #hosts: readonly [Host, ...Host[]];
  readonly #choice: HostChoice;
  readonly #clocks: ClockComparison;
  readonly #observer: StoreObserver;
  #isLooking = false;

  constructor(hosts: readonly [Host, ...Host[]], observer: StoreObserver) {
    this.#hosts = hosts;
    this.#choice = new HostChoice(hosts, () => performance.now());
    this.#clocks = new ClockComparison(hosts, (names, ms) => observer.clocksDiffer(names, ms));
    this.#observer = observer;
  }

  get areSeveral(): boolean {
    return this.#hosts.length > 1;
  }

  get connectMs(): number {
    return this.areSeveral ? connectMs.several : connectMs.lone;
  }

  /** Whether a connection to this host is one to the host that is to be used now. */
  isBest(host: Host): boolean {
    return this.#choice.isBest(host);
  }

  /** A connection that was in use has shown that its host cannot do the work. */
  passOver(host: Host, reason: string): void {
    this.#passOver(host, reason, 'refused');
  }

  clockWasRead(host: Host, reading: ClockReading): void {
    this.#clocks.wasRead(host, reading);
  }

  /**
   * Opens a connection to the first host that takes it.
   *
   * @throws StoreError that says of each host why not
   */
  async reach<Connection>(open: (host: Host) => Promise<Connection>): Promise<Connection> {
    const failures: { readonly host: Host; readonly error: StoreError }[] = [];
    for (const host of this.#choice.order()) {
      try {
        return await this.#attempt(host, open);
      } catch (error) {
        if (!(error instanceof StoreError)) {
          throw error;
        }
        failures.push({ host, error });
      }
    }
    const [only] = failures;
    if (only !== undefined && failures.length === 1) {
      throw only.error;
    }
    const isWorthARetry = failures.some(({ error }) => error.kind !== 'unavailable');
    throw new StoreError(
      isWorthARetry ? 'retryable' : 'unavailable',
      failures.map(({ host, error }) => `${host.name}: ${error.message}`).join('; '),
      failures[0]?.error,
    );
  }

  /**
   * Looks in the background at one host that is due, with a connection of its own that is closed again. So a host that is back, and
   * one that nobody needed so far, is known before a request needs it. One look at a time.
   */
  look(open: (host: Host) => Promise<{ close(): void }>): void {
    const host = this.#isLooking ? undefined : this.#choice.due();
    if (host !== undefined) {
      this.#isLooking = true;
      this.#attempt(host, open)
        .then((connection) => connection.close())
        .catch(() => {}) // that it is passed over has been told
        .finally(() => {
          this.#isLooking = false;
        });
    }
  }

  async #attempt<Connection>(host: Host, open: (host: Host) => Promise<Connection>): Promise<Connection> {
    const startedMs = performance.now();
    try {
      const connection = await open(host);
      if (this.#choice.works(host)) {
        this.#observer.hostIsBack(host.name);
      }
      return connection;
    } catch (error) {
      const isSilent = performance.now() - startedMs > silentMs;
      this.#passOver(host, error instanceof Error ? error.message : '', isSilent ? 'silent' : 'refused');
      throw error;
    }
  }

  #passOver(host: Host, reason: string, how: 'refused' | 'silent'): void {
    if (this.#choice.passOver(host, how)) {
      this.#observer.hostPassedOver(host.name, reason);
    }
  }
}
