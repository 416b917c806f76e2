import { expect, test } from 'vitest';
import { inParallel } from '../../src/workers/in-parallel.ts';
import { browserForTests, browserMissing } from '../support/browser.ts';
import { checkoutForTest } from '../support/checkout.ts';
import { ConsolePage } from '../support/console-page.ts';
import { CutLine } from '../support/cut-line.ts';
import { describeNeeding } from '../support/needing.ts';
import { expectAccessible, takeScreenshot } from '../support/page-checks.ts';
import { type Offer, SimulatedBuyers } from '../support/simulated-buyers.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';

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

describeNeeding(browserMissing)('the console during a sale', () => {
  const browser = browserForTests();

  test('shows a sale of 500 buyers while it goes on, and agrees with the rows in the end', async () => {
    const checkout = await checkoutForTest({
      variables: { SIMULATED_PAYMENTS: 'false', HOLD_SECONDS: '600' },
    });
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
    const orders = await checkout.items('/orders');
    const unitsOf = (productId: number, status: string) =>
      orders
        .filter((order) => order.product_id === productId && order.status === status)
        .reduce((sum, { quantity }) => sum + quantity, 0);
    for (const [index, { name }] of offers.entries()) {
      const { id, available_stock, held_stock } = (await checkout.product(ids[index] ?? 0)).body;
      const ordered = unitsOf(id, 'pending');
      const sold = unitsOf(id, 'paid');
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

    await console.page.getByText('Live', { exact: true }).waitFor();
    await until(async () => (await console.sum('Holds')) === 8);
    await until(async () => (await console.units('Sneakers')).held === 8);
    expect(await console.verdict.innerText()).toContain('Selling');
  });

  test('finds one product among a thousand and draws no more rows than are looked at', async () => {
    const checkout = await checkoutForTest();
    const numbers = Array.from({ length: 1_000 }, (_, index) => index + 1);
    const ids = new Map<number, number>();
    await inParallel(numbers, 50, async (number) => {
      ids.set(number, await checkout.createProduct({ name: `Shoe, model ${number}` }));
    });
    await checkout.hold(ids.get(701) ?? 0, 9);
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
});
