import { expect, test } from 'vitest';
import { browserForTests, browserMissing } from '../support/browser.ts';
import { type Checkout, checkoutForTest } from '../support/checkout.ts';
import { ConsolePage } from '../support/console-page.ts';
import { describeNeeding } from '../support/needing.ts';
import { expectAccessible, takeScreenshot } from '../support/page-checks.ts';

/** In the hour that comes twice in Berlin: 02:30, for the second time. */
const opensAt = '2036-10-26T01:30:00Z';
const berlin = { timezoneId: 'Europe/Berlin' };

describeNeeding(browserMissing)('the sale window in the console', () => {
  const browser = browserForTests();

  /** The form for the window of a product that opens in the hour that comes twice, and what it sends. */
  async function windowForm(checkout: Checkout, timezoneId: string, window: object = { opens_at: opensAt }) {
    const productId = await checkout.createProduct({ name: 'Sneakers', ...window });
    const console = await ConsolePage.open(browser, checkout.url, { timezoneId });
    const sent: unknown[] = [];
    console.page.on('request', (request) => {
      if (request.method() === 'PATCH') {
        sent.push(request.postDataJSON());
      }
    });
    const form = (await console.change('Sneakers')).getByRole('form', { name: 'Sale window' });
    return {
      console,
      form,
      sent,
      opens: form.getByLabel('Opens', { exact: true }),
      closes: form.getByLabel('Closes', { exact: true }),
      set: async () => {
        await form.getByRole('button', { name: 'Set the window' }).click();
        await console.page.getByRole('status').filter({ hasText: 'Sneakers is on sale' }).waitFor();
      },
      product: async () => (await checkout.product(productId)).body,
    };
  }

  test.each([
    ['Europe/Berlin', '2036-10-26T02:30', 'Second time (UTC+1)', '2036-10-27T18:00:00Z'],
    ['America/Sao_Paulo', '2036-10-25T22:30', 'UTC-3', '2036-10-27T22:00:00Z'],
    ['Asia/Kolkata', '2036-10-26T07:00', 'UTC+5:30', '2036-10-27T13:30:00Z'],
    ['Pacific/Chatham', '2036-10-26T15:15', 'UTC+13:45', '2036-10-27T05:15:00Z'],
  ])('in %s sends only the end that was edited', async (timezoneId, local, offset, closesAt) => {
    const { form, sent, opens, closes, set, product } = await windowForm(await checkoutForTest(), timezoneId);
    expect(await opens.inputValue()).toBe(local);
    expect(await form.innerText()).toContain(offset);
    await closes.fill('2036-10-27T19:00:00');
    await set();
    expect(sent).toEqual([{ closes_at: closesAt }]);
    expect(await product()).toMatchObject({ opens_at: opensAt, closes_at: closesAt });
  });

  test('keeps the instant of an end that was edited and edited back, and of one with milliseconds', async () => {
    const instants = { opens_at: opensAt, closes_at: '2036-10-26T08:00:00.123Z' };
    const checkout = await checkoutForTest();
    const { form, sent, opens, closes, set, product } = await windowForm(checkout, 'Europe/Berlin', instants);
    await closes.fill('2036-10-26T10:00:00');
    await closes.fill('2036-10-26T09:00:00');
    await opens.fill('2036-10-26T02:00:00');
    await opens.fill('2036-10-26T02:30:00');
    await form.getByRole('button', { name: 'Set the window' }).click();
    await form.getByRole('alert').getByText('Neither time was edited.').waitFor();
    await closes.fill('');
    await set();
    expect(sent).toEqual([{ closes_at: null }]);
    expect(await product()).toMatchObject({ opens_at: opensAt, closes_at: null });
  });

  test('lets an operator choose between the two instants of a time that comes twice', async () => {
    const { console, form, sent, closes, set } = await windowForm(await checkoutForTest(), 'Europe/Berlin');
    await console.verdict.getByText('Opens at Oct 26, 2036, 02:30:00 (UTC+1)').waitFor();
    const which = form.getByLabel('Opens: this time comes twice');
    expect(await which.locator('option').allInnerTexts()).toEqual([
      'First time (UTC+2)',
      'Second time (UTC+1)',
    ]);
    await closes.fill('2036-10-26T04:00:00');
    await takeScreenshot(console.page, 'time-that-comes-twice');
    await expectAccessible(console.page);
    await which.selectOption({ label: 'First time (UTC+2)' });
    await closes.fill('');
    await set();
    expect(sent).toEqual([{ opens_at: '2036-10-26T00:30:00Z' }]);
    await console.row('Sneakers').getByText('02:30:00 (UTC+2)').waitFor();
  });

  test.each([
    ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29 02:00 (UTC+1) to 2026-03-29 03:00 (UTC+2)'],
    [
      'Pacific/Chatham',
      '2026-09-27T03:00:00',
      '2026-09-27 02:45 (UTC+12:45) to 2026-09-27 03:45 (UTC+13:45)',
    ],
  ])('in %s refuses a time that the clocks leave out, and names the gap', async (timezoneId, text, gap) => {
    const { form, sent, opens, product } = await windowForm(await checkoutForTest(), timezoneId);
    await opens.fill(text);
    await form.getByRole('button', { name: 'Set the window' }).click();
    await form.getByText(`The clocks of ${timezoneId} go from ${gap}.`).waitFor();
    expect(await opens.getAttribute('aria-invalid')).toBe('true');
    expect(sent).toEqual([]);
    expect((await product()).opens_at).toBe(opensAt);
    await opens.fill('2036-03-29T04:30:00');
    expect(await form.locator('[aria-invalid=true]').count()).toBe(0);
  });

  test('of a new product is refused in the gap and understood beside it', async () => {
    const checkout = await checkoutForTest();
    const console = await ConsolePage.open(browser, checkout.url, berlin);
    await console.page.getByRole('button', { name: 'New product' }).click();
    const form = console.page.getByRole('form', { name: 'What is sold' });
    await form.getByLabel('Name').fill('Poster');
    await form.getByLabel('Price').fill('12');
    await form.getByLabel('Units').fill('300');
    await form.getByLabel('Opens', { exact: true }).fill('2036-03-30T02:30:00');
    await form.getByRole('button', { name: 'Create' }).click();
    await form.getByText('Expected a time that exists, got 2036-03-30 02:30.').waitFor();
    await form.getByLabel('Opens', { exact: true }).fill('2036-03-30T03:00:00');
    await form.getByRole('button', { name: 'Create' }).click();
    await console.page.getByRole('status').filter({ hasText: 'Poster is product 1' }).waitFor();
    expect((await checkout.product(1)).body.opens_at).toBe('2036-03-30T01:00:00Z');
  });
});
