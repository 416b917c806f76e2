import { ConfigError } from './config-error.ts';
import type { Config } from './options.ts';
import { isLoopbackHost } from './parsers.ts';

type PaymentEventConfig = Pick<
  Config,
  'webhookSecrets' | 'stripeWebhookSecrets' | 'trustProxy' | 'host' | 'nodeEnv'
>;

/** Whether any secret is set, so that every payment event has to be signed. */
function eventsAreSigned(config: PaymentEventConfig): boolean {
  return config.webhookSecrets.length > 0 || config.stripeWebhookSecrets.length > 0;
}

/**
 * Whether payment events are accepted without a signature. A client that reaches the port can then mark any order as paid. So all of
 * these must hold: no secret is set, no other machine reaches the port, directly or through a proxy, and it is not production.
 */
export function unsignedEventsAllowed(config: PaymentEventConfig): boolean {
  return !eventsAreSigned(config) && reasonToSign(config) === null;
}

/** @throws ConfigError if serving with this configuration would mean to accept payment events of any client */
export function assertEventsCanBeTrusted(config: PaymentEventConfig): void {
  const reason = reasonToSign(config);
  if (eventsAreSigned(config) || reason === null) {
    return;
  }
  throw new ConfigError(
    `Unsigned payment events are not accepted while ${reason}: ` +
      'set WEBHOOK_SECRETS or STRIPE_WEBHOOK_SECRETS, or serve on a loopback HOST outside production without TRUST_PROXY',
  );
}

function reasonToSign(config: PaymentEventConfig): string | null {
  if (config.nodeEnv === 'production') {
    return 'NODE_ENV is production';
  }
  if (!isLoopbackHost(config.host)) {
    return `HOST is ${config.host}`;
  }
  // Every request that the proxy passes on comes from its own address, which is a loopback one where it runs on this machine.
  return config.trustProxy.length > 0 ? 'TRUST_PROXY is set' : null;
}
