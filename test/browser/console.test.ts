import { describe, expect, test } from 'vitest';
import { browserForTests, noBrowser } from '../support/browser.ts';
import { type Checkout, checkoutForTest } from '../support/checkout.ts';
import { ConsolePage } from '../support/console-page.ts';
import { CutLine } from '../support/cut-line.ts';
import { eventSecret, receiverForTest } from '../support/event-receiver.ts';
import { expectAccessible, expectNoSidewaysScroll, takeScreenshot } from '../support/page-checks.ts';
import { type Offer, SimulatedBuyers } from '../support/simulated-buyers.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

/** Nobody takes payments by itself here, so what is due stays due until an operator settles it. */
const noProvider = { SIMULATED_PAYMENTS: 'false' };

const buyers = 500;
/** They come in waves, as they do: many at first, then fewer. */
const waves = [20, 60, 80, 70, 60, 50, 40, 40, 30, 20, 15, 15];
/** Most want what there is least of. */
const offers: readonly Offer[] = [
  { name: 'Phone, 256 GB', price: 1199.99, stock: 120, wish: 16 },
  { name: 'Sneakers, limited edition', price: 189, stock: 80, wish: 16 },
  { name: 'Concert ticket, front row', price: 249.5, stock: 60, wish: 14 },
  { name: 'Concert ticket, standing', price: 79, stock: 150, wish: 10 },
  { name: 'Game console', price: 499.99, stock: 90, wish: 10 },
  { name: 'Graphics card', price: 899, stock: 75, wish: 10 },
  { name: 'Signed vinyl record', price: 34.99, stock: 100, wish: 8 },
  { name: 'Festival weekend pass', price: 310, stock: 140, wish: 7 },
  { name: 'Mechanical keyboard', price: 159.9, stock: 60, wish: 5 },
  { name: 'Tent for two', price: 129, stock: 40, wish: 4 },
];

/** An order whose payment is of another amount, so that a refund of one dollar is due. */
async function refundDue(checkout: Checkout, productId: number) {
  const order = await checkout.ordered(productId);
  const payment = { order_id: order.order_id, amount: 1, currency: 'USD', payment_reference: 'pi_short' };
  expect((await checkout.pay({ idempotency_key: 'evt_short', ...payment })).body.result).toBe(
    'amount_mismatch',
  );
  return order;
}

