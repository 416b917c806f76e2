import type { OrderStatus } from '../../src/domain/order.ts';
import { isFact } from '../../src/domain/payment.ts';
import { type Claim, holdOf } from './claims.ts';
import type { Exchange, History, Reply, Rules } from './history.ts';

/** What is answered is right: nothing is refused or granted for no reason, and nothing goes back to what it was before. */
export function wrongAnswers(history: History, claims: ReadonlyMap<number, Claim>): string[] {
  return [...defects(history), ...wrongOrderAnswers(history, claims), ...statusesThatCannotFollow(history)];
}

/** Each key has one effect, and each request makes one row at most. */
export function secondEffects(history: History): string[] {
  return [...keysWithTwoEffects(history), ...tooManyRows(history)];
}

/** What was answered is there and stays. */
export function lostAnswers({ exchanges, books }: History): string[] {
  const holds = new Map(books.holds.map((hold) => [hold.id, hold]));
  const orders = new Map(books.orders.map((order) => [order.id, order]));
  const events = new Map([...books.events, ...(books.forgotten ?? [])].map((event) => [event.key, event]));
  const refunds = new Map(books.refunds.map((refund) => [refund.id, refund]));
  return exchanges.flatMap(({ command, answered }) => {
    const reply = answered?.reply;
    if (reply?.kind === 'hold_created' && command.kind === 'create_hold') {
      const found = holds.get(reply.hold.id);
      return found?.productId === command.productId && found.quantity === command.quantity
        ? []
        : [`hold ${reply.hold.id} of ${command.quantity} was given, and there is none like it`];
    }
    if (reply?.kind === 'order_created' && command.kind === 'create_order') {
      const found = orders.get(reply.order.id);
      return found?.holdId === command.holdId && found.totalMinor === reply.order.totalMinor
        ? []
        : [`order ${reply.order.id} of hold ${command.holdId} was given, and there is none like it`];
    }
    if (reply?.kind === 'payment_event_answered' && command.kind === 'apply_payment_event') {
      const found = events.get(command.event.key);
      return found?.status === command.event.status && found.reference === command.event.reference
        ? []
        : [`${command.event.key} was taken in, and there is none like it`];
    }
    return reply?.kind === 'refund_settled' && refunds.get(reply.refund.id)?.status !== 'succeeded'
      ? [`refund ${reply.refund.id} was settled, and is not any more`]
      : [];
  });
}

function defects({ exchanges }: History): string[] {
  return exchanges.flatMap(({ answered, command }) => {
    const reply = answered?.reply;
    return reply?.kind === 'failed' && reply.code === 'internal_error'
      ? [`${command.kind} was answered by an internal error: ${String(reply.cause)}`]
      : [];
  });
}

/** Holds and orders by their keys, payment events by theirs. */
function keysWithTwoEffects({ exchanges, books }: History): string[] {
  // A fact that was deleted is new when it is sent again.
  const forgotten = new Set(books.forgotten?.map(({ key }) => key));
  const answers = new Map<string, { readonly effect: string; readonly replayed: boolean }[]>();
  for (const { command, answered } of exchanges) {
    const name = keyOf(command);
    const reply = answered?.reply;
    const effect = reply === undefined ? null : effectOf(reply);
    if (name !== null && effect !== null && !forgotten.has(name)) {
      answers.set(name, [...(answers.get(name) ?? []), effect]);
    }
  }
  return [...answers].flatMap(([name, effects]) => {
    const isOne = new Set(effects.map(({ effect }) => effect)).size === 1;
    const firsts = effects.filter(({ replayed }) => !replayed).length;
    return isOne && firsts <= 1 ? [] : [`${name} had ${isOne ? firsts : 'different'} effects`];
  });
}

function keyOf(command: Exchange['command']): string | null {
  switch (command.kind) {
    case 'create_hold':
    case 'create_order':
      return command.idempotencyKey === null ? null : `${command.kind} with ${command.idempotencyKey}`;
    case 'apply_payment_event':
      return command.event.key;
    default:
      return null;
  }
}

function effectOf(reply: Reply): { readonly effect: string; readonly replayed: boolean } | null {
  switch (reply.kind) {
    case 'hold_created':
      return { effect: String(reply.hold.id), replayed: reply.replayed };
    case 'order_created':
      return { effect: JSON.stringify(reply.order), replayed: reply.replayed };
    case 'payment_event_answered':
      return { effect: JSON.stringify(reply.answer), replayed: reply.replayed };
    default:
      return null;
  }
}

/** A request makes one hold at most, also when it was sent again with its key; a hold becomes one order at most. */
function tooManyRows({ exchanges, books }: History): string[] {
  const wrong: string[] = [];
  const asked = new Map<string, Set<string>>();
  for (const { command, answered, stepId, attempt } of exchanges) {
    if (command.kind === 'create_hold' && answered?.reply.kind !== 'refused') {
      const kind = `${command.quantity} of product ${command.productId}`;
      const request = command.idempotencyKey ?? `${stepId} ${attempt}`;
      asked.set(kind, (asked.get(kind) ?? new Set()).add(request));
    }
  }
  const made = Map.groupBy(books.holds, (hold) => `${hold.quantity} of product ${hold.productId}`);
  for (const [kind, holds] of made) {
    const requests = asked.get(kind)?.size ?? 0;
    if (holds.length > requests) {
      wrong.push(`${holds.length} holds of ${kind} for ${requests} requests`);
    }
  }
  for (const [holdId, orders] of Map.groupBy(books.orders, (order) => order.holdId)) {
    if (orders.length > 1) {
      wrong.push(`hold ${holdId} has ${orders.length} orders`);
    }
  }
  return wrong;
}

