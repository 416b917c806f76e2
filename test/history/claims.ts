import type { PaymentStatus } from '../../src/domain/payment.ts';
import type { Asked, Exchange, History, HoldSeen, OrderSeen, Reply } from './history.ts';

const never = Number.POSITIVE_INFINITY;

/** What an outsider knows of one hold that somebody was given, from requests and answers alone. Instants are of the true time. */
export type Claim = {
  /** As it was answered. */
  readonly hold: HoldSeen;
  /** The order of it, if it was ever answered or is in the books. */
  readonly orderId: number | null;
  /** The first answer that gave it. */
  readonly order: OrderSeen | null;
  /** It may be there from the one, and is from the other. */
  readonly askedMs: number;
  readonly givenMs: number;
  /** The first request for an order of it. */
  readonly orderAskedMs: number;
  /** The first word that its money has come, as it was sent and as it was answered. */
  readonly paymentToldMs: number;
  readonly paymentAnsweredMs: number;
  /** The first answer by which it is sold. */
  readonly soldMs: number;
  /** The first request that may have ended it, and the first answer by which it has ended. */
  readonly endAskedMs: number;
  readonly endedMs: number;
  readonly releaseAskedMs: number;
  readonly releasedMs: number;
};

/** The claims of a history, by their holds. */
export function claimsOf({ exchanges, books }: History): ReadonlyMap<number, Claim> {
  const holdOfOrder = new Map(books.orders.map(({ id, holdId }) => [id, holdId]));
  const holdOfPayment = holdsOfPayments(exchanges, holdOfOrder);
  const orderOfHold = new Map(books.orders.map(({ id, holdId }) => [holdId, id]));
  // Requests with a hold's key may have made it, whether they were answered or not.
  const askedMs = new Map<number, number>();
  const given = new Map<number, Exchange[]>();
  const about = new Map<number, Exchange[]>();
  for (const exchange of exchanges) {
    const reply = exchange.answered?.reply;
    const { stepId, sentMs } = exchange;
    askedMs.set(stepId, Math.min(askedMs.get(stepId) ?? never, sentMs));
    if (reply?.kind === 'hold_created') {
      addTo(given, reply.hold.id, exchange);
    }
    const holdId = holdOf(exchange.command, holdOfOrder) ?? paymentsHold(exchange.command, holdOfPayment);
    if (holdId !== null) {
      addTo(about, holdId, exchange);
    }
  }
  const claims = new Map<number, Claim>();
  for (const [id, answers] of given) {
    const claim = claimOf(answers, about.get(id) ?? [], askedMs);
    if (claim !== null) {
      claims.set(id, { ...claim, orderId: orderOfHold.get(id) ?? claim.order?.id ?? null });
    }
  }
  return claims;
}

/** The hold that each payment with a reference was made for. */
function holdsOfPayments(
  exchanges: readonly Exchange[],
  holdOfOrder: ReadonlyMap<number, number>,
): ReadonlyMap<string, number> {
  return new Map(
    exchanges.flatMap(({ command }): [string, number][] => {
      const holdId = holdOf(command, holdOfOrder);
      const reference = command.kind === 'apply_payment_event' ? command.event.reference : null;
      return holdId === null || reference === null ? [] : [[reference, holdId]];
    }),
  );
}

/** A fact may name its payment alone. */
function paymentsHold(command: Asked, holdOfPayment: ReadonlyMap<string, number>): number | null {
  return command.kind === 'apply_payment_event' && command.event.reference !== null
    ? (holdOfPayment.get(command.event.reference) ?? null)
    : null;
}

function claimOf(
  answers: readonly Exchange[],
  about: readonly Exchange[],
  askedMs: ReadonlyMap<number, number>,
): Omit<Claim, 'orderId'> | null {
  const [first] = answers;
  const reply = first?.answered?.reply;
  if (first === undefined || reply?.kind !== 'hold_created') {
    return null;
  }
  const sent = (is: (command: Asked) => boolean) =>
    Math.min(never, ...about.filter(({ command }) => is(command)).map(({ sentMs }) => sentMs));
  const answered = (is: (reply: Reply, command: Asked) => boolean) =>
    Math.min(
      never,
      ...about.flatMap(({ answered, command }) =>
        answered !== null && is(answered.reply, command) ? [answered.atMs] : [],
      ),
    );
  return {
    hold: reply.hold,
    order: about.flatMap(({ answered }) => orderIn(answered?.reply) ?? [])[0] ?? null,
    askedMs: askedMs.get(first.stepId) ?? first.sentMs,
    givenMs: Math.min(...answers.map(({ answered }) => answered?.atMs ?? never)),
    orderAskedMs: sent(({ kind }) => kind === 'create_order'),
    paymentToldMs: sent(tellsOfMoney),
    paymentAnsweredMs: answered((_, command) => tellsOfMoney(command)),
    soldMs: answered(isSold),
    endAskedMs: sent(mayEnd),
    endedMs: answered((said) => said.kind === 'hold_let_go' || said.kind === 'order_cancelled'),
    releaseAskedMs: sent(({ kind }) => kind === 'release_hold'),
    releasedMs: answered((said) => said.kind === 'hold_let_go'),
  };
}

/** The hold that a command is about, as far as it names one. */
export function holdOf(command: Asked, holdOfOrder: ReadonlyMap<number, number>): number | null {
  const named = (orderId: number | null) => (orderId === null ? null : (holdOfOrder.get(orderId) ?? null));
  switch (command.kind) {
    case 'create_order':
    case 'release_hold':
      return command.holdId;
    case 'cancel_order':
      return named(command.orderId);
    case 'apply_payment_event':
      return command.event.holdId ?? named(command.event.orderId);
    default:
      return null;
  }
}

function tellsOfMoney(command: Asked): boolean {
  return command.kind === 'apply_payment_event' && command.event.status === 'paid';
}

function mayEnd(command: Asked): boolean {
  return (
    command.kind === 'release_hold' ||
    command.kind === 'cancel_order' ||
    (command.kind === 'apply_payment_event' && endingStatuses.includes(command.event.status))
  );
}

/** A payment that is gone before it comes ends its order. */
const endingStatuses: readonly PaymentStatus[] = ['failed', 'refunded', 'dispute_lost'];

function isSold(reply: Reply): boolean {
  switch (reply.kind) {
    case 'order_created':
      return reply.order.status === 'paid';
    case 'payment_event_answered':
      return reply.answer.result !== 'parked' && reply.answer.orderStatus === 'paid';
    case 'refused':
      return (
        reply.code === 'hold_consumed' ||
        (reply.code === 'order_not_cancellable' && reply.orderStatus === 'paid')
      );
    default:
      return false;
  }
}

function orderIn(reply: Reply | undefined): OrderSeen | null {
  return reply?.kind === 'order_created' ? reply.order : null;
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [value]);
  } else {
    list.push(value);
  }
}
