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

/** What lies outside the dialog in front, in words; measured with its texts, because a text may be wider than its element. */
const outsideDialog = `(() => {
  const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
  if (dialog === undefined) {
    return ['expected an open dialog, got none'];
  }
  const outside = [];
  const box = dialog.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  if (box.left < 0 || box.top < 0 || box.right > clientWidth || box.bottom > clientHeight) {
    outside.push('the dialog: ' + JSON.stringify(box) + ' in ' + clientWidth + ' x ' + clientHeight);
  }
  if (dialog.scrollWidth > dialog.clientWidth) {
    outside.push('scrolls sideways: ' + dialog.scrollWidth + ' in ' + dialog.clientWidth);
  }
  const scrolls = ['auto', 'scroll'].includes(getComputedStyle(dialog).overflowY);
  if (!scrolls && dialog.scrollHeight > dialog.clientHeight) {
    outside.push('is cut off below: ' + dialog.scrollHeight + ' in ' + dialog.clientHeight);
  }
  const range = document.createRange();
  const walker = document.createTreeWalker(dialog);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest('.unseen, select') !== null) {
      continue;
    }
    range.selectNodeContents(node);
    for (const { left, right, width } of node.nodeType === Node.TEXT_NODE ? range.getClientRects() : node.getClientRects()) {
      if (width > 0 && (left < box.left || right > box.right)) {
        outside.push(node.nodeName + ' ' + node.textContent + ': ' + left + ' to ' + right);
      }
    }
    const isInput = ['INPUT', 'SELECT'].includes(node.nodeName);
    if (node.nodeType === Node.ELEMENT_NODE && !isInput && node.scrollWidth > node.clientWidth && node.clientWidth > 0) {
      outside.push(node.nodeName + ' ' + node.textContent + ': ' + node.scrollWidth + ' in ' + node.clientWidth);
    }
  }
  dialog.scrollTop = dialog.scrollHeight;
  if (dialog.lastElementChild.getBoundingClientRect().bottom > box.bottom) {
    outside.push('its end cannot be scrolled to');
  }
  dialog.scrollTop = 0;
  return outside;
})()`;

/** Expects that the dialog in front lies inside the window, and everything of it inside the dialog or above or below by scrolling. */
export async function expectDialogFits(page: Page): Promise<void> {
  expect(await page.evaluate<readonly string[]>(outsideDialog)).toEqual([]);
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
