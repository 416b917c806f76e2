import type { Command, CreateProduct } from '../../src/domain/commands.ts';
import { decide } from '../../src/domain/decide.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Order } from '../../src/domain/order.ts';
import type { FactStatus, IncomingPaymentEvent, PaymentAnswer } from '../../src/domain/payment.ts';
import type { Rules } from '../../src/domain/state.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { Engine, type EngineListener, type EngineOptions } from '../../src/engine/engine.ts';
import { newId } from '../../src/engine/new-id.ts';
import type { Scheduler } from '../../src/engine/scheduler.ts';
import type { Store } from '../../src/store/store.ts';

export type SaleOptions = {
  readonly rules?: Partial<Rules>;
  readonly engine?: Partial<EngineOptions>;
  readonly decide?: Decide;
  readonly newId?: () => number;
  readonly scheduler?: Scheduler;
  /** Is told as well. */
  readonly listener?: Partial<Pick<EngineListener, 'committed' | 'failed'>>;
};

/**
 * Engine and store as the service has them, with what buyers do as methods that throw when they are refused.
 */
export class Sale {
  readonly engine: Engine;
  /** What the engine told, in order. */
  readonly committed: Parameters<EngineListener['committed']>[0][] = [];
  readonly failed: Parameters<EngineListener['failed']>[0][] = [];
  readonly defects: Parameters<EngineListener['defect']>[0][] = [];

  constructor(store: Store, options: SaleOptions = {}) {
    this.engine = new Engine(
      {
        store,
        decide: options.decide ?? decide,
        rules: {
          holdSeconds: 120,
          paymentSeconds: 600,
          parkedMax: 100,
          eventEndpoints: [],
          ...options.rules,
        },
        newId: options.newId ?? newId,
      },
      { queueMax: 10_000, batchMax: 200, requestTimeoutMs: 20_000, ...options.engine },
      {
        committed: (report) => {
          this.committed.push(report);
          options.listener?.committed?.(report);
        },
        failed: (report) => {
          this.failed.push(report);
          options.listener?.failed?.(report);
        },
        defect: (report) => void this.defects.push(report),
      },
      options.scheduler,
    );
  }

  async product(over: Partial<CreateProduct> = {}): Promise<number> {
    const { outcome } = await this.engine.submit({
      kind: 'create_product',
      stockChangeId: newId(),
      name: 'Flash Phone',
      priceMinor: 119_999,
      currency: 'USD',
      stock: 50,
      reason: 'first stock',
      opensAtMs: null,
      closesAtMs: null,
      ...over,
    });
    return outcome.kind === 'product_created' ? outcome.product.id : unexpected(outcome);
  }

  /** What a hold comes to. */
  async tryHold(productId: number, quantity = 1, over: { holdId?: number; idempotencyKey?: string } = {}) {
    return (
      await this.engine.submit({
        kind: 'create_hold',
        holdId: over.holdId ?? newId(),
        productId,
        quantity,
        idempotencyKey: over.idempotencyKey ?? null,
      })
    ).outcome;
  }

  async hold(...given: Parameters<Sale['tryHold']>): Promise<Hold> {
    const outcome = await this.tryHold(...given);
    return outcome.kind === 'hold_created' ? outcome.hold : unexpected(outcome);
  }

  async order(holdId: number, over: { orderId?: number; idempotencyKey?: string } = {}): Promise<Order> {
    const { outcome } = await this.engine.submit({
      kind: 'create_order',
      orderId: over.orderId ?? newId(),
      holdId,
      idempotencyKey: over.idempotencyKey ?? null,
    });
    return outcome.kind === 'order_created' ? outcome.order : unexpected(outcome);
  }

  /** A payment event: `paid`, with nothing but its key unless said otherwise. */
  async pay(event: Partial<IncomingPaymentEvent>): Promise<PaymentAnswer> {
    const { outcome } = await this.engine.submit({
      kind: 'apply_payment_event',
      event: {
        key: `evt_${newId()}`,
        orderId: null,
        holdId: null,
        status: 'paid',
        amountMinor: null,
        currency: null,
        reference: null,
        ...event,
      },
    });
    return outcome.kind === 'payment_event_answered' ? outcome.answer : unexpected(outcome);
  }
}

/**
 * A history with everything that can come of holds, orders and payments, one of each, on two products: one
 * with units left and one that is sold out.
 */
