import { expect, test } from 'vitest';
import { browserForTests, browserMissing, type Window } from '../support/browser.ts';
import { type Checkout, checkoutForTest } from '../support/checkout.ts';
import { ConsolePage } from '../support/console-page.ts';
import { describeNeeding } from '../support/needing.ts';
import { expectAccessible, expectDialogFits, takeScreenshot } from '../support/page-checks.ts';

const windows: Readonly<Record<string, Window>> = {
  'a desk, 1440 x 900': { viewport: { width: 1440, height: 900 } },
  'a desk, 1280 x 720': { viewport: { width: 1280, height: 720 } },
  'a tablet, 1024 x 768': { viewport: { width: 1024, height: 768 } },
  'a phone, 390 x 844': { viewport: { width: 390, height: 844 } },
  'a desk at 200 % zoom': { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 },
  'a phone at 200 % zoom, dark': {
    viewport: { width: 195, height: 422 },
    deviceScaleFactor: 2,
    colorScheme: 'dark',
  },
};

/** Where each dialog is also checked for accessibility, which does not depend on the size of the window. */
const looks = ['a desk, 1440 x 900', 'a phone at 200 % zoom, dark'];

/** A name of the greatest length without a place to break it. */
const longName = 'Graphics-card'.padEnd(200, '-x');

/** A payment of another amount than its order, so that a refund of one dollar is due. */
async function refundDue(checkout: Checkout, productId: number) {
  const order = await checkout.ordered(productId);
  await checkout.pay({
    idempotency_key: `evt_${'k'.repeat(150)}`,
    order_id: order.order_id,
    amount: 1,
    currency: 'USD',
    payment_reference: `pi_${'p'.repeat(150)}`,
  });
  for (const key of ['first', 'q'.repeat(200)]) {
    await checkout.pay({ idempotency_key: key, order_id: order.order_id });
  }
  return order;
}

/** Each dialog of the console by what opens it. */
const dialogs: Readonly<Record<string, (console: ConsolePage, order: number) => Promise<unknown>>> = {
  close: ({ page }) => page.getByRole('button', { name: 'Close now: Graphics' }).click(),
  open: ({ page }) => page.getByRole('button', { name: 'Open now' }).click(),
  settle: async (console) => {
    await console.tile('Refunds due').click();
    await console.page.getByRole('button', { name: 'Mark as settled' }).click();
  },
  product: (console) => console.change(longName),
  price: async (console) => {
    const price = (await console.change(longName)).getByRole('form', { name: 'Price' });
    await price.getByLabel('Price in USD').fill('0.01');
    await price.getByRole('button', { name: 'Set the price' }).click();
  },
  stock: async (console) => {
    const stock = (await console.change(longName)).getByRole('form', { name: 'Stock' });
    await stock.getByLabel('Change').fill('-9');
    await stock.getByLabel('Reason').fill('damaged');
    await stock.getByRole('button', { name: 'Take away' }).click();
  },
  'sale-window': async (console) => {
    const window = (await console.change(longName)).getByRole('form', { name: 'Sale window' });
    await window.getByLabel('Closes').fill('2020-11-27T09:00:00');
    await window.getByRole('button', { name: 'Set the window' }).click();
  },
  errors: async (console) => {
    const window = (await console.change(longName)).getByRole('form', { name: 'Sale window' });
    await window.getByLabel('Opens').fill('2036-11-27T09:00:00');
    await window.getByLabel('Closes').fill('2036-03-30T02:30:00');
    await window.getByRole('button', { name: 'Set the window' }).click();
    await window.getByText('Expected a time that exists').waitFor();
  },
  'new-product': ({ page }) => page.getByRole('button', { name: 'New product' }).click(),
  'put-on-sale': async ({ page }) => {
    await page.getByRole('button', { name: 'New product' }).click();
    await page.getByLabel('Name', { exact: true }).fill(longName);
    await page.getByLabel('Price').fill('9999999.99');
    await page.getByLabel('Units').fill('1000000000');
    await page.getByRole('button', { name: 'Create' }).click();
  },
  story: async (console, order) => {
    await console.find(String(order));
    await console.page.getByText('Refund of $1.00: due').waitFor();
  },
  resolve: async (console) => {
    await console.tile('Paid twice?').click();
    await console.page.getByRole('button', { name: 'Decide' }).click();
  },
  'resolve-question': async (console) => {
    await console.tile('Paid twice?').click();
    await console.page.getByRole('button', { name: 'Decide' }).click();
    const form = console.page.getByRole('form', { name: 'Decision' });
    await form.getByLabel('Refund it').check();
    await form.getByLabel('Reason').fill('paid twice');
    await form.getByRole('button', { name: 'Decide' }).click();
  },
  'refund-question': async (console, order) => {
    await console.find(String(order));
    const form = console.page.getByRole('form', { name: 'Refund' });
    await form.getByLabel('Reason').fill('arrived broken');
    await form.getByLabel('Put the units back on the shelf').check();
    await form.getByRole('button', { name: 'Refund' }).click();
  },
  'nothing-found': async (console) => {
    await console.find('n'.repeat(200));
    await console.page.getByText('Nothing has this name').waitFor();
  },
};

