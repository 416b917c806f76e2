import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Checkout, startCheckout } from './checkout.ts';
import type { Reply } from './checkout-client.ts';
import type { TestDatabase } from './databases.ts';

/** A checkout with one product of many units, for all tests of a suite about payment events. Its rows have to agree afterwards. */
export class PaymentSuite {
  #running: { readonly checkout: Checkout; readonly productId: number } | undefined;

  constructor(database: TestDatabase) {
    beforeAll(async () => {
      const checkout = await startCheckout({ database });
      this.#running = { checkout, productId: await checkout.createProduct({ stock: 10_000 }) };
    });
    afterAll(async () => {
      expect(await this.checkout.auditDifferences()).toEqual([]);
      await this.checkout.stop();
    });
  }

  get checkout(): Checkout {
    return this.#now().checkout;
  }

  get productId(): number {
    return this.#now().productId;
  }

  /** Sends a payment event, with a key of its own unless it has one. */
  pay(event: Readonly<Record<string, unknown>>): Promise<Reply> {
    return this.checkout.pay({ idempotency_key: randomUUID(), ...event });
  }

  async stock(): Promise<number> {
    return (await this.checkout.product(this.productId)).body.stock;
  }

  #now() {
    if (this.#running === undefined) {
      throw new Error('the checkout runs only while tests run');
    }
    return this.#running;
  }
}