export async function playEverything(store: Store, listener: SaleOptions['listener'] = {}): Promise<void> {
  const eventEndpoints = ['shop'];
  const sale = new Sale(store, { rules: { eventEndpoints }, listener });
  /** Holds and orders of this one have run out as soon as they are made. */
  const slow = new Sale(store, {
    rules: { holdSeconds: -60, paymentSeconds: -60, eventEndpoints },
    listener,
  });
  const many = await sale.product({ stock: 100 });
  const scarce = await sale.product({ stock: 2, currency: 'JPY', priceMinor: 500 });

  await sale.hold(many, 3);
  await sale.order((await sale.hold(many, 1, { idempotencyKey: 'hold key' })).id, {
    idempotencyKey: 'order key',
  });
  const let_go = await sale.hold(many, 2);
  await sale.engine.submit({ kind: 'release_hold', holdId: let_go.id });
  await slow.hold(many, 2);
  await slow.order((await sale.hold(many, 2)).id);

  const paid = await sale.order((await sale.hold(many, 2)).id);
  await sale.pay({ orderId: paid.id, reference: 'pi_paid', amountMinor: paid.totalMinor, currency: 'USD' });
  await sale.pay({ orderId: paid.id, reference: 'pi_second' });
  await sale.pay({ orderId: paid.id });
  await sale.pay({ orderId: paid.id, reference: 'pi_wrong', amountMinor: 1, currency: 'USD' });
  const failed = await sale.order((await sale.hold(many, 1)).id);
  await sale.pay({ orderId: failed.id, status: 'failed' });
  await sale.pay({ orderId: failed.id, reference: 'pi_after_all' });
  const cancelled = await sale.order((await sale.hold(many, 1)).id);
  await sale.engine.submit({ kind: 'cancel_order', orderId: cancelled.id });

  const early = await sale.hold(many, 1);
  await sale.pay({ holdId: early.id, reference: 'pi_early' });
  await sale.order(early.id);
  await sale.pay({ holdId: (await sale.hold(many, 1)).id, status: 'failed' });
  const abandoned = await sale.hold(many, 1);
  await sale.pay({ holdId: abandoned.id, reference: 'pi_abandoned' });
  await sale.engine.submit({ kind: 'release_hold', holdId: abandoned.id });
  await sale.pay({ orderId: 12345, reference: 'pi_unknown', key: 'evt_unknown' });

  const late = await slow.order((await sale.hold(scarce, 2)).id);
  const sold = await sale.order((await sale.hold(scarce, 2)).id);
  await sale.pay({ orderId: sold.id });
  await sale.pay({ orderId: late.id, reference: 'pi_late' });
  const settled = await slow.order((await sale.hold(many, 1)).id);
  await sale.engine.submit({
    kind: 'change_stock',
    stockChangeId: newId(),
    productId: many,
    change: -80,
    reason: 'inventory',
  });
  await sale.pay({ orderId: settled.id, reference: 'pi_settled', amountMinor: 1, currency: 'EUR' });
  const refund = (await store.refunds({ orderId: settled.id }, { limit: 1, cursor: null })).items[0];
  await sale.engine.submit({ kind: 'settle_refund', refundId: refund?.id ?? 0 });
  await sale.engine.submit({ kind: 'expire_holds', productId: many, limit: 1 });
  await playProvider(store, sale, many);
  await playOperators(store, sale, many);
}

