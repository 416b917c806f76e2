import { type Dispute, disputeKey } from '../../src/domain/dispute.ts';
import type { Hold } from '../../src/domain/hold.ts';
import { isOpen } from '../../src/domain/hold.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Payment, PaymentEvent } from '../../src/domain/payment.ts';
import type { Refund } from '../../src/domain/refund.ts';
import type { RequestKey } from '../../src/domain/request-key.ts';

/** The second in which every story stands. Deadlines and arrivals are told from here. */
export const epochMs = Date.UTC(2030, 0, 1, 12);

/**
 * All rows that hang on one buyer's hold. Names and ids in it are those of nobody in particular, and times that no rule reads any more
 * are gone, so that two buyers who have been through the same have the same story.
 */
export type Story = {
  readonly hold: Hold | null;
  readonly order: Order | null;
  /** Those that wait first, in order of arrival. */
  readonly events: readonly PaymentEvent[];
  readonly payments: readonly Payment[];
  readonly refunds: readonly Refund[];
  readonly disputes: readonly Dispute[];
  readonly requestKeys: readonly RequestKey[];
};

/** Of a buyer who has done nothing yet. */
export const noStory: Story = {
  hold: null,
  order: null,
  events: [],
  payments: [],
  refunds: [],
  disputes: [],
  requestKeys: [],
};

/** What the rows of a story are called. */
export type Names = {
  readonly holdId: number;
  readonly orderId: number;
  readonly productId: number;
  readonly refundId: (index: number) => number;
  /** For keys and references. */
  readonly text: (given: string) => string;
};

/** The names that stand in a story. */
export const nobody: Names = {
  holdId: 1,
  orderId: 2,
  productId: 1,
  refundId: (index) => index + 1,
  text: (given) => given.split('#', 1)[0] ?? given,
};

/** The names of the buyer with this number, on the rows of a product. */
export function namesOf(number: number, productId: number, refundIds: number): Names {
  return {
    holdId: 101 + number,
    orderId: 201 + number,
    productId,
    refundId: (index) => refundIds + index,
    text: (given) => `${given}#${number}`,
  };
}

/** The same story under other names. */
export function renamed(story: Story, names: Names): Story {
  const { holdId, orderId, productId } = names;
  const hold = story.hold && { ...story.hold, id: holdId, productId };
  const order = story.order && renamedOrder(story.order, names);
  return {
    hold,
    order,
    events: story.events.map((event) => ({
      ...event,
      key: names.text(event.key),
      orderId: event.orderId === null ? null : orderId,
      holdId: event.holdId === null ? null : holdId,
      productId: event.productId === null ? null : productId,
      reference: event.reference === null ? null : names.text(event.reference),
      ...(typeof event.factId === 'string' ? { factId: names.text(event.factId) } : {}),
      answer:
        'orderId' in event.answer && event.answer.orderId !== null
          ? { ...event.answer, orderId }
          : event.answer,
    })),
    payments: story.payments.map((payment) => ({
      ...payment,
      name: names.text(payment.name),
      orderId: payment.orderId === null ? null : orderId,
      holdId,
      productId,
    })),
    refunds: story.refunds.map((refund, index) => ({
      ...refund,
      id: names.refundId(index),
      paymentName: names.text(refund.paymentName),
      orderId: refund.orderId === null ? null : orderId,
      holdId,
      productId,
    })),
    disputes: story.disputes.map((dispute) => ({
      ...dispute,
      id: names.text(dispute.id),
      paymentName: names.text(dispute.paymentName),
      orderId: dispute.orderId === null ? null : orderId,
      holdId,
      productId,
    })),
    requestKeys: story.requestKeys.map(
      (row): RequestKey =>
        row.scope === 'holds'
          ? {
              ...row,
              key: names.text(row.key),
              fingerprint: `${productId}:${row.answer.quantity}`,
              answer: { ...row.answer, id: holdId, productId },
            }
          : row.scope === 'orders'
            ? {
                ...row,
                key: names.text(row.key),
                fingerprint: String(holdId),
                answer: { order: renamedOrder(row.answer.order, names), refunds: [] },
              }
            : row,
    ),
  };
}

