import { expect, test } from 'vitest';
import { browserForTests, browserMissing, type Window } from '../support/browser.ts';
import { type Checkout, checkoutForTest } from '../support/checkout.ts';
import { ConsolePage } from '../support/console-page.ts';
import { describeNeeding } from '../support/needing.ts';
import {
  expectAccessible,
  expectDialogFits,
  expectNoSidewaysScroll,
  takeScreenshot,
} from '../support/page-checks.ts';
import { StorefrontPage, sell } from '../support/storefront-page.ts';
import { until } from '../support/until.ts';

const phone = 'Phone, 256 GB';
const windows: readonly (readonly [string, Window])[] = [
  ['a desk, light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ['a phone, dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
];

describeNeeding(browserMissing)('refunds and disputes in a browser', () => {
  const browser = browserForTests();
  let reports = 0;
  /** Reports about the payment that bought an order. */
  async function report(checkout: Checkout, order_id: number, status: string, fields: object = {}) {
    reports += 1;
    const event = { idempotency_key: `fact_${reports}`, order_id, status, currency: 'USD', ...fields };
    expect((await checkout.pay(event)).body).toMatchObject({ result: 'processed' });
  }

  test.each(windows)(
    'are listed for operators and part of the story of their order: %s',
    async (name, window) => {
      const checkout = await checkoutForTest({ variables: { SIMULATED_PAYMENTS: 'false' } });
      const { order_id } = await checkout.ordered(await checkout.createProduct({ name: phone }));
      for (const payment_reference of ['pi_1', 'pi_2']) {
        await checkout.pay({ idempotency_key: payment_reference, order_id, payment_reference });
      }
      const second = { payment_reference: 'pi_2' };
      await report(checkout, order_id, 'refunded', { ...second, amount: 40 });
      await report(checkout, order_id, 'disputed', { ...second, amount: 60, dispute_id: 'dp_1' });

      const console = await ConsolePage.open(browser, checkout.url, window);
      const { page } = console;
      const picture = (of: string) => takeScreenshot(page, `${of}-${name.replaceAll(/\W+/g, '-')}`);
      await until(async () => /Disputes\s+1\b/.test(await console.tile('Disputes').innerText()));
      await console.tile('Disputes').click();
      const row = page.getByRole('row').filter({ hasText: 'dp_1' });
      expect(await row.innerText()).toContain('$60.00');
      await page.getByText('Respond at the provider before its deadline.').waitFor();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture('console-disputes');

      await console.find(String(order_id));
      for (const words of [
        'Payment event: disputed $60.00',
        'Dispute about $60.00: open',
        'Refund of $100.00: due',
        '$40.00 of it went back by other ways',
      ]) {
        await page.getByRole('dialog').getByText(words, { exact: true }).waitFor();
      }
      await expectDialogFits(page);
      await expectAccessible(page);
      await picture('console-dispute-story');

      await page.keyboard.press('Escape');
      await report(checkout, order_id, 'dispute_lost', { ...second, amount: 60, dispute_id: 'dp_1' });
      await until(async () => /Disputes\s+0\b/.test(await console.tile('Disputes').innerText()));
      await console.find(String(order_id));
      await page.getByText('Dispute about $60.00: lost', { exact: true }).waitFor();
      await page.getByText('Refund of $100.00: settled', { exact: true }).waitFor();
    },
  );

  test.each(windows)('are shown to the buyer at the next visit: %s', async (name, window) => {
    const checkout = await checkoutForTest();
    await sell(checkout, phone);
    const buyer = new StorefrontPage(await browser.open(checkout.url, window));
    const picture = (of: string) => takeScreenshot(buyer.page, `${of}-${name.replaceAll(/\W+/g, '-')}`);
    await buyer.order(phone);
    await buyer.button(/^Pay \$/).click();
    await buyer.sees('Thank you, it is yours!');
    const [order] = await checkout.items('/orders');
    const order_id = order?.order_id ?? expect.fail();
    const visitAgain = async () => {
      await buyer.page.reload();
      await expectNoSidewaysScroll(buyer.page);
    };

    await report(checkout, order_id, 'refunded', { amount: 199.99 });
    await report(checkout, order_id, 'disputed', { amount: 1000, dispute_id: 'dp_1' });
    await visitAgain();
    await buyer.reads('$199.99 has gone back to you: a part of it was returned.');
    await buyer.reads('Your bank claims $1,000.00 back from us. The claim is not decided yet.');
    await expectAccessible(buyer.page);
    await picture('storefront-disputed');

    await report(checkout, order_id, 'dispute_lost', { amount: 1000, dispute_id: 'dp_1' });
    await visitAgain();
    await buyer.sees('Your money is back');
    await buyer.reads('You have all of it back. Your bank has returned $1,000.00 to you.');
    await expectAccessible(buyer.page);
    await picture('storefront-lost-dispute');

    await report(checkout, order_id, 'dispute_won', { amount: 1000, dispute_id: 'dp_1' });
    await visitAgain();
    await buyer.sees('Thank you, it is yours!');
    await buyer.reads('Your bank has dropped its claim for $1,000.00. Your payment stands.');
  });
});
