import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Violation = { readonly id: string; readonly help: string; readonly nodes: readonly { html: string }[] };

/** Expects that axe finds nothing wrong with the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  // A transition shows colours that are on their way.
  await page.evaluate(`
    Promise.all(
      document
        .getAnimations()
        .filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime))
        .map((animation) => animation.finished.catch(() => {})),
    )
  `);
  const violations = await page.evaluate<readonly Violation[]>(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  expect(
    violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html }) => html) })),
  ).toEqual([]);
}

/** Expects that nothing of the page lies beside the window, where a finger would have to look for it. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [needed, there] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  expect(needed).toBeLessThanOrEqual(there);
}

/**
 * Has the browser add up from now on by how much what was there has moved without the buyer having asked for it.
 *
 * @returns asks for the sum so far, the score that browsers call cumulative layout shift
 */
export async function countShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`
    window.shifts = { sum: 0 };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (!entry.hadRecentInput) {
          window.shifts.sum += entry.value;
        }
      }
    }).observe({ type: 'layout-shift', buffered: true });
  `);
  return () => page.evaluate<number>('window.shifts.sum');
}

const screenshotFolder = process.env.SCREENSHOTS;

/** A picture of the window in the folder that `SCREENSHOTS` names; none without it. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  if (screenshotFolder !== undefined) {
    await page.evaluate('document.fonts.ready');
    await page.screenshot({ path: join(resolve(screenshotFolder), `${name}.png`), animations: 'disabled' });
  }
}
