import { expect, it } from 'vitest';
import type { DomainEvent } from '../../src/domain/events.ts';
import { contentOf } from '../../src/domain/outgoing.ts';
import { databases, emptyDatabase } from '../support/databases.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { describeEach } from '../support/needing.ts';
import { playEverything } from '../support/sale.ts';

/** More than the transactions of the history that is played. */
const commitsMax = 1_000;
const all = { limit: 1000, cursor: null };

describeEach(databases)('a history in which the first commit of each batch is lost on $name', (database) => {
  const db = emptyDatabase(database);

  it.each(['before_commit', 'after_commit'] as const)(
    'reports exactly the facts that are in the database, when the commits fall %s',
    async (at) => {
      const faulty = new FaultyStore(db.store);
      for (let commit = 0; commit < commitsMax; commit += 1) {
        faulty.plan({ kind: 'outcome_unknown', at }, null);
      }
      const happened: DomainEvent[] = [];
      let losses = 0;
      await playEverything(faulty.store, {
        committed: (report) => void happened.push(...report.happened),
        failed: () => {
          losses += 1;
        },
      });
      expect(losses).toBeGreaterThan(50);

      // Rows for other services are written in the transaction of the fact, so they are what was committed.
      const written = (await db.store.outgoingEvents({}, all)).items.filter(
        ({ type }) => !type.startsWith('product.'),
      );
      const outgoing = happened.flatMap((event) => contentOf(event, () => []) ?? []);
      expect(outgoing.map(factOf).sort()).toEqual(written.map(factOf).sort());
      const holds = (await db.store.holds({}, all)).value.items;
      expect(
        happened.flatMap((event) => (event.kind === 'hold_created' ? event.hold.id : [])).sort(),
      ).toEqual(holds.map(({ hold }) => hold.id).sort());
      const ended = happened.flatMap((event) =>
        event.kind === 'hold_expired' || event.kind === 'hold_released' ? event.hold.id : [],
      );
      expect(new Set(ended).size).toBe(ended.length);
      expect(ended).toEqual(
        expect.arrayContaining(holds.flatMap(({ hold }) => (hold.status === 'released' ? hold.id : []))),
      );
      const events = (await db.store.paymentEvents({}, all)).items;
      expect(happened.flatMap(firstOfEvent).sort()).toEqual(events.map(({ key }) => key).sort());
      expect(happened.filter(({ kind }) => kind === 'payment_event_duplicate')).toEqual([]);
    },
  );
});

/** What an event for other services says, and of which row. */
function factOf({ type, data }: { readonly type: string; readonly data: object }): string {
  const about = 'order' in data ? (data.order as { id: number }).id : 'key' in data ? data.key : null;
  return `${type} ${about ?? (data as { id: number }).id}`;
}

/** The key of an event that this reports as taken in: it is parked or decided at once. */
function firstOfEvent(event: DomainEvent): readonly string[] {
  switch (event.kind) {
    case 'payment_event_parked':
      return [event.event.key];
    case 'payment_event_processed':
      return event.event.answer.result === 'parked' ? [] : [event.event.key];
    default:
      return [];
  }
}
