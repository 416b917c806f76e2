import type { Checkout } from './checkout.ts';

/** What is on sale, and how many want it: `wish` is a share of all buyers. */
export type Offer = {
  readonly name: string;
  readonly price: number;
  readonly stock: number;
  readonly wish: number;
};

/** What became of the buyers, as their answers told them. */
export type Taken = {
  holds: number;
  orders: number;
  payments: number;
  refusals: number;
};

/** Buyers who hold, order and pay, each in a way that follows from their number, so that every run is the same sale. */
export class SimulatedBuyers {
  readonly taken: Taken = { holds: 0, orders: 0, payments: 0, refusals: 0 };
  readonly #checkout: Checkout;
  readonly #wishes: readonly number[];

  /** @param productIds one for each offer */
  constructor(checkout: Checkout, productIds: readonly number[], offers: readonly Offer[]) {
    this.#checkout = checkout;
    this.#wishes = offers.flatMap(({ wish }, index) => Array(wish).fill(productIds[index]) as number[]);
  }

  /** These buyers come at once. Resolves when all of them have done what they will do. */
  async come(first: number, count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, index) => this.#buy(first + index)));
  }

  /** Every tenth only looks, every eighth of the others does not pay yet, and one of a hundred pays too little. */
  async #buy(nth: number): Promise<void> {
    // 37 has no common factor with a hundred, so neighbours want different things.
    const productId = this.#wishes[(nth * 37) % this.#wishes.length] ?? 0;
    const hold = await this.#checkout.hold(productId, 1 + (nth % 2));
    if (hold.status !== 201) {
      this.taken.refusals += 1;
      return;
    }
    this.taken.holds += 1;
    if (nth % 10 === 9) {
      return;
    }
    const { order_id, currency } = (await this.#checkout.order(hold.body.hold_id)).body;
    this.taken.orders += 1;
    if (nth % 8 === 5) {
      return;
    }
    const wrong = nth % 100 === 50 ? { amount: 1, currency } : {};
    const payment = { order_id, payment_reference: `pi_${nth}`, ...wrong };
    const { result } = (await this.#checkout.pay({ idempotency_key: `evt_${nth}`, ...payment })).body;
    this.taken.payments += result === 'processed' ? 1 : 0;
  }
}
