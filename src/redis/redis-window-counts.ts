import type { RedisLink } from './redis-link.ts';

/**
 * A window begins with the first count of its key, on any node. A missing expiry of the window is set again, also by a read: the count of
 * a refused address is only read from then on, so the address would be refused for ever.
 */
const script = `
local counted = {}
for i, key in ipairs(KEYS) do
  local windowMs = tonumber(ARGV[i])
  local by = tonumber(ARGV[#KEYS + i])
  local count = 0
  if by > 0 then
    count = redis.call('INCRBY', key, by)
  else
    count = tonumber(redis.call('GET', key) or '0')
  end
  local ttl = redis.call('PTTL', key)
  if ttl < 0 then
    ttl = windowMs
    redis.call('PEXPIRE', key, ttl)
  end
  counted[2 * i - 1] = count
  counted[2 * i] = math.max(1, ttl)
end
return counted`;

type Counted = { readonly count: number; readonly ttlMs: number };
type Waiting = {
  /** The names of the limit and of the key. */
  readonly name: string;
  readonly windowMs: number;
  readonly by: 0 | 1;
  readonly resolve: (counted: Counted | null) => void;
};

/**
 * Counts for the limits over all nodes. Calls in the same turn of the event loop travel together. Each call resolves to the count of the
 * key and the rest of its window, or to null when Redis does not respond in time.
 */
export class RedisWindowCounts {
  readonly #link: RedisLink;
  #waiting: Waiting[] = [];

  constructor(link: RedisLink) {
    this.#link = link;
  }

  /** Adds one to the count of a key. */
  add(limit: string, key: string, windowMs: number): Promise<Counted | null> {
    return this.#ask(`${limit}:${key}`, windowMs, 1);
  }

  /** Reads the count of a key. */
  peek(limit: string, key: string, windowMs: number): Promise<Counted | null> {
    return this.#ask(`${limit}:${key}`, windowMs, 0);
  }

  #ask(name: string, windowMs: number, by: 0 | 1): Promise<Counted | null> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) {
        setImmediate(() => this.#send());
      }
      this.#waiting.push({ name, windowMs, by, resolve });
    });
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const reply = await this.#link.ask((redis, named) =>
      redis.eval(
        script,
        waiting.length,
        ...waiting.map(({ name }) => named(name)),
        ...waiting.map(({ windowMs }) => windowMs),
        ...waiting.map(({ by }) => by),
      ),
    );
    const counted = Array.isArray(reply) ? reply.map(Number) : [];
    for (const [index, { resolve }] of waiting.entries()) {
      const [count, ttlMs] = counted.slice(2 * index);
      resolve(count === undefined || ttlMs === undefined ? null : { count, ttlMs });
    }
  }
}
