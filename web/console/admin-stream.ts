import { type CheckoutClient, CheckoutError } from '../../src/client/checkout-client.ts';
import type { SaleMessage } from './sale-messages.ts';

/**
 * The server tells of each second, so figures are old when this long nothing has come. Longer than a second message that is late.
 */
const staleMs = 3_500;
/** A connection that says nothing for this long is a dead one, whatever the network thinks of it. */
const deadMs = 10_000;

export type AdminStreamHandlers = {
  message(message: SaleMessage): void;
  /** Nothing has come for a while, or the stream cannot be had. May be said again; the next message says that it is back. */
  lost(): void;
  /** The token is not, or no longer, the right one. Nothing more comes. */
  refused(error: CheckoutError): void;
};

export type AdminStream = {
  /** Asks at once for a stream that is lost, instead of when its pause is over. */
  connectNow(): void;
  stop(): void;
};

/** Follows what operators are told. The client connects again; here it is found out when what is shown is no longer what is. */
export function followSale(
  client: Pick<CheckoutClient, 'watch'>,
  handlers: AdminStreamHandlers,
  timing: { readonly staleMs: number; readonly deadMs: number } = { staleMs, deadMs },
): AdminStream {
  let staleTimer: ReturnType<typeof setTimeout> | undefined;
  let deadTimer: ReturnType<typeof setTimeout> | undefined;
  let stopWatching = () => {};

  const stop = () => {
    clearTimeout(staleTimer);
    clearTimeout(deadTimer);
    stopWatching();
  };
  const heard = () => {
    clearTimeout(staleTimer);
    clearTimeout(deadTimer);
    staleTimer = setTimeout(handlers.lost, timing.staleMs);
    deadTimer = setTimeout(connectNow, timing.deadMs);
  };
  const connectNow = () => {
    stop();
    stopWatching = client.watch('/admin/live', {
      message: (message) => {
        heard();
        // The server of this page is of its version, so what it says is of this form.
        handlers.message(message as SaleMessage);
      },
      state: (state, error) => {
        if (state === 'live') {
          return;
        }
        // The client asks again by itself from now on.
        clearTimeout(deadTimer);
        if (error instanceof CheckoutError && error.status === 401) {
          stop();
          handlers.refused(error);
        } else {
          handlers.lost();
        }
      },
    });
  };
  connectNow();
  return { connectNow, stop };
}
