import { CheckoutError } from '../../src/client/checkout-client.ts';
import { thisDevice } from '../../src/client/device.ts';

/** From then on the buyer is told that there is no answer yet. */
const slowMs = 1_500;
/** How long to wait before asking again what the page has to know. */
const againMs = 1_000;

export type Call = (signal: AbortSignal) => Promise<void>;

export type CallHandlers = {
  /** It takes its time. */
  slow(): void;
  /** It went wrong, and was not called off. */
  failed(error: unknown): void;
};

/** What is under way for one purchase, and can be called off with it. */
export class Calls {
  readonly #handlers: CallHandlers;
  #controller = new AbortController();

  constructor(handlers: CallHandlers) {
    this.#handlers = handlers;
  }

  async make(call: Call): Promise<void> {
    const { signal } = this.#controller;
    const slow = setTimeout(() => this.#handlers.slow(), slowMs);
    try {
      await call(signal);
    } catch (error) {
      if (!signal.aborted) {
        this.#handlers.failed(error);
      }
    } finally {
      clearTimeout(slow);
    }
  }

  /** The same for what the page has to know: asked until it is answered. What is gone needs no more asking. */
  insist(call: Call): Promise<void> {
    return this.make(async (signal) => {
      while (!(await isAnswered(call, signal))) {
        await thisDevice.pause(againMs, signal);
      }
    });
  }

  callOff(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
  }
}

async function isAnswered(call: Call, signal: AbortSignal): Promise<boolean> {
  try {
    await call(signal);
    return true;
  } catch (error) {
    if (signal.aborted || (error instanceof CheckoutError && error.status === 404)) {
      throw error;
    }
    return false;
  }
}
