import type { Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { browserForTests, browserMissing, type Window } from '../support/browser.ts';
import { type Checkout, checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeNeeding } from '../support/needing.ts';
import { countShifts } from '../support/page-checks.ts';
import { freePort } from '../support/servers.ts';
import { StorefrontPage, sell } from '../support/storefront-page.ts';
import { until } from '../support/until.ts';

const phone = 'Phone, 256 GB';

/** Answers with the first refusal by the limit that the server gives, with another time to wait. */
async function limited(route: Route, retryAfter: string): Promise<void> {
  const response = await until(async () => {
    const answer = await route.fetch();
    return answer.status() === 429 && answer;
  });
  await route.fulfill({ response, headers: { ...response.headers(), 'retry-after': retryAfter } });
}

describeNeeding(browserMissing)('the storefront in a browser', () => {
  const browser = browserForTests();
  const visit = async (checkout: Checkout, window?: Window) =>
    new StorefrontPage(await browser.open(checkout.url, window));

  test('sells a product from end to end, and nothing moves under the finger meanwhile', async () => {
    const checkout = await checkoutForTest();
    const productId = await sell(checkout, phone);
    const buyer = await visit(checkout);
    const shifts = await countShifts(buyer.page);

    await buyer.product(phone).getByText('50 left of 50').waitFor();
    await buyer.button('One more').click();
    await buyer.button('Hold 2').click();
    await buyer.sees('They are held for you');
    await buyer.reads('2 × Phone, 256 GB');
    await buyer.product(phone).getByText('48 left of 50').waitFor();
    await buyer.button('Order now').click();
    await buyer.button('Pay $2,399.98').click();
    await buyer.sees('Thank you, it is yours!');
    await buyer.reads('You have paid $2,399.98 for 2 × Phone, 256 GB.');
    await buyer.product(phone).getByText('48 left of 48').waitFor();

    expect((await checkout.product(productId)).body.stock).toBe(48);
    const [order] = await checkout.items('/orders');
    await buyer.reads(String(order?.order_id));
    await buyer.button('Back to the sale').click();
    await buyer.sees('How it works');
    expect(await shifts()).toBeLessThan(0.01);
    expect(buyer.page.url()).toBe(`${checkout.url}/`);
    expect(await checkout.auditDifferences()).toEqual([]);
  });

  test('tells the second of two buyers for the last unit, and sells it when the first gives it back', async () => {
    const checkout = await checkoutForTest();
    await sell(checkout, phone, { stock: 1 });
    const [first, second] = [await visit(checkout), await visit(checkout)];
    await second.product(phone).getByText('The last one').waitFor();

    await first.hold(phone);

    await second
      .product(phone)
      .getByText(/^All held: some may come back at \d\d:\d\d:\d\d$/)
      .waitFor();
    expect(await second.holdButton(phone).getAttribute('aria-disabled')).toBe('true');
    await first.button('Give back').click();
    await first.sees('You gave it back');
    await second.order(phone);
    await first.product(phone).getByText('All held').first().waitFor();
  });

  test('tells who was too slow what is left, and holds that', async () => {
    const checkout = await checkoutForTest();
    const productId = await sell(checkout, phone, { stock: 3 });
    const buyer = await visit(checkout);
    await buyer.button('One more').click();
    // Somebody else is faster: between the click and the request.
    await buyer.page.route(
      '**/holds',
      async (route) => {
        await checkout.hold(productId, 2);
        await route.continue();
      },
      { times: 1 },
    );

    await buyer.button('Hold 2').click();

    await buyer.sees('Only one is left');
    await buyer.reads('You asked for 2, so nothing was held.');
    await buyer.button('Hold 1 instead').click();
    await buyer.sees('It is held for you');
  });

  test('shows a hold that runs out, and holds again', async () => {
    const checkout = await checkoutForTest({ variables: { HOLD_SECONDS: '2' } });
    await sell(checkout, phone);
    const buyer = await visit(checkout);
    await buyer.hold(phone);

    await buyer.sees('Your time ran out');
    await buyer.product(phone).getByText('50 left of 50').waitFor();
    await buyer.page.reload();
    await buyer.sees('Your time ran out');
    await buyer.button('Hold 1 again').click();
    await buyer.button('Order now').waitFor();
  });

  test('shows a payment that failed, and starts again', async () => {
    const checkout = await checkoutForTest();
    await sell(checkout, phone);
    const buyer = await visit(checkout);
    await buyer.order(phone);

    await buyer.button('Fail to pay').click();

    await buyer.sees('The payment failed');
    await buyer.button('Hold 1 again').click();
    await buyer.button('Order now').click();
    await buyer.button('Cancel order').click();
    await buyer.sees('Your order is cancelled');
  });

  test('shows that the money of a late payment goes back', async () => {
    const checkout = await checkoutForTest({ variables: { PAYMENT_SECONDS: '2' } });
    const productId = await sell(checkout, phone, { stock: 1 });
    const buyer = await visit(checkout);
    await buyer.order(phone);
    await buyer.sees('The time to pay ran out');
    const [order] = await checkout.items('/orders');

    await until(async () => (await checkout.hold(productId)).status === 201);
    await checkout.pay({ idempotency_key: 'pay_1', order_id: order?.order_id });
    await buyer.sees('Your money goes back to you');
    await buyer.reads(/All of it goes back: \$1,199\.99\./);
    const [refund] = await checkout.items('/refunds');
    await checkout.admin('POST', `/refunds/${refund?.refund_id}/settle`);

    await buyer.sees('Your money is back');
  });

  test('where no payment is set up says what goes there, and sees an event from elsewhere', async () => {
    const checkout = await checkoutForTest({ variables: { SIMULATED_PAYMENTS: 'false' } });
    await sell(checkout, phone);
    const buyer = await visit(checkout);
    await buyer.order(phone);
    await buyer.reads(/The shop's own payment goes here/);

    const [order] = await checkout.items('/orders');
    await checkout.pay({ idempotency_key: 'pay_1', order_id: order?.order_id });

    await buyer.sees('Thank you, it is yours!');
  });

  test('goes on after a reload in each state, and in a second tab', async () => {
    const checkout = await checkoutForTest();
    await sell(checkout, phone);
    const buyer = await visit(checkout);
    await buyer.hold(phone);
    const held = await buyer.page.locator('.sentence').textContent();
    await buyer.page.reload();
    await buyer.sees('It is held for you');
    expect(await buyer.page.locator('.sentence').textContent()).toBe(held);

    const tab = new StorefrontPage(await buyer.page.context().newPage());
    await tab.page.goto(checkout.url);
    await tab.button('Order now').click();
    await buyer.sees('Ordered. Now pay');
    await buyer.page.reload();
    await buyer.button('Pay $1,199.99').click();
    await buyer.sees('Thank you, it is yours!');
    await tab.sees('Thank you, it is yours!');
    await tab.page.reload();
    await tab.sees('Thank you, it is yours!');

    await tab.button('Back to the sale').click();
    await tab.page.reload();
    await tab.sees('How it works');
    expect(await checkout.items('/holds')).toHaveLength(1);
  });

  test('holds once when the answer is lost, also when the page is loaded again meanwhile', async () => {
    const checkout = await checkoutForTest();
    await sell(checkout, phone);
    const buyer = await visit(checkout);
    // It comes to the checkout, and its answer does not come back.
    await buyer.page.route('**/holds', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await buyer.button('Hold 1').click();
    await buyer.reads('No answer yet. We keep trying, and you will not get two.');

    await buyer.page.unrouteAll({ behavior: 'ignoreErrors' });
    await buyer.page.reload();

    await buyer.sees('It is held for you');
    expect(await checkout.items('/holds')).toHaveLength(1);
  });

  test('waits out a short limit for its address by itself', async () => {
    const checkout = await checkoutForTest({ variables: { RATE_LIMIT_HOLDS: '1' } });
    const productId = await sell(checkout, phone);
    const buyer = await visit(checkout);
    // The page gets the first answer that refuses.
    await buyer.page.route('**/holds', (route) => limited(route, '1'), { times: 1 });

    await buyer.button('Hold 1').click();

    await buyer.sees('It is held for you');
    expect((await checkout.product(productId)).body.held_stock).toBe(1);
  });

  test('says how long a longer limit lasts, and offers the hold again after it', async () => {
    const checkout = await checkoutForTest({ variables: { RATE_LIMIT_HOLDS: '1' } });
    await sell(checkout, phone);
    const buyer = await visit(checkout);
    await buyer.page.clock.install();
    await buyer.page.route('**/holds', (route) => limited(route, '60'), { times: 1 });

    await buyer.button('Hold 1').click();

    await buyer.sees('That was too fast');
    await buyer.button(/^Try again in (60|59) s$/).waitFor();
    await buyer.page.clock.fastForward(61_000);
    await buyer.button('Hold 1 again').click();
    await buyer.sees('It is held for you');
    expect(await checkout.items('/holds')).toHaveLength(1);
  });

  test('opens the sale of a product at its time', async () => {
    const checkout = await checkoutForTest();
    const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
    const productId = await sell(checkout, phone, { opens_at: inMs(3_600_000) });
    const buyer = await visit(checkout);
    const line = buyer.product(phone).locator('.left');
    await line.getByText(/^Opens at .*, in (59:\d\d|1:00:00)$/).waitFor();
    expect(await buyer.holdButton(phone).getAttribute('aria-disabled')).toBe('true');

    const opensAt = inMs(4_000);
    await checkout.admin('PATCH', `/products/${productId}`, { opens_at: opensAt });

    await buyer.hold(phone);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(opensAt));
  });

  test('stays, marked as old, while the server is away, and goes on when it is back', async () => {
    const database = await databaseForTest(sharedDatabases[0] ?? failing());
    const variables = { PORT: String(await freePort()) };
    const checkout = await checkoutForTest({ database, variables });
    await sell(checkout, phone);
    const buyer = await visit(checkout);
    await buyer.hold(phone);

    await checkout.stop();
    await buyer.reads(/^As of \d\d:\d\d:\d\d$/);
    await buyer.button('Order now').click();
    await buyer.reads('No answer yet. We keep trying, and you will not get two.');
    await checkoutForTest({ database, variables });

    await buyer.sees('Ordered. Now pay');
    await buyer.page.getByText(/^As of/).waitFor({ state: 'detached' });
    await buyer.button('Pay $1,199.99').click();
    await buyer.sees('Thank you, it is yours!');
  });

  test('is bought from by keyboard alone, and the focus goes where something opens', async () => {
    const checkout = await checkoutForTest();
    await sell(checkout, phone);
    const buyer = await visit(checkout);
    const { keyboard } = buyer.page;
    const focused = () => buyer.page.evaluate<string>('document.activeElement.textContent');
    const tabTo = async (name: string) => {
      await until(async () => {
        await keyboard.press('Tab');
        return (await focused()) === name;
      });
    };
    await buyer.product(phone).waitFor();

    await tabTo('+');
    await keyboard.press('Space');
    await tabTo('Hold 2');
    await keyboard.press('Enter');
    await until(async () => (await focused()) === 'They are held for you');
    await tabTo('Order now');
    await keyboard.press('Enter');
    await until(async () => (await focused()) === 'Ordered. Now pay');
    await tabTo('Pay $2,399.98');
    await keyboard.press('Enter');
    await until(async () => (await focused()) === 'Thank you, it is yours!');
    await tabTo('Back to the sale');
    await keyboard.press('Enter');
    await until(async () => (await focused()) === 'Hold 2');
  });
});

function failing(): never {
  throw new Error('there is no database that survives its server');
}
