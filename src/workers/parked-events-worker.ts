import type { DomainEvent } from '../domain/events.ts';
import { isFact, type PaymentEvent, referenceName } from '../domain/payment.ts';
import type { CommandSink } from '../engine/answer.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { RunOnce } from './worker.ts';

/** Events of one round. What is left over is found by the next one. */
const eventsPerRound = 500;
/** How often to look when there is nothing to do: only a crash between two commits leaves work here. */
const restMs = 5_000;

/**
 * Repeats what `recheckParked` does after each commit, for the case that a process ended in between, and
 * gives up on events that have waited for their order or hold for too long.
 */
export function parkedEventsRound(
  reader: Pick<StoreReader, 'parkedButKnown' | 'parkedSince' | 'nowMs'>,
  engine: CommandSink,
  parkedSeconds: number,
): RunOnce {
  return async () => {
    const known = await reader.parkedButKnown(eventsPerRound);
    await recheck(engine, known);
    const old = await reader.parkedSince(reader.nowMs() - parkedSeconds * 1000, eventsPerRound);
    await Promise.all(old.map((event) => engine.submit({ kind: 'abandon_parked_event', event })));
    return known.length === eventsPerRound || old.length === eventsPerRound ? 0 : restMs;
  };
}

/**
 * Closes the gap between an event that finds no order and an order that finds no event, each because the
 * other was not committed yet: after events were parked their orders and holds are looked up again, after
 * orders were made their events are.
 */
export async function recheckParked(
  reader: Pick<StoreReader, 'locate' | 'parkedForOrders'>,
  engine: CommandSink,
  happened: readonly DomainEvent[],
): Promise<void> {
  const parked = happened.flatMap((event) =>
    event.kind === 'payment_event_parked' && event.event.productId === null ? [event.event] : [],
  );
  if (parked.length > 0) {
    const located = await reader.locate({
      orderIds: parked.flatMap(({ orderId }) => (orderId === null ? [] : [orderId])),
      holdIds: parked.flatMap(({ holdId }) => (holdId === null ? [] : [holdId])),
      refundIds: [],
      returnedPayments: parked.flatMap((event) =>
        isFact(event) && event.reference !== null ? [referenceName(event.reference)] : [],
      ),
    });
    await recheck(
      engine,
      parked.filter(
        ({ orderId, holdId, reference }) =>
          (orderId !== null && located.orders.has(orderId)) ||
          (holdId !== null && located.productIdByHold.has(holdId)) ||
          (reference !== null && located.payments.has(referenceName(reference))),
      ),
    );
  }
  const orders = happened.flatMap((event) => (event.kind === 'order_created' ? [event.order] : []));
  if (orders.length > 0) {
    await recheck(engine, await reader.parkedForOrders(orders));
  }
}

async function recheck(engine: CommandSink, events: readonly PaymentEvent[]): Promise<void> {
  await Promise.all(events.map((event) => engine.submit({ kind: 'recheck_parked_event', event })));
}
