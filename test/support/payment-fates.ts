import type { StripeEvent } from './stripe-ledger.ts';
import type { StripeFault, StripeRequest, StripeWebhook } from './stripe-server.ts';

/** What becomes of the payment of an order. */
export type PaymentFate =
  | 'in time'
  | 'late'
  | 'told twice'
  | 'out of order'
  | 'early'
  | 'wrong money'
  | 'failed'
  | 'returned first'
  | 'returned'
  | 'returned in part'
  | 'refund failed'
  | 'disputed';

/** Of every twenty orders; all others are paid in time. */
const fatesOfTwenty: readonly PaymentFate[] = [
  'late',
  'late',
  'told twice',
  'told twice',
  'out of order',
  'early',
  'wrong money',
  'failed',
  'failed',
  'returned first',
  'returned',
  'returned in part',
  'refund failed',
  'disputed',
];

export const paymentFates: readonly PaymentFate[] = ['in time', ...new Set(fatesOfTwenty)];

/** 10 % late, 10 % told twice, 10 % failed, 30 % in time, 5 % each of all others. */
export function fateOf(index: number): PaymentFate {
  return fatesOfTwenty[index % 20] ?? 'in time';
}

/** What an endpoint at Stripe is set up to receive. */
const paymentTypes: readonly string[] = [
  'payment_intent.succeeded',
  'payment_intent.canceled',
  'payment_intent.payment_failed',
];
const factTypes: readonly string[] = [
  'charge.refunded',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.closed',
];

/**
 * In how many ms each copy of an event is sent, by the fate of the payment that it is about. Of three facts about payments one is sent
 * twice, and one so late that the next fact overtakes it.
 *
 * @param isLost whether the event never arrives
 */
export function deliveryPlan(
  fates: ReadonlyMap<string, PaymentFate>,
  isLost: () => boolean,
): NonNullable<StripeWebhook['plan']> {
  let facts = 0;
  return (event) => {
    if (isLost()) {
      return [];
    }
    if (factTypes.includes(event.type)) {
      facts += 1;
      return [[0], [0, 300], [1_500]][facts % 3] ?? [];
    }
    if (!paymentTypes.includes(event.type)) {
      return [];
    }
    const fate = fates.get(intentIdOf(event));
    if (fate === 'told twice') {
      return [0, 0, 300];
    }
    if (fate === 'returned first' && event.type === 'payment_intent.succeeded') {
      return [2_000];
    }
    // The card that was declined first is told of when the next one has long paid.
    return fate === 'out of order' && event.type === 'payment_intent.payment_failed' ? [400] : [0];
  };
}

/** The payment that an event is about, be it told of the payment itself, its charge, or a refund. */
export function intentIdOf({ data: { object } }: StripeEvent): string {
  return object.object === 'payment_intent' ? object.id : object.payment_intent;
}

/** What one request in twenty meets, in turn. */
const faultsInTurn: readonly StripeFault[] = [
  { kind: 'failure', done: false, kept: false },
  { kind: 'hang-up', done: true },
  { kind: 'busy' },
  { kind: 'failure', done: true, kept: true },
  { kind: 'hang-up', done: false },
  { kind: 'failure', done: false, kept: true },
];

/** @param silentEvery so many faults are one request that is never answered; without it each is answered or cut */
export function faultsOfProvider(silentEvery?: number): (request: StripeRequest) => StripeFault | null {
  let requests = 0;
  let faults = 0;
  return () => {
    requests += 1;
    if (requests % 20 !== 0) {
      return null;
    }
    faults += 1;
    return silentEvery !== undefined && faults % silentEvery === 0
      ? { kind: 'silence', done: faults % 2 === 0 }
      : (faultsInTurn[faults % faultsInTurn.length] ?? null);
  };
}
