import { describe, expect, test } from 'vitest';
import { browserForTests, noBrowser } from '../support/browser.ts';
import { checkoutForTest } from '../support/checkout.ts';

describe.skipIf(noBrowser)('the storefront in a browser', () => {
  const browser = browserForTests();

  test('opens at the root', async () => {
    const checkout = await checkoutForTest();
    const page = await browser.open(checkout.url);
    expect(await page.title()).toBe('Flash sale');
  });
});
