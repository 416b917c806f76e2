import { test } from 'vitest';
import { browserForTests, browserMissing, complaintsOf } from '../support/browser.ts';
import { checkoutForTest } from '../support/checkout.ts';
import { describeNeeding } from '../support/needing.ts';
import { until } from '../support/until.ts';

/** Each way in which a script could make a text run, tried by a page that is not to let it. */
const injections = [
  ['HTML', `document.body.innerHTML = '<img src=x onerror=alert(1)>'`, 'require-trusted-types-for'],
  ['a script', `document.createElement('script').text = 'alert(1)'`, 'require-trusted-types-for'],
  ['a handler', `document.body.setAttribute('onclick', 'alert(1)')`, 'require-trusted-types-for'],
  [
    'a policy that permits it',
    `trustedTypes.createPolicy('mine', { createHTML: (text) => text })`,
    'trusted-types',
  ],
  ['an image from elsewhere', `new Image().src = 'http://192.0.2.1/pixel'`, 'img-src'],
] as const;

describeNeeding(browserMissing)('the policy of the pages in a browser', () => {
  const browser = browserForTests();

  test.each(injections)(
    'refuses %s on each page, and every test would fail of it',
    async (_name, script, directive) => {
      const checkout = await checkoutForTest();
      const { body: hold } = await checkout.hold(await checkout.createProduct());
      for (const path of ['/', '/console', `/simulated-payments/sim_${hold.hold_id}_secret`]) {
        const page = await browser.open(`${checkout.url}${path}`, {
          expectedComplaints: /violat|Trusted|trusted/,
        });
        const complaints = await complaintsOf(page);
        await page.evaluate(`try { ${script} } catch {}`);
        await until(() => complaints.some((text) => text.includes(`"effectiveDirective":"${directive}"`)));
      }
    },
  );

  test('lets the API description be read and its parts be opened', async () => {
    const checkout = await checkoutForTest();
    const page = await browser.open(`${checkout.url}/api/docs`);
    await page.getByRole('button', { name: 'POST /api/v1/holds', exact: false }).first().click();
    await page.getByText('a client that knows it shares your hold', { exact: false }).waitFor();
  });

  test('lets a payment be simulated on its own page', async () => {
    const checkout = await checkoutForTest();
    const order = await checkout.ordered(await checkout.createProduct());
    const page = await browser.open(`${checkout.url}/simulated-payments/${order.payment?.client_secret}`);
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await until(async () => (await checkout.orderOf(order)).status === 'paid');
    await page.getByRole('heading', { name: 'Simulated payment' }).waitFor();
  });
});
