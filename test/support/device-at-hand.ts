import type { Device } from '../../src/client/device.ts';
import { until } from './until.ts';

type Waiting = { readonly delayMs: number; readonly over: () => void };

/** A device whose time stands still until the test lets a pause or a limit pass. */
export class DeviceAtHand implements Device {
  /** How far the device's clock is from the host's. */
  wrongByMs = 0;
  /** The pauses that have passed. */
  readonly pausesMs: number[] = [];
  readonly #startMs = Date.now();
  readonly #pauses: Waiting[] = [];
  readonly #limits = new Set<Waiting>();
  #elapsedMs = 0;
  #passesAll = false;

  nowMs(): number {
    return this.#startMs + this.#elapsedMs + this.wrongByMs;
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  random(): number {
    return 0;
  }

  later(callback: () => void, delayMs: number): () => void {
    const limit = { delayMs, over: callback };
    this.#limits.add(limit);
    return () => this.#limits.delete(limit);
  }

  pause(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      const pause = { delayMs, over: resolve };
      if (this.#passesAll) {
        this.#pass(pause);
      } else {
        this.#pauses.push(pause);
      }
    });
  }

  /** Whether something pauses. */
  get isPausing(): boolean {
    return this.#pauses.length > 0;
  }

  /** Waits for the next pause and lets it pass. Resolves to how long it was. */
  async passPause(): Promise<number> {
    const pause = await until(() => this.#pauses.shift());
    this.#pass(pause);
    return pause.delayMs;
  }

  /** From now on no pause takes any time. */
  passPauses(): void {
    this.#passesAll = true;
    for (const pause of this.#pauses.splice(0)) {
      this.#pass(pause);
    }
  }

  /** Waits for a limit of this length to be set, and lets it pass. */
  async passLimit(delayMs: number): Promise<void> {
    const limit = await until(() => [...this.#limits].find((each) => each.delayMs === delayMs));
    this.#limits.delete(limit);
    this.#elapsedMs += delayMs;
    limit.over();
  }

  #pass({ delayMs, over }: Waiting): void {
    this.#elapsedMs += delayMs;
    this.pausesMs.push(delayMs);
    over();
  }
}
