import { ConfigError } from './config.ts';
import type { Config } from './options.ts';
import { isLoopbackHost } from './parsers.ts';

type PaymentEventConfig = Pick<Config, 'webhookSecrets' | 'stripeWebhookSecrets' | 'host' | 'nodeEnv'>;

/** Whether any secret is set, so that every payment event has to be signed. */
function eventsAreSigned(config: PaymentEventConfig): boolean {
  return config.webhookSecrets.length > 0 || config.stripeWebhookSecrets.length > 0;
}

/**
 * Whether payment events are believed without a signature. Anybody who can reach the port could then call an
 * order paid, so it takes all three: no secret is set, only this machine can reach the port, and it is not
 * production.
 */
export function unsignedEventsAllowed(config: PaymentEventConfig): boolean {
  return !eventsAreSigned(config) && isLoopbackHost(config.host) && config.nodeEnv !== 'production';
}

/** @throws ConfigError if serving with this configuration would mean to believe anybody's payment events */
export function assertEventsCanBeTrusted(config: PaymentEventConfig): void {
  if (eventsAreSigned(config) || unsignedEventsAllowed(config)) {
    return;
  }
  const reason = config.nodeEnv === 'production' ? 'NODE_ENV is production' : `HOST is ${config.host}`;
  throw new ConfigError(
    `Unsigned payment events are not accepted while ${reason}: ` +
      'set WEBHOOK_SECRETS or STRIPE_WEBHOOK_SECRETS, or serve on a loopback HOST outside production',
  );
}
