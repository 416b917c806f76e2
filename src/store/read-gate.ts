import type { OutboxReader } from './outbox.ts';
import { StoreError } from './store-error.ts';
import type { StoreReader } from './store-reader.ts';

/**
 * How many reads are handed to the database at a time: not more than a dialect has connections for, so that nobody waits where nothing
 * can be taken back, and the engine's own look-ups find a connection soon.
 */
const atOnceMax = 8;

/**
 * The reads of a store, each with an end: one that the database has not answered `waitMs` after it was asked for is refused. Drivers
 * wait for a free connection for as long as it takes, and a table that an operator has locked keeps all of them.
 *
 * The audit is left as it is: it takes long by nature, and has a connection of its own.
 *
 * @throws StoreError `unavailable` for a read that took too long
 */
export function gatedReader(reader: StoreReader & OutboxReader, waitMs: number): StoreReader & OutboxReader {
  const gate = new ReadGate(waitMs);
  const gated =
    <Given extends readonly unknown[], Result>(read: (...given: Given) => Promise<Result>) =>
    (...given: Given): Promise<Result> =>
      gate.pass(() => read(...given));
  return {
    nowMs: reader.nowMs,
    audit: reader.audit,
    locate: gated(reader.locate),
    product: gated(reader.product),
    products: gated(reader.products),
    productSales: gated(reader.productSales),
    hold: gated(reader.hold),
    order: gated(reader.order),
    orders: gated(reader.orders),
    holds: gated(reader.holds),
    paymentEvents: gated(reader.paymentEvents),
    refunds: gated(reader.refunds),
    operatorDecisions: gated(reader.operatorDecisions),
    disputes: gated(reader.disputes),
    deadlines: gated(reader.deadlines),
    parkedButKnown: gated(reader.parkedButKnown),
    parkedForOrders: gated(reader.parkedForOrders),
    parkedSince: gated(reader.parkedSince),
    intentsToAsk: gated(reader.intentsToAsk),
    intentsToClose: gated(reader.intentsToClose),
    refundsToSend: gated(reader.refundsToSend),
    backlog: gated(reader.backlog),
    outgoingEvent: gated(reader.outgoingEvent),
    outgoingEvents: gated(reader.outgoingEvents),
    deliveries: gated(reader.deliveries),
    endpoints: gated(reader.endpoints),
    deliveriesDue: gated(reader.deliveriesDue),
  };
}

class ReadGate {
  readonly #waitMs: number;
  /** In order of arrival. */
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  pass<Result>(read: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        this.#inside += 1;
        read()
          .then(resolve, reject)
          .finally(() => {
            clearTimeout(patience);
            this.#inside -= 1;
            this.#letIn();
          });
      };
      const patience = setTimeout(() => {
        this.#waiting.delete(enter);
        reject(
          new StoreError('unavailable', `the database has not answered a read within ${this.#waitMs} ms`),
        );
      }, this.#waitMs);
      this.#waiting.add(enter);
      this.#letIn();
    });
  }

  /** One that was refused while it was inside keeps its place until the database answers: its connection is busy. */
  #letIn(): void {
    for (const enter of this.#waiting) {
      if (this.#inside >= atOnceMax) {
        return;
      }
      this.#waiting.delete(enter);
      enter();
    }
  }
}
