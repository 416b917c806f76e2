import { expect, test } from 'vitest';
import { browserForTests, browserMissing, type Window } from '../support/browser.ts';
import { checkoutForTest } from '../support/checkout.ts';
import { describeNeeding } from '../support/needing.ts';
import { expectAccessible, expectNoSidewaysScroll, takeScreenshot } from '../support/page-checks.ts';
import { fillShop, StorefrontPage } from '../support/storefront-page.ts';

const phone = 'Phone, 256 GB';
const desk = { width: 1280, height: 900 };
const pocket = { width: 390, height: 844 };
/** The narrowest window that people have. */
const narrowest = { width: 320, height: 640 };

type Look = { readonly name: string; readonly window: Window };
const looks: readonly Look[] = [
  { name: 'desk-light', window: { viewport: desk, colorScheme: 'light' } },
  { name: 'desk-dark', window: { viewport: desk, colorScheme: 'dark' } },
  { name: 'phone-light', window: { viewport: pocket, colorScheme: 'light' } },
  { name: 'phone-dark', window: { viewport: pocket, colorScheme: 'dark' } },
];

type Step = (buyer: StorefrontPage) => Promise<void>;

/** One buyer's day: each step ends in the state that is named, and the next one goes on from there. */
const day: Readonly<Record<string, Step>> = {
  open: (buyer) => buyer.product(phone).getByText('12 left of 50').waitFor(),
  'no-answer': async (buyer) => {
    await buyer.button('One more').first().click();
    await buyer.page.route('**/holds', (route) => route.abort());
    await buyer.holdButton(phone).click();
    await buyer.reads('No answer yet. We keep trying, and you will not get two.');
  },
  held: async (buyer) => {
    await buyer.page.unroute('**/holds');
    await buyer.sees('They are held for you');
  },
  'given-back': async (buyer) => {
    await buyer.button('Give back').click();
    await buyer.sees('You gave it back');
  },
  ordered: async (buyer) => {
    await buyer.button('Hold 2 again').click();
    await buyer.button('Order now').click();
    await buyer.sees('Ordered. Now pay');
  },
  failed: async (buyer) => {
    await buyer.button('Fail to pay').click();
    await buyer.sees('The payment failed');
  },
  paid: async (buyer) => {
    await buyer.button('Hold 2 again').click();
    await buyer.button('Order now').click();
    await buyer.button(/^Pay \$/).click();
    await buyer.sees('Thank you, it is yours!');
  },
  broken: async (buyer) => {
    const body = JSON.stringify({ code: 'internal_error', request_id: '9f3c2a71-4' });
    const answer = { status: 500, contentType: 'application/problem+json', body };
    await buyer.page.route('**/holds', (route) => route.fulfill(answer), { times: 1 });
    await buyer.holdButton(phone).click();
    await buyer.sees('Something went wrong here');
    await buyer.reads(/tell us this number: 9f3c2a71-4$/);
  },
  away: async (buyer) => {
    await buyer.page.context().setOffline(true);
    await buyer.reads(/^As of/);
  },
};

/** What is worth a picture in the documents; `SCREENSHOTS_OF=all` has one taken of each state, for who works on the looks. */
const pictured = process.env.SCREENSHOTS_OF === 'all' ? Object.keys(day) : ['held'];

describeNeeding(browserMissing)('the looks of the storefront', () => {
  const browser = browserForTests();
  // Light at the desk and dark on the phone, so that each colour and each width has its turn in every state; pictures need all four.
  const looksToCheck = process.env.SCREENSHOTS === undefined ? [looks[0], looks[3]] : looks;

  test.each(looksToCheck.flatMap((look) => (look === undefined ? [] : [look])))(
    'are without a violation that axe knows, and without sideways scrolling, in each state: $name',
    async ({ name, window }) => {
      const checkout = await checkoutForTest();
      await fillShop(checkout);
      const buyer = new StorefrontPage(await browser.open(checkout.url, window));
      for (const [state, step] of Object.entries(day)) {
        await step(buyer);
        if (pictured.includes(state)) {
          await takeScreenshot(buyer.page, `storefront-${state}-${name}`);
        }
        await expectAccessible(buyer.page);
        for (const size of [narrowest, window.viewport ?? narrowest]) {
          await buyer.page.setViewportSize(size);
          await expectNoSidewaysScroll(buyer.page);
        }
      }
    },
    // Nine states take their time on a machine that has other work to do.
    180_000,
  );

  test('keep their place while the products load', async () => {
    const checkout = await checkoutForTest();
    await fillShop(checkout);
    const page = await browser.open('about:blank', { viewport: pocket });
    const answers = Promise.withResolvers<void>();
    await page.route('**/api/**', async (route) => {
      await answers.promise;
      await route.continue();
    });
    await page.goto(checkout.url);
    await page.locator('.skeleton').first().waitFor();
    await expectAccessible(page);
    const placeOfFifth = () =>
      page.evaluate<number>('document.querySelectorAll(".product")[4].getBoundingClientRect().top');
    const before = await placeOfFifth();

    answers.resolve();
    await page.getByText('12 left of 50').waitFor();

    expect(await placeOfFifth()).toBe(before);
  });
});
