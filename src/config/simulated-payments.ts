import { ConfigError } from './config-error.ts';
import type { Config } from './options.ts';
import { isLoopbackHost } from './parsers.ts';

type SimulationConfig = Pick<
  Config,
  | 'simulatedPayments'
  | 'stripeApiKey'
  | 'webhookSecrets'
  | 'stripeWebhookSecrets'
  | 'trustProxy'
  | 'host'
  | 'nodeEnv'
>;

/**
 * Whether payments are simulated. With them any client that reaches the port can mark an order as paid. So they are off as soon as one
 * setting shows that the sale is real, and on by default only where no other machine reaches the port.
 */
export function paymentsAreSimulated(config: SimulationConfig): boolean {
  return signsOfRealSale(config).length === 0 && (config.simulatedPayments ?? isLoopbackHost(config.host));
}

/** @throws ConfigError if payments are to be simulated in a real sale: the operator has to say which of the two is meant */
export function assertSimulationIsMeant(config: SimulationConfig): void {
  const signs = signsOfRealSale(config);
  if (config.simulatedPayments === true && signs.length > 0) {
    throw new ConfigError(
      `SIMULATED_PAYMENTS is true, which contradicts ${signs.join(', ')}: ` +
        'set SIMULATED_PAYMENTS to false for a real sale, or unset the other settings for a trial',
    );
  }
}

/** Settings of a real sale: production, a provider, signed events, and a proxy, behind which every client has a loopback address. */
function signsOfRealSale(config: SimulationConfig): readonly string[] {
  return [
    ...(config.nodeEnv === 'production' ? ['NODE_ENV=production'] : []),
    ...(config.stripeApiKey === null ? [] : ['STRIPE_API_KEY']),
    ...(config.webhookSecrets.length === 0 ? [] : ['WEBHOOK_SECRETS']),
    ...(config.stripeWebhookSecrets.length === 0 ? [] : ['STRIPE_WEBHOOK_SECRETS']),
    ...(config.trustProxy.length === 0 ? [] : ['TRUST_PROXY']),
  ];
}
