import type { Config } from './options.ts';
import { isLoopbackHost } from './parsers.ts';

/**
 * Whether payments are simulated: never in production or with a real provider. Whoever reaches the port can then have any order called
 * paid, so where others than this machine can reach it, it has to be asked for.
 */
export function paymentsAreSimulated({
  simulatedPayments,
  stripeApiKey,
  host,
  nodeEnv,
}: Pick<Config, 'simulatedPayments' | 'stripeApiKey' | 'host' | 'nodeEnv'>): boolean {
  return nodeEnv !== 'production' && stripeApiKey === null && (simulatedPayments ?? isLoopbackHost(host));
}
