import type { Page } from 'playwright-core';
import type { Checkout } from './checkout.ts';

/** What a buyer sees and does on the storefront, by the names that everybody is told. */
export class StorefrontPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  product(name: string) {
    return this.page
      .getByRole('listitem')
      .filter({ has: this.page.getByRole('heading', { name, exact: true }) });
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** The button that holds so many of a product. */
  holdButton(name: string) {
    return this.product(name).locator('button.primary');
  }

  /** Waits until the purchase says this in its heading. */
  async sees(title: string): Promise<void> {
    await this.page.getByRole('heading', { name: title, exact: true, level: 2 }).waitFor();
  }

  /** Waits until these words are somewhere to be seen. */
  async reads(text: string | RegExp): Promise<void> {
    await this.page.locator('main').getByText(text).first().waitFor();
  }

  async hold(name: string): Promise<void> {
    await this.holdButton(name).and(this.page.locator('[aria-disabled=false]')).click();
    await this.button('Order now').waitFor();
  }

  async order(name: string): Promise<void> {
    await this.hold(name);
    await this.button('Order now').click();
    await this.sees('Ordered. Now pay');
  }
}

/** Puts a product on sale that looks like one of a real sale. */
export function sell(checkout: Checkout, name: string, fields: Readonly<Record<string, unknown>> = {}) {
  return checkout.createProduct({ name, price: 1199.99, currency: 'USD', stock: 50, ...fields });
}

/** A sale in which every product is in a state of its own. Resolves to the id of the first. */
export async function fillShop(checkout: Checkout): Promise<number> {
  const inNineHours = new Date(Date.now() + 9 * 3_600_000).toISOString();
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const first = await sell(checkout, 'Phone, 256 GB');
  const products = [
    { name: 'Sneakers, limited edition', price: 189, stock: 500, held: 187 },
    { name: 'Concert ticket, front row', price: 249.5, stock: 40, held: 37 },
    { name: 'Signed vinyl record', price: 34.99, stock: 12, held: 12 },
    { name: 'Festival weekend pass', price: 310, stock: 1_000, opens_at: inNineHours },
    { name: 'Game console', price: 499.99, stock: 200, held: 61 },
    { name: 'Graphics card', price: 899, stock: 0 },
    { name: 'Mechanical keyboard', price: 159.9, stock: 120, closes_at: anHourAgo },
  ];
  for (const { held = 0, ...fields } of products) {
    const productId = await checkout.createProduct({ currency: 'USD', ...fields });
    if (held > 0) {
      await checkout.hold(productId, held);
    }
  }
  await checkout.hold(first, 38);
  return first;
}
