import { isFact, paymentName } from '../../src/domain/payment.ts';
import type { BrokenPromises } from './auditor.ts';
import type { Books, Exchange, History, OrderInBooks, Reply } from './history.ts';

/** A change that makes a true history one in which a promise was broken. */
export type Lie = {
  readonly name: string;
  /** Which promise it is. */
  readonly promise: keyof BrokenPromises;
  /** False: it may have been so after all, by what is known of some histories. */
  readonly isAlwaysSeen: boolean;
  /** Null when there is nothing in the history that could be changed so. */
  readonly tell: (history: History) => History | null;
};

/** An id that nothing has. */
const strangerId = 42;

export const lies: readonly Lie[] = [
  {
    name: 'a hold that was acknowledged is missing in the end',
    promise: 'lost',
    isAlwaysSeen: true,
    tell: (history) => {
      const id = firstReply(history, 'hold_created')?.reply.hold.id;
      return id === undefined ? null : withBooks(history, { holds: without(history.books.holds, id) });
    },
  },
  {
    name: 'an order that was acknowledged is missing in the end',
    promise: 'lost',
    isAlwaysSeen: true,
    tell: (history) => {
      const id = firstReply(history, 'order_created')?.reply.order.id;
      return id === undefined ? null : withBooks(history, { orders: without(history.books.orders, id) });
    },
  },
  {
    name: 'a payment event that was taken in is missing in the end',
    promise: 'lost',
    isAlwaysSeen: true,
    tell: (history) => {
      const { command } = firstReply(history, 'payment_event_answered')?.exchange ?? {};
      const events = history.books.events.filter(
        ({ key }) => command?.kind !== 'apply_payment_event' || key !== command.event.key,
      );
      return command === undefined ? null : withBooks(history, { events, forgotten: [] });
    },
  },
  {
    name: 'a unit is gone in the end',
    promise: 'lost',
    isAlwaysSeen: true,
    tell: (history) => {
      const one = history.books.products.find(({ id }) => isStockKnown(history, id));
      const products = history.books.products.map((product) =>
        product === one ? { ...product, stock: product.stock - 1 } : product,
      );
      return one === undefined ? null : withBooks(history, { products });
    },
  },
  {
    name: 'everybody who was refused a unit for want of it is given one',
    promise: 'oversold',
    isAlwaysSeen: false,
    tell: grantRefused,
  },
  {
    name: 'a unit is sold, and then all that there ever were are held',
    promise: 'oversold',
    isAlwaysSeen: true,
    tell: holdEverything,
  },
  {
    name: 'a request with a key makes a second hold when it is sent again',
    promise: 'effects',
    isAlwaysSeen: true,
    tell: (history) => {
      const given = history.exchanges.find(
        ({ command, answered }) =>
          command.kind === 'create_hold' &&
          command.idempotencyKey !== null &&
          answered?.reply.kind === 'hold_created',
      );
      return given === undefined
        ? null
        : withExchanges(history, [...history.exchanges, withHoldOf(strangerId, given, history)]);
    },
  },
  {
    name: 'a payment neither bought its order nor went back',
    promise: 'money',
    isAlwaysSeen: true,
    tell: (history) => changeBoughtEvent(history, 'ignored'),
  },
  {
    name: 'a refund is missing',
    promise: 'money',
    isAlwaysSeen: false,
    tell: (history) => {
      const [first, ...others] = history.books.refunds;
      return first === undefined ? null : withBooks(history, { refunds: others });
    },
  },
  {
    name: 'a payment that bought its order also goes back',
    promise: 'money',
    isAlwaysSeen: true,
    tell: (history) => {
      const { events } = history.books;
      const event = events.find(
        (each) => isBought(each) && !events.some((fact) => isFact(fact) && fact.holdId === each.holdId),
      );
      return event === undefined
        ? null
        : withBooks(history, {
            refunds: [
              ...history.books.refunds,
              {
                id: strangerId,
                paymentName: paymentName(event),
                orderId: event.orderId,
                amountMinor: event.amountMinor ?? 1,
                returnedMinor: 0,
                sentMinor: event.amountMinor ?? 1,
                status: 'succeeded',
                reason: 'second_payment',
              },
            ],
          });
    },
  },
  {
    name: 'an order that was paid is cancelled in the end',
    promise: 'answers',
    isAlwaysSeen: true,
    tell: (history) => {
      const paid = firstPaid(history);
      const orders = history.books.orders.map((order) =>
        order === paid ? ({ ...order, status: 'cancelled' } as const) : order,
      );
      return paid === undefined ? null : withBooks(history, { orders });
    },
  },
  {
    name: 'the first who comes is refused, and nobody has a unit yet',
    promise: 'answers',
    isAlwaysSeen: false,
    tell: (history) => {
      const first = history.exchanges.findIndex(({ command }) => command.kind === 'create_hold');
      const exchange = history.exchanges[first];
      const reply: Reply = { kind: 'refused', code: 'insufficient_stock' };
      return exchange?.answered?.reply.kind !== 'hold_created'
        ? null
        : withExchanges(
            history,
            history.exchanges.with(first, { ...exchange, answered: { ...exchange.answered, reply } }),
          );
    },
  },
];

