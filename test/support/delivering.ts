import { eventSender } from '../../src/deliveries/event-sender.ts';
import type { Delivery } from '../../src/domain/outgoing-event.ts';
import { eventBodyText, webhookIdOf } from '../../src/http/event-presenters.ts';
import type { DeliveryOfEvent } from '../../src/store/outbox.ts';
import type { Store } from '../../src/store/store.ts';
import { type DeliveryParts, deliveryRound } from '../../src/workers/delivery-worker.ts';
import type { RunOnce } from '../../src/workers/worker.ts';
import { type EventReceiver, eventSecret } from './event-receiver.ts';
import { Sale, type SaleOptions } from './sale.ts';

export const endpoint = 'shop.example-00000000';

/** What a delivery round told its listener. */
export type Told = {
  readonly attempted: Delivery[];
  readonly switchedOff: string[];
};

/** A sale of which the endpoint is told. */
export function toldSale(store: Store, options: SaleOptions = {}): Sale {
  return new Sale(store, { ...options, rules: { eventEndpoints: [endpoint], ...options.rules } });
}

/**
 * The round that delivers to a receiver, with everything real but chance: the pauses are the shortest ones.
 *
 * @param over for example a clock: pauses are over at once by one that is days behind
 */
export async function deliveringTo(
  receiver: EventReceiver,
  store: Store,
  over: Partial<DeliveryParts> = {},
): Promise<{ readonly round: RunOnce; readonly told: Told }> {
  const told: Told = { attempted: [], switchedOff: [] };
  const never = new AbortController().signal;
  const send = await eventSender({
    secrets: [eventSecret],
    allowPrivate: true,
    nowMs: Date.now,
    userAgent: 'flash-sale-checkout/test',
  });
  const round = deliveryRound(
    { id: endpoint, url: new URL(receiver.url) },
    {
      outbox: store,
      writes: store,
      send,
      messageOf: (event) => ({ id: webhookIdOf(event.id), body: eventBodyText(event) }),
      holder: 'the only one',
      nowMs: store.nowMs,
      random: () => 0,
      stopping: never,
      ending: never,
      told: {
        attempted: (delivery) => void told.attempted.push(delivery),
        switchedOff: (_endpoint, reason) => void told.switchedOff.push(reason),
      },
      ...over,
    },
  );
  return { round, told };
}

/** All deliveries, the oldest events first. */
export async function allDeliveries(store: Store): Promise<readonly DeliveryOfEvent[]> {
  return (await store.deliveries({}, { limit: 200, cursor: null })).items.toReversed();
}
