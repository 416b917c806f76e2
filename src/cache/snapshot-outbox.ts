import { setTimeout as pause, setImmediate as restOfTurn } from 'node:timers/promises';
import type { ProductSnapshot } from '../domain/product.ts';
import { isNewer } from './snapshot-cache.ts';

/**
 * The least time between two messages to one process: a busy product changes hundreds of times a second, and each
 * message costs both sides some 10 µs.
 */
const sendEveryMs = 5;

/**
 * Snapshots on their way to another process: the first at the end of the event loop's turn, and while a message is
 * under way the newest of each product waits. So it never holds more than there are products, however slow the
 * other one is.
 */
export class SnapshotOutbox {
  readonly #send: (snapshots: readonly ProductSnapshot[]) => Promise<void>;
  readonly #unsent = new Map<number, ProductSnapshot>();
  #isSending = false;

  /** @param send resolves when the next message may follow; never rejects */
  constructor(send: (snapshots: readonly ProductSnapshot[]) => Promise<void>) {
    this.#send = send;
  }

  put(snapshot: ProductSnapshot): void {
    const waiting = this.#unsent.get(snapshot.id);
    if (waiting === undefined || isNewer(snapshot, waiting)) {
      this.#unsent.set(snapshot.id, snapshot);
    }
    if (!this.#isSending) {
      this.#isSending = true;
      this.#sendWhileThereAre();
    }
  }

  /** Forgets what is not under way yet. */
  clear(): void {
    this.#unsent.clear();
  }

  async #sendWhileThereAre(): Promise<void> {
    // All that one commit left goes together.
    await restOfTurn();
    while (this.#unsent.size > 0) {
      const batch = [...this.#unsent.values()];
      this.#unsent.clear();
      await Promise.all([this.#send(batch), pause(sendEveryMs)]);
    }
    this.#isSending = false;
  }
}
