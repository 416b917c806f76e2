import { describe, expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import { gatedReader } from './read-gate.ts';
import type { StoreReader } from './store-reader.ts';

/** A database that answers when it is told to, and once it is `free` at once. Only products are read. */
class HeldDatabase {
  readonly asked: number[] = [];
  readonly answers: (() => void)[] = [];
  free = false;

  gated(waitMs: number): Pick<StoreReader, 'product'> {
    const product: StoreReader['product'] = (id) => {
      this.asked.push(id);
      return this.free
        ? Promise.resolve(null)
        : new Promise((resolve) => this.answers.push(() => resolve(null)));
    };
    return gatedReader({ product } as StoreReader, waitMs);
  }
}

describe('the gate of reads', () => {
  it('lets eight in at a time, and the others in order as places get free', async () => {
    const database = new HeldDatabase();
    const reader = database.gated(60_000);
    const reads = Array.from({ length: 10 }, (_, id) => reader.product(id));
    expect(database.asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const [id, read] of reads.entries()) {
      database.answers[id]?.();
      await read;
      await until(() => database.asked.length === Math.min(10, 9 + id));
    }
    expect(database.asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('refuses who has waited too long, and does not ask for those who never got in', async () => {
    const database = new HeldDatabase();
    const reader = database.gated(1);
    const reads = Array.from({ length: 12 }, (_, id) => reader.product(id));
    for (const refused of await Promise.allSettled(reads)) {
      expect(refused).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
    }
    // The connections are busy until the database answers.
    await expect(reader.product(98)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(database.asked).toHaveLength(8);

    database.free = true;
    for (const answer of database.answers) {
      answer();
    }
    await until(() =>
      reader.product(99).then(
        () => true,
        () => false,
      ),
    );
  });
});
