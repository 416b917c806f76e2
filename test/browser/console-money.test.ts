import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { browserForTests, browserMissing } from '../support/browser.ts';
import { type Checkout, checkoutForTest } from '../support/checkout.ts';
import { ConsolePage } from '../support/console-page.ts';
import { describeNeeding } from '../support/needing.ts';
import { until } from '../support/until.ts';

describeNeeding(browserMissing)('money that operators decide about in the console', () => {
  const browser = browserForTests();

  const shop = () => checkoutForTest({ variables: { SIMULATED_PAYMENTS: 'false' } });
  const paid = async (checkout: Checkout) => {
    const order = await checkout.ordered(await checkout.createProduct({ name: 'Phone' }), 2);
    const { order_id } = order;
    await checkout.pay({ idempotency_key: 'evt_paid', order_id, payment_reference: 'pi_1' });
    return order;
  };
  const said = (page: Page, words: string) => page.getByRole('status').filter({ hasText: words }).waitFor();

  test('a refund is asked for with its reason, and has one effect although its first answer is lost', async () => {
    const checkout = await shop();
    const order = await paid(checkout);
    const console = await ConsolePage.open(browser, checkout.url);
    const { page } = console;
    const keys: (string | undefined)[] = [];
    await page.route('**/refund', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      const answer = await route.fetch();
      // The service has decided, and the page does not learn of it.
      await (keys.length === 1 ? route.abort('connectionreset') : route.fulfill({ response: answer }));
    });
    await console.find(String(order.order_id));
    const form = page.getByRole('form', { name: 'Refund' });
    await form.getByLabel('Amount in USD').fill('40');
    await form.getByLabel('Put the units back on the shelf').check();
    await form.getByLabel('Reason').fill('one of two arrived broken');
    await form.getByRole('button', { name: 'Refund' }).click();
    await form.getByText('The units go back with all that is left only').waitFor();
    await form.getByLabel('Put the units back on the shelf').uncheck();
    await form.getByRole('button', { name: 'Refund' }).click();
    const question = console.question(`Refund $40.00 of order ${order.order_id}?`);
    await question.getByText('The units stay sold.').waitFor();
    await question.getByRole('button', { name: 'Refund $40.00' }).dblclick();
    await said(page, `Refund of order ${order.order_id}: $40.00 in all.`);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[\da-f-]{36}$/);
    expect(await checkout.refundsOf(order)).toMatchObject([{ amount: 40, reason: 'requested' }]);
    await page.getByText('Operator: refund of $40.00').waitFor();
    await page.getByText('one of two arrived broken').waitFor();

    await form.getByLabel('Amount in USD').fill('');
    await form.getByLabel('Put the units back on the shelf').check();
    await form.getByRole('button', { name: 'Refund' }).click();
    await console.agree(`Refund all that is left of order ${order.order_id}?`, 'Refund all that is left');
    await said(page, `Refund of order ${order.order_id}: $200.00 in all.`);
    expect((await checkout.product(order.product_id)).body.stock).toBe(10);
    expect(new Set(keys).size).toBe(2);
  });

  test('a payment by another way buys a cancelled order', async () => {
    const checkout = await shop();
    const order = await checkout.ordered(await checkout.createProduct({ name: 'Phone' }));
    await checkout.cancel(order.order_id);
    const console = await ConsolePage.open(browser, checkout.url);
    const { page } = console;
    await console.find(String(order.order_id));
    const form = page.getByRole('form', { name: 'Payment by another way' });
    await form.getByLabel('Payment reference').fill('transfer-77');
    await form.getByLabel('Reason').fill('paid by transfer');
    await form.getByRole('button', { name: 'Record the payment' }).click();
    const question = `Record a payment of $100.00 for order ${order.order_id}?`;
    await console.question(question).getByText('The stock falls by 1 unit.').waitFor();
    await console.agree(question, 'Record $100.00');
    await said(page, `Order ${order.order_id} is paid: $100.00.`);
    expect((await checkout.orderOf(order)).status).toBe('paid');
    await page.getByText('Operator: payment of $100.00').waitFor();
    await page.getByRole('form', { name: 'Refund' }).waitFor();
  });

  test('an event that waits is decided with a reason, and its tile counts down', async () => {
    const checkout = await shop();
    const order = await paid(checkout);
    await checkout.pay({ idempotency_key: 'evt_again', order_id: order.order_id });
    const console = await ConsolePage.open(browser, checkout.url);
    const { page } = console;
    await until(async () => (await console.tile('Paid twice?').innerText()).includes('1'));
    await console.tile('Paid twice?').click();
    await page.getByRole('button', { name: 'Decide' }).click();
    const dialog = console.dialog('Decide about payment evt_again');
    const form = dialog.getByRole('form', { name: 'Decision' });
    await form.getByLabel('Reason').fill('the same money, told twice');
    await form.getByRole('button', { name: 'Decide' }).click();
    await form.getByText('Choose one of the two decisions first.').waitFor();
    await form.getByLabel('Nothing is due').check();
    await form.getByRole('button', { name: 'Decide' }).click();
    await console.agree('Leave this payment as it is?', 'Nothing is due');
    await said(page, 'Payment evt_again: nothing is due.');
    await until(async () => (await console.tile('Paid twice?').innerText()).includes('0'));
    const [event] = (await checkout.admin('GET', '/payment-events?idempotency_key=evt_again')).body.items;
    expect(event?.resolution).toMatchObject({
      decision: 'nothing_due',
      reason: 'the same money, told twice',
    });
  });
});