function wrongOrderAnswers(history: History, claims: ReadonlyMap<number, Claim>): string[] {
  return history.exchanges.flatMap((exchange) => {
    const { command, answered } = exchange;
    const claim = command.kind === 'create_order' ? claims.get(command.holdId) : undefined;
    if (claim === undefined || answered === null) {
      return [];
    }
    const wrong = wrongOrderAnswer(history, exchange, claim, answered.reply, answered.atMs);
    return wrong === null ? [] : [`an order of hold ${claim.hold.id}: ${wrong}`];
  });
}

function wrongOrderAnswer(
  { rules, beginsAtMs, clockErrorMs }: History,
  { sentMs }: Exchange,
  { hold, ...claim }: Claim,
  reply: Reply,
  answeredMs: number,
): string | null {
  const expiresMs = hold.expiresAtMs - beginsAtMs;
  if (reply.kind === 'order_created' && !reply.replayed) {
    const rearmedMs = claim.paymentToldMs + inFlightMs(rules) + (rules.paymentSeconds + 1) * 1000;
    const latestMs = claim.paymentToldMs > sentMs ? expiresMs : Math.max(expiresMs, rearmedMs);
    return sentMs >= latestMs + clockErrorMs
      ? 'it was made after the deadline'
      : claim.releasedMs < sentMs
        ? 'it was made after the hold was released'
        : null;
  }
  if (reply.kind !== 'refused') {
    return null;
  }
  switch (reply.code) {
    case 'hold_expired':
      return expiresMs - clockErrorMs > answeredMs ? 'it was refused before the deadline' : null;
    case 'hold_released':
      return claim.releaseAskedMs > answeredMs ? 'it was refused, and nobody released the hold' : null;
    case 'hold_already_ordered':
      return claim.orderId === reply.orderId ? null : 'it was refused for the sake of another order';
    case 'hold_not_found':
      return 'the hold was not found';
    default:
      return null;
  }
}

/** How long an early payment may have been on its way before it re-armed the deadline. */
function inFlightMs({ requestTimeoutMs }: Rules): number {
  return requestTimeoutMs + 20_000;
}

const canBecome: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['pending', 'paid', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded'],
  failed: ['failed', 'paid', 'refund_due', 'refunded'],
  cancelled: ['cancelled', 'paid', 'refund_due', 'refunded'],
  expired: ['expired', 'paid', 'refund_due', 'refunded'],
  paid: ['paid'],
  refund_due: ['refund_due', 'refunded'],
  refunded: ['refunded'],
};

/** What else an order can become whose money went back at the provider, and may have come back from there. */
const canBecomeByFacts: Readonly<Partial<Record<OrderStatus, readonly OrderStatus[]>>> = {
  paid: ['refunded'],
  refunded: ['paid', 'refund_due'],
};

type Seen = { readonly status: OrderStatus; readonly sentMs: number; readonly answeredMs: number };

/** What was answered before another request was sent must have been so before. */
function statusesThatCannotFollow({ exchanges, books }: History): string[] {
  const holdOfOrder = new Map(books.orders.map(({ id, holdId }) => [id, holdId]));
  const withFacts = new Set(books.events.filter(isFact).map(({ holdId }) => holdId));
  const seen = Map.groupBy(
    exchanges.flatMap(({ command, answered, sentMs }) => {
      const status = answered === null ? null : statusIn(answered.reply);
      const holdId = holdOf(command, holdOfOrder);
      return status === null || holdId === null || answered === null
        ? []
        : [{ holdId, status, sentMs, answeredMs: answered.atMs }];
    }),
    ({ holdId }) => holdId,
  );
  return books.orders.flatMap(({ id, holdId, status }) => {
    const atTheEnd: Seen = { status, sentMs: Number.POSITIVE_INFINITY, answeredMs: Number.POSITIVE_INFINITY };
    const all: readonly Seen[] = [...(seen.get(holdId) ?? []), atTheEnd];
    return all.flatMap((before) =>
      all
        .filter(
          (after) =>
            before.answeredMs < after.sentMs &&
            !canBecome[before.status].includes(after.status) &&
            !(withFacts.has(holdId) && canBecomeByFacts[before.status]?.includes(after.status)),
        )
        .map((after) => `order ${id} was ${before.status} and then ${after.status}`),
    );
  });
}

/** The status at the instant of the answer: a stored answer tells of an earlier one. An overdue order may be refused by its deadline alone. */
function statusIn(reply: Reply): OrderStatus | null {
  switch (reply.kind) {
    case 'order_created':
      return reply.replayed ? null : reply.order.status;
    case 'order_cancelled':
      return reply.order.status;
    case 'payment_event_answered':
      return reply.replayed || reply.answer.result === 'parked' ? null : reply.answer.orderStatus;
    case 'refused':
      return reply.code === 'order_not_cancellable' && reply.orderStatus !== 'expired'
        ? reply.orderStatus
        : null;
    default:
      return null;
  }
}