describeNeeding(browserMissing)('each dialog of the console', () => {
  const browser = browserForTests();

  test.each(Object.entries(windows))('fits %s, or scrolls inside', async (name, window) => {
    const checkout = await checkoutForTest({ variables: { SIMULATED_PAYMENTS: 'false' } });
    const productId = await checkout.createProduct({ name: longName, price: 899 });
    await checkout.createProduct({ name: 'Poster', opens_at: '2036-11-27T09:00:00Z' });
    const { order_id } = await refundDue(checkout, productId);
    const console = await ConsolePage.open(browser, checkout.url, { ...window, timezoneId: 'Europe/Berlin' });
    await console.row(longName).waitFor();
    for (const [dialog, open] of Object.entries(dialogs)) {
      await open(console, order_id);
      await console.page.locator('dialog[open]').last().waitFor();
      await takeScreenshot(console.page, `dialog-${dialog}-${name.replaceAll(/\W+/g, '-')}`);
      await expectDialogFits(console.page);
      if (looks.includes(name)) {
        await expectAccessible(console.page);
      }
      await console.page.reload();
      await console.page.getByText('Live', { exact: true }).waitFor();
      await console.row(longName).waitFor();
    }
  });

  test('that asks is an alert: it names what will happen, starts on Cancel, and Escape changes nothing', async () => {
    const checkout = await checkoutForTest({ variables: { SIMULATED_PAYMENTS: 'false' } });
    const productId = await checkout.createProduct({ name: 'Graphics card', price: 899 });
    const order = await checkout.ordered(productId);
    await checkout.pay({
      idempotency_key: 'evt_short',
      order_id: order.order_id,
      amount: 1,
      currency: 'USD',
      payment_reference: 'pi_short',
    });
    const [refund] = await checkout.refundsOf(order);
    const console = await ConsolePage.open(browser, checkout.url);
    const { page } = console;
    const focused = () =>
      page.evaluate<string>(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText',
      );
    const sentences = async (question: ReturnType<ConsolePage['question']>) => {
      await question.waitFor();
      return (await question.locator('.consequences p').allInnerTexts()).join(' ');
    };
    const product = async () => (await checkout.product(productId)).body;

    await console.tile('Refunds due').click();
    await page.getByRole('button', { name: 'Mark as settled' }).click();
    const settle = console.question('Mark the refund of $1.00 as settled?');
    expect(await sentences(settle)).toBe(
      `Refund ${refund?.refund_id} of order ${order.order_id}: $1.00 (USD), payment pi_short. It is recorded as sent back to the buyer. The service does not send this money, now or later. This cannot be undone.`,
    );
    const described = await settle.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).innerText()).toContain('This cannot be undone.');
    expect(await focused()).toBe('Cancel');
    await page.keyboard.press('Enter');
    await settle.waitFor({ state: 'detached' });
    expect(await focused()).toBe('Mark as settled');
    await page.keyboard.press('Enter');
    await settle.waitFor();
    await page.keyboard.press('Escape');
    await settle.waitFor({ state: 'detached' });
    expect((await checkout.refundsOf(order)).map(({ status }) => status)).toEqual(['due']);

    const price = (await console.change('Graphics card')).getByRole('form', { name: 'Price' });
    await price.getByLabel('Price in USD').fill('0.01');
    await page.keyboard.press('Enter');
    const reprice = console.question('Change the price of Graphics card?');
    expect(await sentences(reprice)).toBe(
      'Price: $899.00 → $0.01 (-99.9%). New holds get the new price at once. Existing holds and orders keep theirs. Check the amount: this changes the price by more than 50%.',
    );
    expect(await focused()).toBe('Cancel');
    await page.keyboard.press('Escape');
    await reprice.waitFor({ state: 'detached' });
    expect(await price.getByLabel('Price in USD').inputValue()).toBe('0.01');
    expect((await product()).price).toBe(899);
    await page.keyboard.press('Enter');
    await console.agree('Change the price of Graphics card?', 'Set $0.01');
    await page.getByRole('status').filter({ hasText: 'Graphics card costs $0.01 now.' }).waitFor();
    expect((await product()).price).toBe(0.01);

    await page.getByRole('button', { name: 'Close now: Graphics card' }).click();
    const close = console.question('Close the sale of Graphics card?');
    await close.waitFor();
    expect(await focused()).toBe('Cancel');
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog').count()).toBe(0);
    expect(await focused()).toBe('Close now: Graphics card');
    expect((await product()).closes_at).toBeNull();
    await page.keyboard.press('Enter');
    await console.agree('Close the sale of Graphics card?', 'Close now');
    await page.getByRole('button', { name: 'Open now: Graphics card' }).waitFor();
    expect(await focused()).toBe('Open now: Graphics card');
  });
});
