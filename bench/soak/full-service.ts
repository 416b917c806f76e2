import { eventSecret } from '../../test/support/event-receiver.ts';
import { webhookSecret } from '../../test/support/signed-events.ts';
import { isSuccess } from '../load/answers.ts';
import type { Errand } from '../load/buyers.ts';
import { plentyOfStock } from '../load/holds.ts';
import { type Crowd, Sender, type SendReport } from '../load/sender.ts';
import { type MeasuredCheckout, startCheckout } from '../measure/measured-checkout.ts';
import { Surroundings } from './surroundings.ts';

/** Viewers of the shop, and operators at their consoles. */
const shops = 200;
const consoles = 20;
/** One of so many holds is left to its deadline, which the worker then finds. */
const leaveEvery = 5;
const holdSeconds = 30;
/** Enough for batches, not so many that what is measured is how long a line is. */
const buyersAtATime = 64;

/** The service with everything on: worker, cache, signed payments, events for others, viewers of both pages. */
export class FullService {
  readonly checkout: MeasuredCheckout;
  readonly surroundings: Surroundings;
  readonly #errand: Errand;

  private constructor(checkout: MeasuredCheckout, surroundings: Surroundings, errand: Errand) {
    this.checkout = checkout;
    this.surroundings = surroundings;
    this.#errand = errand;
  }

  static async start(databaseUrl: string, folder: string): Promise<FullService> {
    const surroundings = await Surroundings.start();
    const checkout = await startCheckout(databaseUrl, folder, {
      HOLD_SECONDS: String(holdSeconds),
      WEBHOOK_SECRETS: webhookSecret,
      EVENT_WEBHOOK_URLS: surroundings.eventsUrl,
      EVENT_WEBHOOK_SECRETS: eventSecret,
      EVENT_WEBHOOK_ALLOW_PRIVATE: 'true',
    });
    const productId = await checkout.client.createProduct({ stock: plentyOfStock });
    await surroundings.watch(checkout.client.url, shops, consoles);
    return new FullService(checkout, surroundings, { kind: 'buy', productId, webhookSecret, leaveEvery });
  }

  /** Buyers at a rate. */
  buyers(perSecond: number, seconds: number, windowSeconds: number): Promise<Sender> {
    return this.#send({ errand: this.#errand, perSecond }, seconds, windowSeconds);
  }

  /** As many buyers a second as there can be, when each begins again at once. */
  async capacity(seconds: number): Promise<number> {
    const sender = await this.#send({ errand: this.#errand, atATime: buyersAtATime }, seconds, 1);
    const { answers } = assertExpected(await sender.ended);
    return answers.between('hold', isSuccess, 0, seconds).count / seconds;
  }

  async end(): Promise<void> {
    await this.checkout.stop();
    this.surroundings.end();
  }

  /** What the figures were made with, in words. */
  static readonly text =
    `a product with ${shops} live viewers and ${consoles} consoles, worker and cache on, each purchase a hold, an order and a signed payment, one of ${leaveEvery} holds left to run out after ${holdSeconds} s, every event delivered to a local endpoint`;

  #send(crowd: Crowd, seconds: number, windowSeconds: number): Promise<Sender> {
    const { url } = this.checkout.client;
    return Sender.start({ url, crowds: [crowd], seconds, windowSeconds, linesAhead: 200, linesMax: 2_000 });
  }
}

/** @throws Error when anything was answered that is neither success nor refusal */
export function assertExpected(report: SendReport): SendReport {
  if (report.unexpected.length > 0) {
    throw new Error(`unexpected answers:\n${report.unexpected.join('\n')}`);
  }
  return report;
}
