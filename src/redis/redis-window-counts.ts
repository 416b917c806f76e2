import type { RedisLink } from './redis-link.ts';

/**
 * A window begins with the first request of its key, on whichever node. The life of a window is set again where
 * it is missing, or a key could be refused for ever.
 */
const script = `
local counted = {}
for i, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  local ttl = redis.call('PTTL', key)
  if count == 1 or ttl < 0 then
    ttl = tonumber(ARGV[i])
    redis.call('PEXPIRE', key, ttl)
  end
  counted[2 * i - 1] = count
  counted[2 * i] = math.max(1, ttl)
end
return counted`;

type Counted = { readonly count: number; readonly ttlMs: number };
type Waiting = {
  readonly key: string;
  readonly windowMs: number;
  readonly resolve: (counted: Counted | null) => void;
};

/** Counts requests over all nodes. Those that came in the same turn of the event loop travel together. */
export class RedisWindowCounts {
  readonly #link: RedisLink;
  #waiting: Waiting[] = [];

  constructor(link: RedisLink) {
    this.#link = link;
  }

  /** @returns how often the key came in its window, and when that ends; null when Redis cannot tell in time */
  count(key: string, windowMs: number): Promise<Counted | null> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) {
        setImmediate(() => this.#send());
      }
      this.#waiting.push({ key, windowMs, resolve });
    });
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const reply = await this.#link.ask((redis, named) =>
      redis.eval(
        script,
        waiting.length,
        ...waiting.map(({ key }) => named(`holds:${key}`)),
        ...waiting.map(({ windowMs }) => windowMs),
      ),
    );
    const counted = Array.isArray(reply) ? reply.map(Number) : [];
    for (const [index, { resolve }] of waiting.entries()) {
      const [count, ttlMs] = counted.slice(2 * index);
      resolve(count === undefined || ttlMs === undefined ? null : { count, ttlMs });
    }
  }
}
