import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { browserForTests, browserMissing } from '../support/browser.ts';
import { checkoutForTest } from '../support/checkout.ts';
import { ConsolePage } from '../support/console-page.ts';
import { describeNeeding } from '../support/needing.ts';
import { expectAccessible } from '../support/page-checks.ts';

/** One refusal of a form of the console: what is typed, what is agreed to, and where the reason stands. */
type Refusal = {
  readonly form: string;
  readonly typed: Readonly<Record<string, string>>;
  readonly submit: string;
  /** What is asked before, and its answer; null where the browser or the form refuses at once. */
  readonly question: readonly [title: string | RegExp, label: string] | null;
  /** The label of the field that is wrong; null: it belongs to no field. */
  readonly field: string | null;
  readonly reason: string | RegExp;
};

const newProduct = {
  form: 'What is sold',
  submit: 'Create',
  typed: { Name: 'Poster', Price: '12', Currency: 'USD', Units: '300' },
};
const putOnSale = ['Put Poster on sale?', 'Put on sale'] as const;
const stock = { form: 'Stock', typed: { Change: '-8', Reason: 'damaged' }, submit: 'Take away' };
const price = { form: 'Price', typed: { 'Price in USD': '79.999' }, submit: 'Set the price' };
const window = { form: 'Sale window', typed: { Opens: '2036-11-27T09:00:00' }, submit: 'Set the window' };

const refusals: readonly (readonly [string, Refusal])[] = [
  [
    'more units than are free',
    {
      ...stock,
      question: ['Take 8 units of Sneakers away?', 'Take 8 units away'],
      field: 'Change',
      reason: /5 of 10 are held, so at most 5 can be taken away now\./,
    },
  ],
  [
    'a reason with a control character',
    {
      ...stock,
      typed: { Change: '3', Reason: '\u0007' },
      submit: 'Add',
      question: ['Add 3 units of Sneakers?', 'Add 3 units'],
      field: 'Reason',
      reason: /^Expected a text .*, got \\u0007 at character 1 of /,
    },
  ],
  [
    'units without a reason',
    {
      ...stock,
      typed: { Change: '3' },
      submit: 'Add',
      question: null,
      field: 'Reason',
      reason: 'Please fill out',
    },
  ],
  [
    '0 units',
    {
      ...stock,
      typed: { Change: '0', Reason: 'none' },
      submit: 'Add',
      question: null,
      field: 'Change',
      reason: 'Expected units to add, or with a minus to take away, got 0.',
    },
  ],
  [
    'more decimals than the currency has',
    {
      ...price,
      question: ['Change the price of Sneakers?', 'Set $79.999'],
      field: 'Price in USD',
      reason: 'Expected at most 2 decimals, as USD has, got 79.999.',
    },
  ],
  [
    'a price of 0',
    {
      ...price,
      typed: { 'Price in USD': '0' },
      question: null,
      field: 'Price in USD',
      reason: 'Value must be',
    },
  ],
  [
    'the price that it has',
    {
      ...price,
      typed: {},
      question: null,
      field: 'Price in USD',
      reason: 'Expected a new price, got the present one.',
    },
  ],
  [
    'an end before the opening',
    {
      ...window,
      typed: { Opens: '2036-11-27T09:00:00', Closes: '2036-11-27T08:00:00' },
      question: ['Close the sale of Sneakers?', 'Close now'],
      field: 'Closes',
      reason: /^Expected an instant after opens_at, got /,
    },
  ],
  [
    'a window that was not edited',
    { ...window, typed: {}, question: null, field: null, reason: 'Neither time was edited.' },
  ],
  [
    'a new product with a price in fractions of a cent',
    {
      ...newProduct,
      typed: { ...newProduct.typed, Price: '12.345' },
      question: putOnSale,
      field: 'Price',
      reason: 'Expected an exact amount with at most 2 decimals, as USD has, got 12.345.',
    },
  ],
  [
    'a new product in a currency that does not exist',
    {
      ...newProduct,
      typed: { ...newProduct.typed, Currency: 'QQQ' },
      question: putOnSale,
      field: 'Currency',
      reason: /^Expected a currency code of ISO 4217.*, got "QQQ"\.$/,
    },
  ],
  [
    'a new product in half a currency',
    {
      ...newProduct,
      typed: { ...newProduct.typed, Currency: 'US' },
      question: null,
      field: 'Currency',
      reason: 'Expected a currency code such as USD, got "US".',
    },
  ],
];

/** Expects the reason once in the page, at the field that is wrong, which has the focus; or below the form. */
async function expectOnce(form: Locator, { field, reason }: Refusal): Promise<void> {
  await form.getByText(reason).waitFor();
  expect(await form.page().getByText(reason).count()).toBe(1);
  const invalid = form.locator('[aria-invalid=true]');
  if (field === null) {
    expect(await invalid.count()).toBe(0);
    await form.getByRole('alert').getByText(reason).waitFor();
    return;
  }
  expect(await form.getByRole('alert').count()).toBe(0);
  expect(await invalid.count()).toBe(1);
  const input = form.getByLabel(field, { exact: true });
  expect(await input.getAttribute('aria-invalid')).toBe('true');
  expect(await input.evaluate('document.activeElement.getAttribute("aria-invalid")')).toBe('true');
  const ids = (await input.getAttribute('aria-describedby'))?.split(' ') ?? [];
  const described = await Promise.all(ids.map((id) => form.locator(`[id="${id}"]`).innerText()));
  expect(described).toContainEqual(expect.stringMatching(reason));
}

describeNeeding(browserMissing)('each form of the console', () => {
  const browser = browserForTests();

  test.each(refusals)('says once and at its place why it refuses %s', async (_what, refusal) => {
    const checkout = await checkoutForTest();
    const productId = await checkout.createProduct({ name: 'Sneakers', stock: 10 });
    await checkout.hold(productId, 5);
    const before = (await checkout.product(productId)).body;
    const console = await ConsolePage.open(browser, checkout.url);
    if (refusal.form === newProduct.form) {
      await console.page.getByRole('button', { name: 'New product' }).click();
    } else {
      await console.change('Sneakers');
    }
    const form = console.page.getByRole('form', { name: refusal.form });
    for (const [label, value] of Object.entries(refusal.typed)) {
      await form.getByLabel(label, { exact: true }).fill(value);
    }
    await form.getByRole('button', { name: refusal.submit }).click();
    if (refusal.question !== null) {
      await console.agree(...refusal.question);
    }

    await expectOnce(form, refusal);
    await expectAccessible(console.page);
    expect((await checkout.product(productId)).body).toEqual(before);
    expect((await checkout.get('/api/v1/products')).body.products).toHaveLength(1);
    if (refusal.field !== null) {
      const input = form.getByLabel(refusal.field, { exact: true });
      await input.fill((await input.getAttribute('type')) === 'datetime-local' ? '' : '1');
      expect(await form.locator('[aria-invalid=true]').count()).toBe(0);
    }
  });

  test('for the token says once and at the field that the token is wrong', async () => {
    const checkout = await checkoutForTest();
    const page = await browser.open(`${checkout.url}/console`);
    await new ConsolePage(page).giveToken('a guess');
    const reason = 'This is not the admin token of this service.';
    await page.getByText(reason).waitFor();
    expect(await page.getByText(reason).count()).toBe(1);
    const input = page.getByLabel('Admin token');
    expect(await input.getAttribute('aria-invalid')).toBe('true');
    expect(await input.getAttribute('aria-describedby')).toContain('token-error');
    expect(await page.locator('#token-error').innerText()).toBe(reason);
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
