import type { Random } from './random.ts';
import type { Fact, Pay, Step, StepKind } from './step.ts';

/** Of what the stories of a sale are made. */
export type Cast = {
  readonly nodes: number;
  /** How many units a buyer may ask for: one of these. */
  readonly quantities: readonly [number, ...number[]];
  /** By what a payment may name an order that was made: one of these. */
  readonly names: readonly [Pay['names'], ...Pay['names'][]];
  /** How many of the payments with a reference are refunded or disputed at the provider. */
  readonly factsChance: number;
};

/** A buyer who comes for a product. */
export type Visit = {
  readonly buyer: number;
  readonly comesAtMs: number;
  readonly productId: number;
  /** How many of such buyers order. Where few do, holds run out one after the other. */
  readonly ordersChance: number;
};

/** What everybody does, one story after the other. */
export class Stories {
  readonly all: Step[] = [];
  readonly #random: Random;
  readonly #cast: Cast;

  constructor(random: Random, cast: Cast) {
    this.#random = random;
    this.#cast = cast;
  }

  /** A buyer holds units and mostly goes on from there, in one of many ways. */
  addBuyer({ buyer, comesAtMs, productId, ordersChance }: Visit): void {
    const random = this.#random;
    const hold = this.add(buyer, comesAtMs, {
      kind: 'hold',
      productId,
      quantity: random.pick(this.#cast.quantities),
      idempotencyKey: this.#keyOrNone(0.7),
    });
    const orders = random.chance(ordersChance);
    const order = orders
      ? this.add(buyer, this.#soonOrAtASecond(comesAtMs), {
          kind: 'order',
          hold,
          idempotencyKey: this.#keyOrNone(0.8),
        })
      : hold;
    const orderedAtMs = this.all.at(-1)?.atMs ?? comesAtMs;
    if (random.chance(0.1)) {
      this.add(buyer, orderedAtMs, { kind: 'order', hold, idempotencyKey: this.#keyOrNone(0.8) });
    }
    if (random.chance(0.15)) {
      this.add(buyer, this.#soonOrAtASecond(comesAtMs), { kind: 'release', hold });
    }
    if (orders && random.chance(0.15)) {
      this.add(buyer, this.#soonOrAtASecond(orderedAtMs), { kind: 'cancel', order });
    }
    if (random.chance(orders ? 0.8 : 0.2)) {
      this.#addPayments(buyer, orders ? orderedAtMs : comesAtMs, hold, order);
    }
  }

  /** Somebody paid for an order that nobody knows. */
  addStranger(atMs: number): void {
    const id = this.all.length;
    this.#addPayment(-1, atMs, { hold: id, order: id, names: 'stranger', status: 'paid' });
  }

  /** Returns the id of the step. */
  add(buyer: number, atMs: number, step: StepKind): number {
    const id = this.all.length;
    this.all.push({
      id,
      buyer,
      atMs: Math.max(0, Math.round(atMs * 10) / 10),
      node: this.#random.below(this.#cast.nodes),
      ...step,
    });
    return id;
  }

  #addPayments(buyer: number, afterMs: number, hold: number, order: number): void {
    const random = this.#random;
    const isOrdered = order !== hold;
    const names = isOrdered ? random.pick(this.#cast.names) : 'hold';
    const status = random.chance(0.15) ? 'failed' : 'paid';
    // Of early ones some come before the order is asked for.
    const atMs = names === 'order' ? this.#soonOrAtASecond(afterMs) : afterMs - random.between(0, 30);
    const told = this.#addPayment(buyer, atMs, { hold, order, names, status });
    if (random.chance(0.3)) {
      // The same event once more, sooner or later.
      this.add(buyer, this.#soonOrAtASecond(atMs), told);
    }
    if (random.chance(0.25)) {
      // The same payment by another event, or another payment.
      const reference = random.chance(0.4) ? told.reference : undefined;
      const later = this.#soonOrAtASecond(atMs);
      this.#addPayment(buyer, later, { hold, order, names, status: 'paid' }, reference, told.amount);
    }
  }

  #addPayment(
    buyer: number,
    atMs: number,
    about: Pick<Pay, 'hold' | 'order' | 'names' | 'status'>,
    reference?: string | null,
    amount?: 'right' | 'wrong' | 'unsaid',
  ): Pay {
    const random = this.#random;
    const number = this.all.length;
    const isSame = reference !== undefined && reference !== null;
    const event = {
      kind: 'pay',
      key: `event ${number}`,
      ...about,
      // One payment has one amount, however often it is told of.
      amount: isSame && amount !== undefined ? amount : random.pick(['right', 'right', 'unsaid', 'wrong']),
      reference: isSame ? reference : random.chance(0.8) ? `payment ${number}` : null,
    } as const;
    this.add(buyer, atMs, event);
    const { reference: name } = event;
    if (!isSame && name !== null && event.names !== 'stranger' && random.chance(this.#cast.factsChance)) {
      this.#addFacts(buyer, atMs, { ...event, reference: name });
    }
    return event;
  }

  /** What becomes of a payment at the provider, reported in any order around the payment's own event. */
  #addFacts(buyer: number, aroundMs: number, of: Fact['of']): void {
    const random = this.#random;
    const count = 1 + random.below(4);
    for (let index = 0; index < count; index += 1) {
      const number = this.all.length;
      const status = random.pick([
        ...(['refunded', 'refunded', 'refund_failed'] as const),
        ...(['disputed', 'dispute_won', 'dispute_lost'] as const),
      ]);
      const what = status === 'refund_failed' ? 'refund' : 'dispute';
      const fact: Fact = {
        kind: 'fact',
        key: `event ${number}`,
        of,
        namesTarget: random.chance(0.5),
        status,
        amount: random.pick(['all', 'all', 'half', 'unsaid']),
        factId: status === 'refunded' ? null : `${what} ${random.pick(['a', 'b'])} of ${of.reference}`,
        // Few instants, so that some are equal.
        occurredAtMs: random.below(6) * 1000,
      };
      const atMs = random.chance(0.4) ? aroundMs - random.between(0, 60) : this.#soonOrAtASecond(aroundMs);
      this.add(buyer, atMs, fact);
      if (random.chance(0.2)) {
        this.add(buyer, this.#soonOrAtASecond(atMs), fact);
      }
    }
  }

  #keyOrNone(probability: number): string | null {
    return this.#random.chance(probability) ? `key ${this.all.length}` : null;
  }

  /** At once, a little later, or around the whole second at which a deadline may come. */
  #soonOrAtASecond(afterMs: number): number {
    const random = this.#random;
    if (random.chance(0.6)) {
      return afterMs + random.between(0, random.pick([5, 200]));
    }
    const second = Math.ceil(afterMs / 1000) + random.below(4);
    return Math.max(afterMs, second * 1000 + random.between(-20, 10));
  }
}