/** What operators decide about money. */
async function playOperators(store: Store, sale: Sale, productId: number): Promise<void> {
  const { engine } = sale;
  const decide = { reason: 'decided by hand' };
  const done = async (command: Command): Promise<void> => {
    const { outcome } = await engine.submit(command);
    if (outcome.kind === 'refused' || outcome.kind === 'failed') {
      unexpected(outcome);
    }
  };
  const ordered = async () => sale.order((await sale.hold(productId, 1)).id);
  const payByHand = (order: Order, reference: string) =>
    done({
      kind: 'pay_order',
      decisionId: newId(),
      orderId: order.id,
      amountMinor: order.totalMinor,
      currency: order.currency,
      reference,
      requestKey: { key: `pay ${reference}`, fingerprint: reference },
      ...decide,
    });
  const paid = await ordered();
  await payByHand(paid, 'transfer-1');
  const cancelled = await ordered();
  await engine.submit({ kind: 'cancel_order', orderId: cancelled.id });
  await payByHand(cancelled, 'transfer-2');
  for (const [orderId, amount, restock] of [
    [paid.id, 40, false],
    [paid.id, null, true],
    [cancelled.id, 1, false],
  ] as const) {
    const ids = { decisionId: newId(), stockChangeId: newId() };
    await done({ kind: 'refund_order', ...ids, orderId, amount, restock, ...decide });
  }
  await sale.pay({ orderId: paid.id, key: 'evt_flagged' });
  await sale.pay({ orderId: cancelled.id, key: 'evt_flagged_too' });
  for (const [reference, key] of [
    ['pi_nowhere', 'evt_nowhere'],
    [null, 'evt_of_nothing'],
  ] as const) {
    const event = { key, orderId: 54321, holdId: null, reference, status: 'paid' } as const;
    await sale.pay({ ...event, amountMinor: 500, currency: 'USD' });
    await engine.submit({ kind: 'abandon_parked_event', event });
  }
  for (const [key, choice] of [
    ['evt_flagged', 'refund'],
    ['evt_flagged_too', 'nothing_due'],
    ['evt_nowhere', 'refund'],
    ['evt_of_nothing', 'nothing_due'],
  ] as const) {
    const [event] = (await store.paymentEvents({ key }, { limit: 1, cursor: null })).items;
    if (event === undefined) {
      throw new Error(`there is no event ${key}`);
    }
    const { orderId, holdId, reference, status } = event;
    const named = { key, orderId, holdId, reference, status };
    await done({
      kind: 'resolve_payment_event',
      decisionId: newId(),
      event: named,
      choice,
      ...decide,
    });
  }
}

/** What only providers do: intents, declined cards, refunds that are sent, fail and come by themselves. */
async function playProvider(store: Store, sale: Sale, productId: number): Promise<void> {
  const { engine } = sale;
  const bought = async (reference: string): Promise<Order> => {
    const order = await sale.order((await sale.hold(productId, 1)).id);
    await engine.submit({
      kind: 'record_payment_intent',
      orderId: order.id,
      provider: 'stripe',
      reference,
      clientSecret: `${reference}_secret`,
    });
    await sale.pay({ orderId: order.id, status: 'declined', reference });
    await sale.pay({ orderId: order.id, reference });
    return order;
  };
  const says = (status: FactStatus, reference: string, amountMinor: number, over: object = {}) =>
    sale.pay({ orderId: null, status, reference, amountMinor, currency: 'USD', ...over });
  const returned = (reference: string, minor: number) => says('refunded', reference, minor);
  const all = (await bought('pi_returned')).totalMinor;
  await returned('pi_returned', all);
  await bought('pi_partly');
  await returned('pi_partly', 100);
  await returned('pi_partly', 200);

  const twice = await bought('pi_once');
  await sale.pay({ orderId: twice.id, reference: 'pi_twice' });
  const refundId = (await store.refunds({ orderId: twice.id }, { limit: 1, cursor: null })).items[0]?.id ?? 0;
  await engine.submit({ kind: 'begin_refund', refundId, leaseSeconds: 60 });
  await engine.submit({ kind: 'postpone_refund', refundId, error: 'timed out', delayMs: 0 });
  await engine.submit({ kind: 'begin_refund', refundId, leaseSeconds: 60 });
  const sent = { reference: 're_1', amountMinor: twice.totalMinor, atMs: 0 };
  await engine.submit({ kind: 'settle_refund', refundId, sent });
  await says('refund_failed', 'pi_twice', twice.totalMinor, { factId: 're_1' });
  await engine.submit({ kind: 'record_returned_sum', refundId, returnedMinor: 1, currency: 'USD', atMs: 1 });

  await bought('pi_disputed');
  await says('disputed', 'pi_disputed', 100, { factId: 'dp_1' });
  await says('dispute_lost', 'pi_disputed', 100, { factId: 'dp_1', occurredAtMs: 5 });
  await says('dispute_won', 'pi_disputed', 100, { factId: 'dp_1', occurredAtMs: 6 });
  await says('disputed', 'pi_unknown', 100);
}

function unexpected(outcome: object): never {
  throw new Error(`unexpected outcome: ${JSON.stringify(outcome)}`);
}
