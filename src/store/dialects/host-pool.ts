import type { PoolUse } from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { Hosts } from './hosts.ts';
import type { Host } from './server-url.ts';

/** A connection to one of the hosts, with its session set up. */
export interface HostConnection {
  readonly host: Host;
  /** It fell, or its host cannot do the work any more: nobody may get it again. */
  readonly isGone: boolean;
  close(): void;
}

/**
 * How long a server may take to answer a statement. Locks are waited for two seconds and no batch takes that long, so a server that says
 * nothing for so long has frozen, or the way to it is gone without a word: then its connection is given up, because the system itself
 * notices only after a quarter of an hour. Those for long reads and for migrations have no such limit.
 */
export const silenceMs = 5_000;

/** What is said of a connection that was given up, and by one that is used all the same. */
export const gaveUp = `Connection lost: the server has not answered for ${silenceMs / 1000} s`;

/** How long to wait for a connection that is in use elsewhere, and at the end for those that still are. */
const waitMs = 5_000;
const closeMs = 2_000;

type Waiting<Connection> = PromiseWithResolvers<Connection> & { readonly patience: NodeJS.Timeout };

/**
 * Connections to whichever host is to be used, a fixed number at most over all hosts. A connection is made when none is idle. One to
 * a host that is not the one to be used any more is closed as soon as nobody uses it, so that after a fail-over, and again when the
 * host is back, all go to the right one without a restart.
 */
export class HostPool<Connection extends HostConnection> {
  readonly #hosts: Hosts;
  readonly #open: (host: Host) => Promise<Connection>;
  readonly #max: number;
  readonly #idleMs: number;
  readonly #idle = new Map<Connection, NodeJS.Timeout>();
  readonly #used = new Set<Connection>();
  /** In order of arrival. */
  readonly #waiting = new Set<Waiting<Connection>>();
  #opening = 0;
  #isClosed = false;
  #allReleased: () => void = () => {};

  /**
   * @param open makes a connection that is ready for use; what it throws for a host that cannot be used is a StoreError
   * @param idleMs after which a connection that nobody uses is closed
   */
  constructor(
    hosts: Hosts,
    open: (host: Host) => Promise<Connection>,
    { max, idleMs }: { readonly max: number; readonly idleMs: number },
  ) {
    this.#hosts = hosts;
    this.#open = open;
    this.#max = max;
    this.#idleMs = idleMs;
  }

  /** One that is being opened is for somebody, so it counts as used. */
  get use(): Omit<PoolUse, 'role'> {
    return {
      used: this.#used.size + this.#opening,
      idle: this.#idle.size,
      waiting: this.#waiting.size,
      max: this.#max,
    };
  }

  /** @throws StoreError when no host can be reached, or no connection gets free in time */
  async acquire(): Promise<Connection> {
    if (this.#isClosed) {
      throw closed();
    }
    this.#hosts.look(this.#open);
    return this.#takeIdle() ?? (this.#hasRoom() ? this.#openAnother() : this.#wait());
  }

  release(connection: Connection): void {
    if (!this.#used.delete(connection)) {
      return;
    }
    if (this.#isClosed || !this.#isGood(connection)) {
      connection.close();
    } else {
      const timer = setTimeout(() => this.#drop(connection), this.#idleMs);
      this.#idle.set(connection, timer);
    }
    this.#serveWaiting();
    if (this.#used.size === 0) {
      this.#allReleased();
    }
  }

  /** Waits a little for what is under way, then cuts it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiting of this.#waiting) {
      this.#stopWaiting(waiting);
      waiting.reject(closed());
    }
    for (const connection of [...this.#idle.keys()]) {
      this.#drop(connection);
    }
    if (this.#used.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, closeMs);
        this.#allReleased = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const connection of this.#used) {
      connection.close();
    }
  }

  #isGood(connection: Connection): boolean {
    return !connection.isGone && this.#hosts.isBest(connection.host);
  }

  /** The one that was used last, so that those which a quiet time does not need run out. */
  #takeIdle(): Connection | undefined {
    for (const connection of [...this.#idle.keys()].reverse()) {
      if (this.#isGood(connection)) {
        clearTimeout(this.#idle.get(connection));
        this.#idle.delete(connection);
        this.#used.add(connection);
        return connection;
      }
      this.#drop(connection);
    }
    return undefined;
  }

  #drop(connection: Connection): void {
    clearTimeout(this.#idle.get(connection));
    this.#idle.delete(connection);
    connection.close();
  }

  #hasRoom(): boolean {
    return this.#idle.size + this.#used.size + this.#opening < this.#max;
  }

  async #openAnother(): Promise<Connection> {
    this.#opening += 1;
    try {
      const connection = await this.#hosts.reach(this.#open);
      if (this.#isClosed) {
        connection.close();
        throw closed();
      }
      this.#used.add(connection);
      return connection;
    } finally {
      this.#opening -= 1;
      this.#serveWaiting();
    }
  }

  #wait(): Promise<Connection> {
    const waiting: Waiting<Connection> = {
      ...Promise.withResolvers<Connection>(),
      patience: setTimeout(() => {
        this.#stopWaiting(waiting);
        waiting.reject(
          new StoreError('retryable', `none of ${this.#max} connections got free within ${waitMs / 1000} s`),
        );
      }, waitMs),
    };
    this.#waiting.add(waiting);
    return waiting.promise;
  }

  /** From then on the connection that it gets is its own, so nobody may refuse it any more. */
  #stopWaiting(waiting: Waiting<Connection>): void {
    clearTimeout(waiting.patience);
    this.#waiting.delete(waiting);
  }

  #serveWaiting(): void {
    for (const waiting of this.#waiting) {
      const idle = this.#takeIdle();
      if (idle === undefined && !this.#hasRoom()) {
        return;
      }
      this.#stopWaiting(waiting);
      if (idle !== undefined) {
        waiting.resolve(idle);
      } else {
        this.#openAnother().then(waiting.resolve, waiting.reject);
      }
    }
  }
}

function closed(): StoreError {
  return new StoreError('unavailable', 'the store is closed');
}
