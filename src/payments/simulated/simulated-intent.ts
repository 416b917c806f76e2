import type { PaymentIntent } from '../payment-provider.ts';

const prefix = 'sim_';
const secretPattern = /^sim_([1-9]\d{0,15})_secret$/;

/**
 * The simulated payment of a hold and of the order that it becomes. Both are derived from the id of the hold, so every process and every
 * start knows the same ones, and a buyer can pay before the order exists.
 */
export function simulatedIntent({ holdId }: { readonly holdId: number }): PaymentIntent {
  const reference = prefix + holdId;
  return { reference, clientSecret: `${reference}_secret` };
}

/** The hold that a client secret pays for, or null when the text is none. */
export function holdOfSecret(clientSecret: string): number | null {
  const holdId = Number(secretPattern.exec(clientSecret)?.[1]);
  return Number.isSafeInteger(holdId) ? holdId : null;
}

export function isSimulated(reference: string): boolean {
  return reference.startsWith(prefix);
}