describe.skipIf(noBrowser)('the console', () => {
  const browser = browserForTests();

  test('asks for the token, says when it is a wrong one, and keeps it for this tab only', async () => {
    const checkout = await checkoutForTest();
    const page = await browser.open(`${checkout.url}/console`);
    const console = new ConsolePage(page);
    await console.giveToken('a guess');
    await page.getByRole('alert').getByText('This is not the admin token of this service.').waitFor();
    await expectAccessible(page);

    await console.giveToken('test-admin-token');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(page.url()).toBe(`${checkout.url}/console`);
    const stored = 'JSON.stringify([{ ...localStorage }, document.cookie, Object.values(sessionStorage)])';
    expect(JSON.parse(await page.evaluate(stored))).toEqual([{}, '', ['test-admin-token']]);
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

  test('shows a sale of 500 buyers while it goes on, and agrees with the rows in the end', async () => {
    const checkout = await checkoutForTest({ variables: noProvider });
    const ids = [];
    for (const { name, price, stock } of offers) {
      ids.push(await checkout.createProduct({ name, price, stock }));
    }
    const sale = new SimulatedBuyers(checkout, ids, offers);
    const console = await ConsolePage.open(browser, checkout.url);
    const shown = async () => ({
      holds: await console.sum('Holds'),
      orders: await console.sum('Orders'),
      payments: await console.sum('Payments'),
      refusals: await console.sum('Refusals'),
    });
    expect(await shown()).toEqual({ holds: 0, orders: 0, payments: 0, refusals: 0 });

    let come = 0;
    for (const [nth, wave] of waves.entries()) {
      await sale.come(come, wave);
      come += wave;
      // The next ones come when the page has told of these, so every wave is seen while it is there.
      await until(async () => JSON.stringify(await shown()) === JSON.stringify(sale.taken), 50);
      if (nth === 7) {
        await console.verdict.getByText('Needs you').waitFor();
        await takeScreenshot(console.page, 'console');
      }
    }

    expect(come).toBe(buyers);
    const items = (status: string) => async (productId: number) =>
      (await checkout.items('/orders')).filter(
        (order) => order.product_id === productId && order.status === status,
      );
    const unitsOf = async (productId: number, status: string) =>
      (await items(status)(productId)).reduce((sum, { quantity }) => sum + quantity, 0);
    for (const [index, { name }] of offers.entries()) {
      const { id, available_stock, held_stock } = (await checkout.product(ids[index] ?? 0)).body;
      const ordered = await unitsOf(id, 'pending');
      const sold = await unitsOf(id, 'paid');
      const expected = { sold, ordered, held: held_stock - ordered, available: available_stock };
      await until(async () => JSON.stringify(await console.units(name)) === JSON.stringify(expected), 50);
    }
    expect(await console.tile('Audit').innerText()).toContain('Agrees');
    expect(await checkout.auditDifferences()).toEqual([]);
    const due = (await checkout.admin('GET', '/refunds?status=due')).body.items.length;
    expect(due).toBeGreaterThan(0);
    await console.verdict.getByText(`Needs you: ${due} refunds are due`).waitFor();
    await expectAccessible(console.page);
  });

  test('shows old figures as old while the stream is broken, and misses nothing afterwards', async () => {
    const checkout = await checkoutForTest();
    const productId = await checkout.createProduct({ name: 'Sneakers', stock: 100 });
    const line = await CutLine.to(checkout.url);
    const console = await ConsolePage.open(browser, line.url);
    await atOnce(3, () => checkout.hold(productId));
    await until(async () => (await console.sum('Holds')) === 3);
    await until(async () => (await console.units('Sneakers')).held === 3);

    line.cut();
    await console.page.getByText('Reconnecting since').waitFor();
    expect(await console.verdict.innerText()).toContain('No data since');
    expect(await console.page.locator('.screen').getAttribute('data-stream')).toBe('lost');
    await atOnce(5, () => checkout.hold(productId));
    expect(await console.units('Sneakers')).toMatchObject({ held: 3 });
    line.mend();
    await console.page.getByRole('button', { name: 'Try now' }).click();

    await console.page.getByText('Live', { exact: true }).waitFor();
    await until(async () => (await console.sum('Holds')) === 8);
    await until(async () => (await console.units('Sneakers')).held === 8);
    expect(await console.verdict.innerText()).toContain('Selling');
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
    await console.dialog('Close the sale of Sneakers?').getByRole('button', { name: 'Close now' }).click();
    await done('The sale of Sneakers is closed.');
    await until(async () => (await checkout.hold(productId)).body.code === 'sale_not_open');
    await page.getByRole('button', { name: 'Open now: Sneakers' }).click();
    await done('The sale of Sneakers is open.');
    expect((await checkout.hold(productId)).status).toBe(201);

    await until(async () => (await console.units('Sneakers')).held === 5);
    const change = console.dialog('Sneakers');
    const stock = change.getByRole('form', { name: 'Stock' });
    await page.getByRole('button', { name: 'Change Sneakers' }).click();
    await stock.getByLabel('Change').fill('-8');
    await stock.getByLabel('Reason').fill('damaged');
    await stock.getByRole('button', { name: 'Take away' }).click();
    await stock.getByText('Buyers will see 0 available instead of 5').waitFor();
    expect((await product()).stock).toBe(10);
    await stock.getByRole('button', { name: 'Yes, take 8 away' }).click();
    await stock.getByText('5 of 10 are held, so at most 5 can be taken away now. Request').waitFor();
    await stock.getByLabel('Change').fill('25');
    await stock.getByRole('button', { name: 'Add' }).click();
    await done('Sneakers: 25 added, 35 units on the shelf now.');
    expect((await product()).stock).toBe(35);
    await until(async () => (await console.units('Sneakers')).available === 30);

    await page.getByRole('button', { name: 'Change Sneakers' }).click();
    const price = change.getByRole('form', { name: 'Price' });
    await price.getByLabel('Price in USD').fill('79.999');
    await price.getByRole('button', { name: 'Set the price' }).click();
    await price.getByRole('alert').filter({ hasText: 'price: ' }).waitFor();
    await price.getByLabel('Price in USD').fill('79.5');
    await price.getByRole('button', { name: 'Set the price' }).click();
    await done('Sneakers costs $79.50 now.');
    expect((await product()).price).toBe(79.5);

    await page.getByRole('button', { name: 'Change Sneakers' }).click();
    const window = change.getByRole('form', { name: 'Sale window' });
    await window.getByLabel('Opens').fill('2036-11-27T09:00:00');
    await window.getByRole('button', { name: 'Set the window' }).click();
    await done('Sneakers is on sale from');
    expect((await product()).opens_at).toBe('2036-11-27T09:00:00Z');

    await page.getByRole('button', { name: 'New product' }).click();
    const created = console.dialog('New product');
    await expectAccessible(page);
    await created.getByLabel('Name').fill('Poster');
    await created.getByLabel('Price').fill('12');
    await created.getByLabel('Units').fill('300');
    await created.getByRole('button', { name: 'Create' }).click();
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
    await page.keyboard.type('test-admin-token');
    await page.keyboard.press('Enter');
    await console.verdict.getByText('Needs you').waitFor();
    await press('Tab', /^Refunds due/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Mark as settled' }).waitFor();
    expect(await focused()).toBe('Refunds due');
    await press('Tab', /^Mark as settled/);
    await page.keyboard.press('Enter');
    await page.getByText('Done', { exact: true }).waitFor();

    await press('Tab', /^Close now/);
    await page.keyboard.press('Enter');
    await console.dialog('Close the sale of Sneakers?').waitFor();
    await page.keyboard.press('Escape');
    expect(await focused()).toMatch(/^Close now/);
    expect((await checkout.hold(productId)).status).toBe(201);
  });

  test('finds one product among a thousand and draws no more rows than are looked at', async () => {
    const checkout = await checkoutForTest();
    const ids = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        checkout.createProduct({ name: `Shoe, model ${index + 1}` }),
      ),
    );
    await checkout.hold(ids[700] ?? 0, 9);
    const console = await ConsolePage.open(browser, checkout.url);
    const rows = console.page.getByRole('rowheader');
    await console.page.getByRole('heading', { name: '1,000 products' }).waitFor();
    expect(await rows.count()).toBe(50);
    expect(await rows.first().innerText()).toContain('Shoe, model 701');
    await console.page.getByRole('button', { name: 'Show more: 950 are left' }).click();
    expect(await rows.count()).toBe(100);
    await console.page.getByLabel('Filter by name or id').fill('model 777');
    await until(async () => (await rows.count()) === 1);
  });

  test.each(['light', 'dark'] as const)('fits a phone, %s', async (colorScheme) => {
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
  });
});
