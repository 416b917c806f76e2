import type { Locator, Page } from 'playwright-core';
import type { TestBrowser, Window } from './browser.ts';
import { adminToken } from './checkout-client.ts';

export type UnitPart = 'sold' | 'ordered' | 'held' | 'available';

const parts: readonly UnitPart[] = ['sold', 'ordered', 'held', 'available'];

/** The console in a window, by what an operator sees. */
export class ConsolePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the console and gives it the token. Waits until it is live. */
  static async open(browser: TestBrowser, url: string, window: Window = {}): Promise<ConsolePage> {
    const console = new ConsolePage(await browser.open(`${url}/console`, window));
    await console.giveToken(adminToken);
    await console.page.getByText('Live', { exact: true }).waitFor();
    await console.tile('Refunds due').waitFor();
    return console;
  }

  async giveToken(token: string): Promise<void> {
    await this.page.getByLabel('Admin token').fill(token);
    await this.page.getByRole('button', { name: 'Show the sale' }).click();
  }

  /** The sentence at the top. */
  get verdict(): Locator {
    return this.page.getByRole('heading', { level: 1 });
  }

  tile(name: string): Locator {
    return this.page.getByRole('list').getByRole('button', { name });
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name });
  }

  /** What is asked before something is done. */
  question(name: string | RegExp): Locator {
    return this.page.getByRole('alertdialog', { name });
  }

  /** Says yes to a question, by the button that does it. */
  async agree(question: string | RegExp, label: string): Promise<void> {
    await this.question(question).getByRole('button', { name: label, exact: true }).click();
  }

  /** Opens what can be changed of a product. */
  async change(productName: string): Promise<Locator> {
    await this.page.getByRole('button', { name: `Change ${productName}`, exact: true }).click();
    return this.dialog(productName);
  }

  row(productName: string): Locator {
    return this.page
      .getByRole('row')
      .filter({ has: this.page.getByRole('rowheader', { name: productName }) });
  }

  /** Where the units of a product are, as the figures of its row say. */
  async units(productName: string): Promise<Readonly<Record<UnitPart, number>>> {
    const row = this.row(productName);
    const read = async (part: UnitPart) =>
      [part, numberIn(await row.locator(`[data-figure=${part}]`).innerText())] as const;
    return Object.fromEntries(await Promise.all(parts.map(read))) as Record<UnitPart, number>;
  }

  /** How many there were of something in the last five minutes. */
  async sum(figure: 'Holds' | 'Orders' | 'Payments' | 'Refusals'): Promise<number> {
    const term = this.page.getByRole('term').filter({ hasText: figure });
    return numberIn((await term.locator('.sum').innerText()).replace('in 5 min', ''));
  }

  async find(text: string): Promise<void> {
    await this.page.getByLabel('Order, hold, payment reference or event key').fill(text);
    await this.page.getByRole('button', { name: 'Find' }).click();
  }
}

function numberIn(text: string): number {
  return Number(text.replaceAll(',', '').trim());
}