/** Whether every change that an operator asked for was answered. */
function isStockKnown({ exchanges }: History, productId: number): boolean {
  return exchanges.every(
    ({ command, answered }) =>
      command.kind !== 'change_stock' ||
      command.productId !== productId ||
      answered?.reply.kind === 'stock_changed' ||
      answered?.reply.kind === 'refused',
  );
}

function grantRefused(history: History): History | null {
  let id = strangerId;
  const exchanges = history.exchanges.map((exchange) => {
    const { reply } = exchange.answered ?? {};
    if (reply?.kind !== 'refused' || reply.code !== 'insufficient_stock') {
      return exchange;
    }
    id += 1;
    return withHoldOf(id, exchange, history);
  });
  return id === strangerId ? null : withExchanges(history, exchanges);
}

function holdEverything(history: History): History | null {
  const { exchanges, onSale } = history;
  const productId = firstPaid(history)?.productId;
  if (productId === undefined) {
    return null;
  }
  const brought = exchanges.map(({ command }) =>
    command.kind === 'change_stock' && command.productId === productId ? Math.max(0, command.change) : 0,
  );
  const quantity = [onSale.find(({ id }) => id === productId)?.units ?? 0, ...brought].reduce(
    (sum, units) => sum + units,
  );
  const sentMs = 1 + exchanges.reduce((last, each) => Math.max(last, each.answered?.atMs ?? each.sentMs), 0);
  const exchange: Exchange = {
    stepId: -strangerId,
    attempt: 0,
    node: 0,
    command: { kind: 'create_hold', productId, quantity, idempotencyKey: null },
    sentMs,
    answered: { atMs: sentMs + 1, reply: { kind: 'refused', code: 'insufficient_stock' } },
  };
  return withExchanges(history, [...exchanges, withHoldOf(strangerId, exchange, history)]);
}

/** The first order of which somebody was told that it is paid now. */
function firstPaid({ exchanges, books }: History): OrderInBooks | undefined {
  for (const { answered, command } of exchanges) {
    const reply = answered?.reply;
    const isMoney = command.kind === 'apply_payment_event' && !isFact(command.event);
    if (
      isMoney &&
      reply?.kind === 'payment_event_answered' &&
      !reply.replayed &&
      reply.answer.result === 'processed'
    ) {
      const { orderId, orderStatus } = reply.answer;
      const order = books.orders.find(({ id }) => id === orderId);
      if (orderStatus === 'paid' && order !== undefined) {
        return order;
      }
    }
  }
  return undefined;
}

/** As if the request had been answered with a new hold. */
function withHoldOf(id: number, exchange: Exchange, { rules, beginsAtMs, clockErrorMs }: History): Exchange {
  const { command, answered } = exchange;
  if (command.kind !== 'create_hold' || answered === null) {
    throw new Error('expected the answer to a request for a hold');
  }
  const { productId, quantity } = command;
  // By a clock that is as far ahead as one may be.
  const expiresAtMs = beginsAtMs + answered.atMs + rules.holdSeconds * 1000 + clockErrorMs;
  const hold = { id, productId, quantity, expiresAtMs };
  return {
    ...exchange,
    answered: { ...answered, reply: { kind: 'hold_created', hold, replayed: false } },
  };
}

function changeBoughtEvent(history: History, result: 'ignored'): History | null {
  const bought = history.books.events.find(isBought);
  const events = history.books.events.map((event) => (event === bought ? { ...event, result } : event));
  return bought === undefined ? null : withBooks(history, { events, forgotten: [] });
}

function isBought({ status, result }: Books['events'][number]): boolean {
  return status === 'paid' && result === 'processed';
}

function firstReply<Kind extends Reply['kind']>({ exchanges }: History, kind: Kind) {
  for (const exchange of exchanges) {
    const reply = exchange.answered?.reply;
    if (reply?.kind === kind) {
      return { exchange, reply: reply as Extract<Reply, { readonly kind: Kind }> };
    }
  }
  return undefined;
}

function without<Row extends { readonly id: number }>(rows: readonly Row[], id: number): readonly Row[] {
  return rows.filter((row) => row.id !== id);
}

function withBooks(history: History, books: Partial<Books>): History {
  return { ...history, books: { ...history.books, ...books } };
}

function withExchanges(history: History, exchanges: readonly Exchange[]): History {
  return { ...history, exchanges };
}