function renamedOrder(order: Order, { orderId, holdId, productId }: Names): Order {
  return { ...order, id: orderId, holdId, productId };
}

/**
 * The story without what no rule reads: deadlines of holds that are not open, the age of what waits under a hold, when rows were made.
 *
 * A deadline that has come counts as come this second. Which of several overdue holds goes first then depends on their ids, and the
 * exploration tries every order of those.
 *
 * @param ageMaxMs from which age on it makes no difference when an event came that waits for an unknown order or hold
 */
export function simplified(story: Story, ageMaxMs: number): Story {
  const { hold, order } = story;
  const isPending = order?.status === 'pending';
  return {
    hold: hold && {
      ...hold,
      expiresAtMs: isOpen(hold) ? Math.max(hold.expiresAtMs, epochMs) : epochMs,
      createdAtMs: epochMs,
    },
    order: order && {
      ...order,
      paymentDueAtMs: isPending ? Math.max(order.paymentDueAtMs, epochMs) : epochMs,
      createdAtMs: epochMs,
    },
    events: simplifiedEvents(story.events, ageMaxMs),
    payments: story.payments
      .map((payment) => ({ ...payment, createdAtMs: epochMs }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    refunds: story.refunds
      .map((refund) => ({
        ...refund,
        // What an operator sent counts whenever it was.
        sends: refund.sends.map((send) => ({ ...send, atMs: epochMs })),
        createdAtMs: epochMs,
      }))
      .sort((a, b) => (a.paymentName < b.paymentName ? -1 : 1)),
    disputes: story.disputes
      .map((dispute) => ({ ...dispute, createdAtMs: epochMs }))
      .sort((a, b) => (disputeKey(a) < disputeKey(b) ? -1 : 1)),
    requestKeys: story.requestKeys
      .map(
        (row): RequestKey =>
          row.scope === 'holds'
            ? { ...row, createdAtMs: epochMs, answer: timeless(row.answer) }
            : row.scope === 'orders'
              ? {
                  ...row,
                  createdAtMs: epochMs,
                  answer: { order: { ...timeless(row.answer.order), paymentDueAtMs: epochMs }, refunds: [] },
                }
              : row,
      )
      .sort((a, b) => (a.scope < b.scope ? -1 : 1)),
  };
}

function timeless<Row extends { readonly createdAtMs: number }>(row: Row): Row {
  return 'expiresAtMs' in row
    ? { ...row, expiresAtMs: epochMs, createdAtMs: epochMs }
    : { ...row, createdAtMs: epochMs };
}

function simplifiedEvents(events: readonly PaymentEvent[], ageMaxMs: number): PaymentEvent[] {
  const waiting = events.filter(({ result }) => result === 'parked');
  const decided = events.filter(({ result }) => result !== 'parked');
  const hasUnknown = waiting.some(({ productId }) => productId === null);
  return [
    ...waiting
      .sort((a, b) => a.receivedAtMs - b.receivedAtMs)
      .map((event) => ({
        ...event,
        // Only of an event for an unknown order or hold does the time count later; of others their order.
        receivedAtMs: hasUnknown
          ? Math.max(Math.ceil(event.receivedAtMs / 1000) * 1000, epochMs - ageMaxMs)
          : epochMs,
      })),
    ...decided.map((event) => ({ ...event, receivedAtMs: epochMs })).sort((a, b) => (a.key < b.key ? -1 : 1)),
  ];
}

/** The story when some more time has gone by. */
export function later(story: Story, ms: number): Story {
  const { hold, order } = story;
  return {
    ...story,
    hold: hold && { ...hold, expiresAtMs: hold.expiresAtMs - ms },
    order: order && { ...order, paymentDueAtMs: order.paymentDueAtMs - ms },
    events: story.events.map((event) => ({ ...event, receivedAtMs: event.receivedAtMs - ms })),
  };
}
