import { randomFillSync } from 'node:crypto';

/** Random bits are drawn for many ids at once: a call into the generator costs more than the bits do. */
const pool = new BigUint64Array(512);
let used = pool.length;

/**
 * A positive id of 53 random bits from the system's cryptographic generator. It cannot be guessed, so who
 * knows it may act on what it names, and it is an exact integer in JSON.
 */
export function newId(): number {
  for (;;) {
    const bits = pool[used];
    if (bits === undefined) {
      randomFillSync(pool);
      used = 0;
      continue;
    }
    used += 1;
    const id = Number(bits >> 11n);
    if (id > 0) {
      return id;
    }
  }
}
