import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { heartbeat, retryText } from './event-text.ts';

const heartbeatMs = 15_000;
/** What may wait for a viewer who does not read, besides its first message. */
const unsentBytesMax = 64 * 1024;
/** So many viewers are written to in one turn of the event loop: about a millisecond, after which requests have theirs. */
const viewersPerTurn = 100;

export type ViewersMax = {
  readonly max: number;
  /** 0: no bound. */
  readonly perAddressMax: number;
};

type Viewer = {
  readonly address: string;
  /** The bytes that may wait for it. */
  readonly unsentMax: number;
};

/**
 * Those who get the same messages. A viewer who does not read them is let go and comes back by itself, so none of them costs more than
 * what may wait for it. All messages reach each viewer in the order in which they were sent.
 */
export class Viewers {
  readonly #max: number;
  readonly #perAddressMax: number;
  readonly #left: () => void;
  readonly #streams = new Map<ServerResponse, Viewer>();
  /** Only addresses that have streams. */
  readonly #perAddress = new Map<string, number>();
  #heartbeat: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** @param left called when the last one has left */
  constructor({ max, perAddressMax }: ViewersMax, left: () => void) {
    this.#max = max;
    this.#perAddressMax = perAddressMax;
    this.#left = left;
  }

  get size(): number {
    return this.#streams.size;
  }

  get isFull(): boolean {
    return this.#streams.size >= this.#max;
  }

  /** Whether an address has as many streams as one address may have. */
  isFullFor(address: string): boolean {
    return this.#perAddressMax > 0 && (this.#perAddress.get(address) ?? 0) >= this.#perAddressMax;
  }

  /**
   * Begins a stream whose head was written. Whatever is sent from now on reaches it.
   *
   * @param address the unit that is counted for `perAddressMax`
   * @param first what the others know already
   */
  add(stream: ServerResponse, address: string, first: Buffer): void {
    this.#streams.set(stream, { address, unsentMax: unsentBytesMax + first.length });
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    stream.once('close', () => this.#leave(stream));
    // An error ends the stream, and its end is all that matters.
    stream.on('error', () => {});
    stream.write(retryText());
    stream.write(first);
    this.#heartbeat ??= setInterval(() => this.send(heartbeat), heartbeatMs);
    if (stream.destroyed) {
      this.#leave(stream);
    } else if (this.#isClosed) {
      end(stream);
    }
  }

  /** Resolves when it was written to all, or they were let go. Never rejects. */
  send(bytes: Buffer): Promise<void> {
    const streams = [...this.#streams.keys()];
    this.#sending = this.#sending.then(() => this.#write(streams, bytes));
    return this.#sending;
  }

  /** Ends all streams, and those that may still come. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.keys()) {
      end(stream);
    }
  }

  async #write(streams: readonly ServerResponse[], bytes: Buffer): Promise<void> {
    for (const [index, stream] of streams.entries()) {
      const unsentMax = this.#streams.get(stream)?.unsentMax;
      if (unsentMax !== undefined && stream.writableLength > unsentMax) {
        stream.destroy();
      } else if (unsentMax !== undefined && !stream.writableEnded) {
        stream.write(bytes);
      }
      if (index % viewersPerTurn === viewersPerTurn - 1) {
        await nextTurn();
      }
    }
  }

  #leave(stream: ServerResponse): void {
    const viewer = this.#streams.get(stream);
    // A stream that is destroyed before it is added leaves at once, and its close event comes later.
    if (viewer === undefined) {
      return;
    }
    this.#streams.delete(stream);
    const others = (this.#perAddress.get(viewer.address) ?? 1) - 1;
    if (others === 0) {
      this.#perAddress.delete(viewer.address);
    } else {
      this.#perAddress.set(viewer.address, others);
    }
    if (this.#streams.size === 0) {
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
      // Somebody who came in the same turn keeps the others' reads going.
      setImmediate(() => this.#streams.size === 0 && this.#left());
    }
  }
}

/** Whoever does not read would keep the server from closing. */
function end(stream: ServerResponse): void {
  if (stream.writableLength > 0) {
    stream.destroy();
  } else {
    stream.end();
  }
}
