import { CheckoutError, type CreatedHold } from '../../src/client/checkout-client.ts';
import { thisDevice } from '../../src/client/device.ts';

/** By how much the page's idea of the server's time may be wrong, and some more. */
const clockErrorMsMax = 1_500;
const againMs = 300;

/**
 * Asks for a hold. Who asks at the very moment when the sale opens is not sent away because the page's clock is ahead by half a second.
 *
 * @param ask asks once, with the same key each time
 * @param nowMs the server's time, as far as the page knows
 */
export async function holdAtOpening(
  ask: () => Promise<CreatedHold>,
  nowMs: () => number,
): Promise<CreatedHold> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isAboutToOpen(error, nowMs())) {
        throw error;
      }
    }
    await thisDevice.pause(againMs);
  }
}

function isAboutToOpen(error: unknown, nowMs: number): boolean {
  const opensAt = error instanceof CheckoutError ? error.problem.opens_at : null;
  const isNotOpen = error instanceof CheckoutError && error.code === 'sale_not_open';
  return isNotOpen && typeof opensAt === 'string' && Math.abs(Date.parse(opensAt) - nowMs) <= clockErrorMsMax;
}
