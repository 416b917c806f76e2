import { randomFillSync } from 'node:crypto';

/** Random bits are drawn for many ids at once: a call into the generator costs more than the bits do. */
const pool = new Uint32Array(1024);
let used = pool.length;

/**
 * A positive id of 53 random bits from the system's cryptographic generator. It cannot be guessed, so who
 * knows it may act on what it names, and it is an exact integer in JSON.
 */
export function newId(): number {
  for (;;) {
    if (used + 2 > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const high = (pool[used] ?? 0) & 0x1fffff;
    const low = pool[used + 1] ?? 0;
    used += 2;
    const id = high * 2 ** 32 + low;
    if (id > 0) {
      return id;
    }
  }
}
