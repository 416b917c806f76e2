import { expect, test } from 'vitest';
import { browserForTests, browserMissing } from '../support/browser.ts';
import { adminToken, type Checkout, checkoutForTest } from '../support/checkout.ts';
import { ConsolePage } from '../support/console-page.ts';
import { eventSecret, receiverForTest } from '../support/event-receiver.ts';
import { describeNeeding } from '../support/needing.ts';
import { expectAccessible, expectNoSidewaysScroll } from '../support/page-checks.ts';
import { until } from '../support/until.ts';

/** Nobody takes payments by itself here, so what is due stays due until an operator settles it. */
const noProvider = { SIMULATED_PAYMENTS: 'false' };

/** An order whose payment is of another amount, so that a refund of one dollar is due. */
async function refundDue(checkout: Checkout, productId: number) {
  const order = await checkout.ordered(productId);
  const payment = { order_id: order.order_id, amount: 1, currency: 'USD', payment_reference: 'pi_short' };
  expect((await checkout.pay({ idempotency_key: 'evt_short', ...payment })).body.result).toBe(
    'amount_mismatch',
  );
  return order;
}

describeNeeding(browserMissing)('the console', () => {
  const browser = browserForTests();

  test('asks for the token, says when it is a wrong one, and keeps it for this tab only', async () => {
    const checkout = await checkoutForTest();
    const page = await browser.open(`${checkout.url}/console`);
    const console = new ConsolePage(page);
    await console.giveToken('a guess');
    await page.getByText('This is not the admin token of this service.').waitFor();
    await expectAccessible(page);

    await console.giveToken(adminToken);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(page.url()).toBe(`${checkout.url}/console`);
    const stored = 'JSON.stringify([{ ...localStorage }, document.cookie, Object.values(sessionStorage)])';
    expect(JSON.parse(await page.evaluate(stored))).toEqual([{}, '', [adminToken]]);
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByLabel('Admin token').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('says which setting opens an admin API that is closed', async () => {
    const checkout = await checkoutForTest({ variables: { ADMIN_TOKEN: '' } });
    const console = new ConsolePage(await browser.open(`${checkout.url}/console`));
    await console.giveToken('anything');
    await console.page.getByRole('alert').getByText('set ADMIN_TOKEN to open it').waitFor();
  });

  test('closes, opens, restocks, reprices and creates, and buyers see it at once', async () => {
    const checkout = await checkoutForTest();
    const productId = await checkout.createProduct({ name: 'Sneakers', stock: 10 });
    await checkout.hold(productId, 4);
    const console = await ConsolePage.open(browser, checkout.url);
    const { page } = console;
    const done = (words: string) => page.getByRole('status').filter({ hasText: words }).waitFor();
    const product = async () => (await checkout.product(productId)).body;

    await page.getByRole('button', { name: 'Close now: Sneakers' }).click();
    await console.agree('Close the sale of Sneakers?', 'Close now');
    await done('The sale of Sneakers is closed.');
    expect((await checkout.hold(productId)).body.code).toBe('sale_not_open');
    await page.getByRole('button', { name: 'Open now: Sneakers' }).click();
    await console.agree('Open the sale of Sneakers?', 'Open now');
    await done('The sale of Sneakers is open.');
    expect((await checkout.hold(productId)).status).toBe(201);

    await until(async () => (await console.units('Sneakers')).held === 5);
    const stock = (await console.change('Sneakers')).getByRole('form', { name: 'Stock' });
    await stock.getByLabel('Change').fill('-8');
    await stock.getByLabel('Reason').fill('damaged');
    await stock.getByRole('button', { name: 'Take away' }).click();
    const taking = 'Take 8 units of Sneakers away?';
    await console.question(taking).getByText('Available to buyers: 5 → 0.').waitFor();
    expect((await product()).stock).toBe(10);
    await console.agree(taking, 'Take 8 units away');
    await stock.getByText('5 of 10 are held, so at most 5 can be taken away now.').waitFor();
    await stock.getByLabel('Change').fill('25');
    await stock.getByRole('button', { name: 'Add' }).click();
    await console.question('Add 25 units of Sneakers?').getByText('On the shelf: 10 → 35.').waitFor();
    await console.agree('Add 25 units of Sneakers?', 'Add 25 units');
    await done('Sneakers: 25 added, 35 units on the shelf now.');
    expect((await product()).stock).toBe(35);
    await until(async () => (await console.units('Sneakers')).available === 30);

    const price = (await console.change('Sneakers')).getByRole('form', { name: 'Price' });
    await price.getByLabel('Price in USD').fill('79.5');
    await price.getByRole('button', { name: 'Set the price' }).click();
    await console.question('Change the price of Sneakers?').getByText('$100.00 → $79.50 (-20.5%)').waitFor();
    await console.agree('Change the price of Sneakers?', 'Set $79.50');
    await done('Sneakers costs $79.50 now.');
    expect((await product()).price).toBe(79.5);

    const window = (await console.change('Sneakers')).getByRole('form', { name: 'Sale window' });
    await window.getByLabel('Opens').fill('2036-11-27T09:00:00');
    await window.getByRole('button', { name: 'Set the window' }).click();
    await console.question('Close the sale of Sneakers?').getByText('Opens: at once → ').waitFor();
    await console.agree('Close the sale of Sneakers?', 'Close now');
    await done('Sneakers is on sale from');
    expect((await product()).opens_at).toBe('2036-11-27T09:00:00Z');

    await page.getByRole('button', { name: 'New product' }).click();
    const created = console.dialog('New product');
    await expectAccessible(page);
    await created.getByLabel('Name').fill('Poster');
    await created.getByLabel('Price').fill('12');
    await created.getByLabel('Units').fill('300');
    await created.getByRole('button', { name: 'Create' }).click();
    await console.question('Put Poster on sale?').getByText('Price: $12.00 (USD). Units: 300.').waitFor();
    await console.agree('Put Poster on sale?', 'Put on sale');
    await done('Poster is product 2, with 300 units.');
    expect((await checkout.hold(2, 3)).status).toBe(201);
    await until(async () => (await console.units('Poster')).held === 3);
  });

  test('says that a refund is due, shows its story, and settles it', async () => {
    const checkout = await checkoutForTest({ variables: noProvider });
    const productId = await checkout.createProduct({ name: 'Sneakers' });
    const console = await ConsolePage.open(browser, checkout.url);
    const { page } = console;
    const order = await refundDue(checkout, productId);

    await console.verdict.getByText('Needs you: 1 refund is due').waitFor();
    await console.tile('Refunds due').click();
    const list = page.getByRole('region', { name: 'Refunds due' });
    await list.getByRole('cell', { name: '$1.00' }).waitFor();
    await expectAccessible(page);
    await list.getByRole('button', { name: 'Story' }).click();
    const story = console.dialog(`Order ${order.order_id}: pending`);
    await story.getByText('Refund of $1.00: due').waitFor();
    await page.keyboard.press('Escape');
    await list.getByRole('button', { name: 'Mark as settled' }).click();
    await console.agree('Mark the refund of $1.00 as settled?', 'Mark as settled');

    await list.getByText('Done', { exact: true }).waitFor();
    await console.verdict.getByText('Selling').waitFor();
    expect((await checkout.refundsOf(order)).map(({ status }) => status)).toEqual(['succeeded']);
  });

  test('tells the whole story of an order, and of a hold without one', async () => {
    const receiver = await receiverForTest();
    const checkout = await checkoutForTest({
      variables: {
        ...noProvider,
        EVENT_WEBHOOK_URLS: receiver.url,
        EVENT_WEBHOOK_SECRETS: eventSecret,
        EVENT_WEBHOOK_ALLOW_PRIVATE: 'true',
      },
    });
    const productId = await checkout.createProduct({ name: 'Sneakers' });
    const order = await checkout.ordered(productId, 2);
    const paid = { order_id: order.order_id, payment_reference: 'pi_1' };
    await checkout.pay({ idempotency_key: 'evt_1', ...paid });
    await until(() => receiver.types.includes('order.paid'));
    const hold = (await checkout.hold(productId)).body;
    const console = await ConsolePage.open(browser, checkout.url);

    await console.find(String(order.order_id));
    const story = console.dialog(`Order ${order.order_id}: paid`);
    const steps = story.locator('.story-title');
    await steps.first().waitFor();
    expect(await steps.allInnerTexts()).toEqual([
      '2 units of Sneakers held',
      'Ordered for $200.00',
      'Told others: order.created',
      'Payment event: paid',
      'Told others: order.paid',
    ]);
    await story.getByText('delivered, 1 attempt').first().waitFor();
    await expectAccessible(console.page);
    await console.page.keyboard.press('Escape');

    await console.find(String(hold.hold_id));
    await console.dialog(`Hold ${hold.hold_id}: held`).getByText('Deadline of the hold').waitFor();
    await console.page.keyboard.press('Escape');
    await console.find('pi_1');
    await console.dialog(`Order ${order.order_id}: paid`).getByText('key evt_1').waitFor();
    await console.page.keyboard.press('Escape');
    await console.find('evt_1');
    await console.dialog(`Order ${order.order_id}: paid`).waitFor();
    await console.page.keyboard.press('Escape');
    await console.find('nobody');
    await console.dialog('nobody').getByText('Nothing has this name').waitFor();
  });

  test('switches an endpoint on again, and sends what was given up', async () => {
    const receiver = await receiverForTest(() => 410);
    const checkout = await checkoutForTest({
      variables: {
        EVENT_WEBHOOK_URLS: receiver.url,
        EVENT_WEBHOOK_SECRETS: eventSecret,
        EVENT_WEBHOOK_ALLOW_PRIVATE: 'true',
      },
    });
    const productId = await checkout.createProduct();
    const console = await ConsolePage.open(browser, checkout.url);
    await checkout.ordered(productId);
    await console.verdict.getByText('Needs you: 1 endpoint is switched off').waitFor();
    receiver.answering = () => 204;

    await console.tile('Endpoints off').click();
    await console.page.getByRole('button', { name: 'Switch on' }).click();
    await console.verdict.getByText('Selling').waitFor();
    await until(() => receiver.types.filter((type) => type === 'order.created').length >= 2);
  });

  test('is used by keyboard alone', async () => {
    const checkout = await checkoutForTest({ variables: noProvider });
    const productId = await checkout.createProduct({ name: 'Sneakers' });
    await refundDue(checkout, productId);
    const page = await browser.open(`${checkout.url}/console`);
    const console = new ConsolePage(page);
    const focused = () =>
      page.evaluate<string>(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText',
      );
    const press = async (key: string, untilFocusOn: RegExp) => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press(key);
        if (untilFocusOn.test(await focused())) {
          return;
        }
      }
      expect.fail(`${key} does not lead to ${untilFocusOn}, but to ${await focused()}`);
    };

    await page.keyboard.press('Tab');
    await page.keyboard.type(adminToken);
    await page.keyboard.press('Enter');
    await console.verdict.getByText('Needs you').waitFor();
    await press('Tab', /^Refunds due/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Mark as settled' }).waitFor();
    expect(await focused()).toBe('Refunds due');
    await press('Tab', /^Mark as settled/);
    await page.keyboard.press('Enter');
    await console.question('Mark the refund of $1.00 as settled?').waitFor();
    expect(await focused()).toBe('Cancel');
    await press('Tab', /^Mark as settled/);
    await page.keyboard.press('Enter');
    await page.getByText('Done', { exact: true }).waitFor();
    await until(async () => (await focused()) === 'Done');

    await press('Tab', /^Close now/);
    await page.keyboard.press('Enter');
    await console.question('Close the sale of Sneakers?').waitFor();
    await page.keyboard.press('Escape');
    expect(await focused()).toMatch(/^Close now/);
    expect((await checkout.hold(productId)).status).toBe(201);
  });

  test.each(['light', 'dark'] as const)(
    'fits a phone and names each value there, %s',
    async (colorScheme) => {
      const checkout = await checkoutForTest({ variables: { ...noProvider, SEED: 'true' } });
      await refundDue(checkout, 2);
      const console = await ConsolePage.open(browser, checkout.url, {
        viewport: { width: 390, height: 844 },
        colorScheme,
      });
      await console.row('Last piece in the box').waitFor();
      await expectNoSidewaysScroll(console.page);
      await console.tile('Refunds due').click();
      await console.page.getByRole('button', { name: 'Mark as settled' }).waitFor();
      await expectNoSidewaysScroll(console.page);
      await expectAccessible(console.page);
      const columnOf =
        "getComputedStyle(document.querySelectorAll('.concern-list td')[1], '::before').content";
      expect(await console.page.evaluate(columnOf)).toBe('"Amount: "');
    },
  );
});
