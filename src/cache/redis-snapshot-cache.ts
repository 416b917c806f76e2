import { setTimeout as pause } from 'node:timers/promises';
import type { ProductSnapshot } from '../domain/product.ts';
import type { RedisLink } from '../redis/redis-link.ts';
import { MemorySnapshotCache, type MemorySnapshotCacheOptions } from './memory-snapshot-cache.ts';
import { isNewer, type SnapshotCache } from './snapshot-cache.ts';
import { snapshotFrom, snapshotText } from './snapshot-text.ts';

/** The channel on which nodes are told to forget what they know. */
export const clearChannel = 'flash-sale:cache-clear';

/** The names in Redis of all snapshots of all sales, as a pattern. */
export const everySnapshot = 'flash-sale:*:product:*:available_stock';

/** The least time between two messages of a node: a busy product changes hundreds of times a second. */
const shareEveryMs = 10;
/** When what could not be shared is tried again. */
const shareAgainMs = 250;
/**
 * How long a snapshot lives while Redis is away, since nobody tells of the commits of other nodes then. It is the
 * time within which they are seen otherwise, at the price of 20 reads a second for each product that is looked at.
 */
const ttlAloneMs = 50;

/**
 * Keeps and publishes each snapshot unless a newer one is known, in one step: what overtakes another one on its
 * way stays. A Redis that refuses to write (out of memory, a replica) still passes the message on.
 */
const shareScript = `
for i, key in ipairs(KEYS) do
  local at = 3 * i
  local version, asOf = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local known = redis.pcall('HMGET', key, 'version', 'as_of_ms')
  local knownVersion, knownAsOf = tonumber(known[1]), tonumber(known[2])
  local isNewer = not knownVersion or not knownAsOf or version > knownVersion
    or (version == knownVersion and asOf > knownAsOf)
  if isNewer then
    local kept = redis.pcall('HSET', key, 'version', ARGV[at], 'as_of_ms', ARGV[at + 1], 'snapshot', ARGV[at + 2])
    if type(kept) == 'number' then
      redis.pcall('PEXPIRE', key, ARGV[2])
    end
    redis.call('PUBLISH', ARGV[1], ARGV[at + 2])
  end
end
return #KEYS`;

export type RedisSnapshotCacheOptions = Omit<MemorySnapshotCacheOptions, 'ttlMs'> & {
  readonly ttlMs: number;
};

/**
 * Snapshots in this process's memory, which all nodes keep up to date through Redis: each tells the others what
 * its commits left, and Redis keeps the latest for a node that knows nothing.
 *
 * When Redis is away, snapshots live so shortly that the database is soon read. When it is back, messages were
 * missed and what it kept may be from before: memory is cleared, and what Redis has from before that instant is
 * not believed. So Redis can only cost reads.
 */
export class RedisSnapshotCache implements SnapshotCache {
  readonly #link: RedisLink;
  readonly #options: RedisSnapshotCacheOptions;
  readonly #memory: MemorySnapshotCache;
  /** What is to be shared, the latest of each product, and so never more than there are products. */
  readonly #unshared = new Map<number, ProductSnapshot>();
  #sharing: Promise<void> | null = null;
  /** Of what Redis has kept, only snapshots from this instant on are believed. */
  #keptFromMs = Number.NEGATIVE_INFINITY;
  #wasReached = false;

  constructor(link: RedisLink, options: RedisSnapshotCacheOptions) {
    this.#link = link;
    this.#options = options;
    this.#memory = new MemorySnapshotCache({
      ...options,
      ttlMs: () => (link.isReached ? options.ttlMs : Math.min(options.ttlMs, ttlAloneMs)),
      read: (productId) => this.#read(productId),
    });
    link.listen('snapshots', (text) => {
      const snapshot = this.#received(text);
      if (snapshot !== null) {
        this.#memory.put(snapshot);
      }
    });
    link.listenToAll(clearChannel, () => this.clear());
    link.onReached(() => this.#startAfresh());
  }

  get(productId: number): Promise<ProductSnapshot | null> {
    return this.#memory.get(productId);
  }

  put(snapshot: ProductSnapshot): void {
    this.#memory.put(snapshot);
    this.#share(snapshot);
  }

  clear(): void {
    this.#memory.clear();
  }

  get size(): number {
    return this.#memory.size;
  }

  /** Shares what is left to share, as far as Redis takes it at once. */
  async close(): Promise<void> {
    await this.#shareNow();
  }

  #startAfresh(): void {
    this.#memory.clear();
    if (this.#wasReached) {
      this.#keptFromMs = this.#options.nowMs();
    }
    this.#wasReached = true;
    this.#keepSharing();
  }

  async #read(productId: number): Promise<ProductSnapshot | null> {
    const kept = await this.#kept(productId);
    if (kept !== null) {
      return kept;
    }
    const read = await this.#options.read(productId);
    if (read !== null) {
      this.#share(read);
    }
    return read;
  }

  async #kept(productId: number): Promise<ProductSnapshot | null> {
    if (this.#options.ttlMs === 0) {
      return null;
    }
    const text = await this.#link.ask((redis, named) => redis.hget(named(keyOf(productId)), 'snapshot'));
    const kept = text === null ? null : this.#received(text);
    const unshared = this.#unshared.get(productId);
    const isUsable =
      kept !== null &&
      (unshared === undefined || !isNewer(unshared, kept)) &&
      kept.id === productId &&
      kept.asOfMs >= this.#keptFromMs &&
      this.#link.isReached &&
      this.#memory.isFresh(kept);
    return isUsable ? kept : null;
  }

  /** A snapshot from outside is never younger than this instant, whatever the clock of its node said. */
  #received(text: string): ProductSnapshot | null {
    const snapshot = snapshotFrom(text);
    return snapshot && { ...snapshot, asOfMs: Math.min(snapshot.asOfMs, this.#options.nowMs()) };
  }

  #share(snapshot: ProductSnapshot): void {
    const waiting = this.#unshared.get(snapshot.id);
    if (waiting === undefined || isNewer(snapshot, waiting)) {
      this.#unshared.set(snapshot.id, snapshot);
    }
    this.#keepSharing();
  }

  #keepSharing(): void {
    this.#sharing ??= this.#shareWhileThereIs().finally(() => {
      this.#sharing = null;
    });
  }

  async #shareWhileThereIs(): Promise<void> {
    // All that one commit left goes together.
    await null;
    while (this.#unshared.size > 0 && this.#link.isReached) {
      const [wasShared] = await Promise.all([this.#shareNow(), pause(shareEveryMs)]);
      if (!wasShared) {
        await pause(shareAgainMs);
      }
    }
  }

  /** Whether Redis took it. What it did not take waits, unless something newer does by now. */
  async #shareNow(): Promise<boolean> {
    const batch = [...this.#unshared.values()];
    if (batch.length === 0) {
      return true;
    }
    this.#unshared.clear();
    const taken = await this.#link.ask((redis, named) =>
      redis.eval(
        shareScript,
        batch.length,
        ...batch.map(({ id }) => named(keyOf(id))),
        named('snapshots'),
        Math.max(1, this.#options.ttlMs),
        ...batch.flatMap((snapshot) => [snapshot.version, snapshot.asOfMs, snapshotText(snapshot)]),
      ),
    );
    if (taken === null) {
      for (const snapshot of batch) {
        const waiting = this.#unshared.get(snapshot.id);
        if (waiting === undefined || isNewer(snapshot, waiting)) {
          this.#unshared.set(snapshot.id, snapshot);
        }
      }
    }
    return taken !== null;
  }
}

function keyOf(productId: number): string {
  return `product:${productId}:available_stock`;
}
