/**
 * A read that many ask for: made at most once in a time, and nobody waits for it longer than a limit. One that takes longer goes on by
 * itself, and no other is begun meanwhile.
 */
export class LatestRead<Value> {
  readonly #read: () => Promise<Value>;
  readonly #limits: { readonly everyMs: number; readonly waitMs: number };
  #underWay: Promise<Value | null> | null = null;
  #value: Value | null = null;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(read: () => Promise<Value>, limits: { readonly everyMs: number; readonly waitMs: number }) {
    this.#read = read;
    this.#limits = limits;
  }

  /** Null when the read failed or takes too long. Never rejects. */
  async get(): Promise<Value | null> {
    if (performance.now() - this.#endedMs < this.#limits.everyMs) {
      return this.#value;
    }
    this.#underWay ??= this.#start();
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), this.#limits.waitMs);
    const value = await Promise.race([this.#underWay, late.promise]);
    clearTimeout(timer);
    return value;
  }

  async #start(): Promise<Value | null> {
    try {
      this.#value = await this.#read();
    } catch {
      // Whoever reads learns that there is nothing; the reason is in the log of those who need the database.
      this.#value = null;
    }
    this.#endedMs = performance.now();
    this.#underWay = null;
    return this.#value;
  }
}
