import type {
  Decision,
  Delivery,
  Dispute,
  ListedPaymentEvent,
  OutgoingEvent,
  Refund,
} from '../../src/client/checkout-client.ts';
import { moneyText } from '../number-text.ts';
import { countOf, timeText } from './format.ts';
import type { Story } from './story.ts';

export type StoryEntry = {
  readonly key: string;
  readonly at: string;
  /** What happened. */
  readonly title: string;
  /** What else is known of it. */
  readonly details: readonly string[];
  /** `trouble` is what somebody may have to look after; `outside` is what others were told. */
  readonly kind: 'step' | 'money' | 'trouble' | 'outside';
};

/** A story as it happened, the oldest first. What happened at one instant keeps the order of cause and effect. */
export function storyEntries(story: Story, productName: string): readonly StoryEntry[] {
  const entries = [
    ...holdEntries(story, productName),
    ...orderEntries(story),
    ...story.payments.toReversed().map(paymentEntry),
    ...story.decisions.toReversed().map(decisionEntry),
    ...story.refunds.toReversed().map(refundEntry),
    ...story.disputes.toReversed().map(disputeEntry),
    ...story.events.toReversed().map(({ event, deliveries }) => eventEntry(event, deliveries)),
  ];
  return entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function holdEntries({ hold }: Story, productName: string): readonly StoryEntry[] {
  if (hold === null) {
    return [];
  }
  const made: StoryEntry = {
    key: 'hold',
    at: hold.created_at,
    title: `${countOf(hold.quantity, 'unit')} of ${productName} held`,
    details: [`hold ${hold.hold_id}`, `${hold.status} now`],
    kind: 'step',
  };
  if (hold.status === 'consumed') {
    return [made];
  }
  const isOver = hold.status === 'released';
  return [
    made,
    {
      key: 'deadline',
      at: hold.expires_at,
      title: isOver ? 'Units free again' : 'Deadline of the hold',
      details: [],
      kind: 'step',
    },
  ];
}

function orderEntries({ order }: Story): readonly StoryEntry[] {
  if (order === null) {
    return [];
  }
  const { order_id, total, currency, status, payment_due_at, created_at } = order;
  return [
    {
      key: 'order',
      at: created_at,
      title: `Ordered for ${moneyText(total, currency)}`,
      details: [
        `order ${order_id}`,
        `${status.replaceAll('_', ' ')} now`,
        `payment due ${timeText(payment_due_at)}`,
      ],
      kind: status === 'refund_due' ? 'trouble' : 'step',
    },
  ];
}

const resultWords: Readonly<Record<ListedPaymentEvent['result'], string>> = {
  processed: 'it took effect',
  ignored: 'it changed nothing',
  parked: 'it waits for an order',
  unmatched: 'its order stayed unknown',
  amount_mismatch: 'the amount is not the one of the order, so it is to be refunded',
  refund_due: 'it could buy nothing, so it is to be refunded',
  possible_second_payment: 'it may be a second payment, so somebody has to look',
};
const troubling: readonly string[] = [
  'unmatched',
  'amount_mismatch',
  'refund_due',
  'possible_second_payment',
];

function paymentEntry(event: ListedPaymentEvent): StoryEntry {
  const { amount, currency, idempotency_key, payment_reference, result, status } = event;
  const money = amount === null || currency === null ? '' : ` ${moneyText(amount, currency)}`;
  return {
    key: `payment ${idempotency_key}`,
    at: event.received_at,
    title: `Payment event: ${status.replaceAll('_', ' ')}${money}`,
    details: [
      result === 'parked' && !isOfMoneyThatComes(status) ? 'it waits for its payment' : resultWords[result],
      ...(payment_reference === null ? [] : [`payment ${payment_reference}`]),
      `key ${idempotency_key}`,
      ...resolutionDetails(event),
    ],
    kind: troubling.includes(result) ? 'trouble' : 'money',
  };
}

/** Other events report what became of a payment later. */
function isOfMoneyThatComes(status: ListedPaymentEvent['status']): boolean {
  return status === 'paid' || status === 'failed' || status === 'declined';
}

function resolutionDetails({ resolution }: ListedPaymentEvent): readonly string[] {
  if (resolution === undefined) {
    return [];
  }
  const { decision, reason, decided_at } = resolution;
  return [`operator, ${timeText(decided_at)}: ${decision.replaceAll('_', ' ')}, ${reason}`];
}

function decisionEntry(decision: Decision): StoryEntry {
  const { decision_id, amount, currency, reason, restocked, payment, decided_at } = decision;
  const money = amount === null || currency === null ? '' : ` of ${moneyText(amount, currency)}`;
  return {
    key: `decision ${decision_id}`,
    at: decided_at,
    title: `Operator: ${decision.decision === 'pay' ? 'payment' : 'refund'}${money}`,
    details: [
      reason,
      `payment ${payment.replace(/^(ref|key):/, '')}`,
      ...(restocked === 0 ? [] : [`${countOf(restocked, 'unit')} put back on the shelf`]),
    ],
    kind: 'money',
  };
}

function refundEntry(refund: Refund): StoryEntry {
  const { refund_id, amount, currency, status, reason, returned, payment, created_at } = refund;
  return {
    key: `refund ${refund_id}`,
    at: created_at,
    title: `Refund of ${moneyText(amount, currency)}: ${status === 'due' ? 'due' : 'settled'}`,
    details: [
      reason.replaceAll('_', ' '),
      ...(returned === undefined ? [] : [`${moneyText(returned, currency)} of it went back by other ways`]),
      `payment ${payment.replace(/^(ref|key):/, '')}`,
      `refund ${refund_id}`,
    ],
    kind: status === 'due' ? 'trouble' : 'money',
  };
}

function disputeEntry({ dispute_id, amount, currency, status, payment, created_at }: Dispute): StoryEntry {
  return {
    key: `dispute ${payment} ${dispute_id}`,
    at: created_at,
    title: `Dispute about ${moneyText(amount, currency)}: ${status}`,
    details: [`payment ${payment.replace(/^(ref|key):/, '')}`, `dispute ${dispute_id}`],
    kind: status === 'won' ? 'money' : 'trouble',
  };
}

function eventEntry(event: OutgoingEvent, deliveries: readonly Delivery[]): StoryEntry {
  return {
    key: `event ${event.event_id}`,
    at: event.created_at,
    title: `Told others: ${event.type}`,
    details: deliveries.map(deliveryText),
    kind: deliveries.some(({ status }) => status === 'dead') ? 'trouble' : 'outside',
  };
}

function deliveryText({ endpoint, status, attempts, next_attempt_at, last_error }: Delivery): string {
  const tries = countOf(attempts, 'attempt');
  switch (status) {
    case 'delivered':
      return `${endpoint}: delivered, ${tries}`;
    case 'dead':
      return `${endpoint}: given up after ${tries}, ${last_error ?? 'without an answer'}`;
    case 'pending': {
      const next = next_attempt_at === null ? '' : `, next ${timeText(next_attempt_at)}`;
      return `${endpoint}: on its way, ${tries}${next}${last_error === null ? '' : `, ${last_error}`}`;
    }
  }
}
