import type { CheckoutOptions } from './checkout.ts';
import { bothSecrets } from './signed-events.ts';

/** Variables with which `fromAddress` counts. Behind a proxy payment events have to be signed. */
export const behindProxy: NonNullable<CheckoutOptions['variables']> = {
  TRUST_PROXY: '127.0.0.1',
  ...bothSecrets,
};

/** Headers of a request that a trusted proxy has from this address. */
export function fromAddress(address: string): Readonly<Record<string, string>> {
  return { 'x-forwarded-for': address };
}
