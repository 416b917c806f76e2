import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { buildPages } from './built-pages.ts';
import { firstMissing, programPath } from './programs.ts';

/** `chromium` on a machine without it, otherwise null. */
export const browserMissing = firstMissing('chromium');

/** A browser of tests shows no window, talks to nobody but the service under test, and needs no rights. */
const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type Window = BrowserContextOptions & {
  /** Words in the browser's complaints that the test expects. */
  readonly expectedComplaints?: RegExp;
};

export type TestBrowser = {
  /**
   * A window with storage of its own, as if on another device. It is closed when the test that calls this has ended, which fails if the
   * page threw an error or the browser complained about it: a violated content security policy, for example.
   *
   * @param window size, colours, language and the like; 1280 × 800 unless given
   */
  open(url: string, window?: Window): Promise<Page>;
};

/**
 * One browser with an empty profile for the tests of a file or of the suite that this is called in, and the pages built before.
 * To be called in a suite that `browserMissing` skips.
 */
export function browserForTests(): TestBrowser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    await buildPages();
    browser = await chromium.launch({
      executablePath: programPath('chromium') ?? '',
      args: browserArguments,
    });
  });
  afterAll(() => browser?.close());
  return {
    open: async (url, { expectedComplaints, ...window } = {}) => {
      if (browser === undefined) {
        throw new Error('the browser is there only while tests run');
      }
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'en-US',
        timezoneId: 'UTC',
        ...window,
      });
      // Less than a test may take, so that a wait in vain says what it waited for.
      context.setDefaultTimeout(120_000);
      const page = await context.newPage();
      const complaints = await complaintsOf(page);
      onTestFinished(async () => {
        await context.close();
        const unexpected = complaints.filter((text) => expectedComplaints?.test(text) !== true);
        expect(unexpected).toEqual([]);
      });
      await page.goto(url);
      return page;
    },
  };
}

const violationMark = 'Policy violated: ';

/** Says each violation of the page's policy on the console, also those that the browser itself only reports. */
const reportViolations = `
  document.addEventListener('securitypolicyviolation', (event) => {
    const { effectiveDirective, blockedURI, sample, sourceFile, lineNumber } = event;
    console.error('${violationMark}' + JSON.stringify({ effectiveDirective, blockedURI, sample, sourceFile, lineNumber }));
  });
`;

/** What the browser has against the page, as it comes. Answers that refuse are none: pages have to show them. */
export async function complaintsOf(page: Page): Promise<readonly string[]> {
  const complaints: string[] = [];
  await page.addInitScript(reportViolations);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  return complaints;
}
