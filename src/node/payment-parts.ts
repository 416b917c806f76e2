import type { Config } from '../config/options.ts';
import { paymentsAreSimulated } from '../config/simulated-payments.ts';
import { unsignedEventsAllowed } from '../config/unsigned-events.ts';
import { apiBase } from '../http/api-server.ts';
import { simulatedEventPath } from '../http/routes/payments.ts';
import type { ServerDeps, SimulatedPayments } from '../http/server-deps.ts';
import type { PaymentProvider } from '../payments/payment-provider.ts';
import type { SimulatedProvider } from '../payments/simulated/simulated-provider.ts';
import { standardWebhooksVerifier } from '../payments/standard-webhooks.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { Parts } from './parts.ts';

/** Who takes payments and sends refunds for a process. */
export type PaymentParts = {
  /** Null: orders wait for events of somebody else, and refunds for an operator. */
  readonly provider: PaymentProvider | null;
  /** The same provider where payments are simulated: it does here what a real one does elsewhere. */
  readonly simulated: SimulatedProvider | null;
};

/** Loads the provider that the configuration names, and no other. */
export async function createPaymentParts(
  config: Config,
  { log, simulatedSecret }: Pick<Parts, 'log' | 'simulatedSecret'>,
): Promise<PaymentParts> {
  if (config.stripeApiKey !== null) {
    const { stripeProvider } = await import('../payments/stripe/stripe-provider.ts');
    const settings = { apiKey: config.stripeApiKey, apiUrl: config.stripeApiUrl };
    return { provider: stripeProvider(settings), simulated: null };
  }
  if (!paymentsAreSimulated(config)) {
    return { provider: null, simulated: null };
  }
  const { SimulatedProvider } = await import('../payments/simulated/simulated-provider.ts');
  const simulated = new SimulatedProvider(
    (reason) => log.warn({ reason }, 'Event of a simulated payment given up'),
    simulatedSecret,
  );
  return { provider: simulated, simulated };
}

/** What the server offers where payments are simulated. */
export function simulatedPaymentsOf(
  { simulated }: PaymentParts,
  reader: StoreReader,
): SimulatedPayments | undefined {
  if (simulated === null) {
    return undefined;
  }
  return {
    verify: (rawBody, headers) => simulated.verify(rawBody, headers),
    purchaseOf: (clientSecret) => simulated.purchaseOf(clientSecret, reader),
    act: (purchase, action, delayMs) => simulated.act(purchase, action, delayMs),
  };
}

/** Where simulated events go when the server listens at `url`. An address that stands for all of them cannot be connected to everywhere. */
export function simulatedEventsUrl(url: string): string {
  const own = url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
  return own + apiBase + simulatedEventPath;
}

/** How payment events prove where they come from. Once any secret is set, an endpoint without one of its own is closed. */
export async function paymentEventsOf(config: Config): Promise<ServerDeps['paymentEvents']> {
  if (config.webhookSecrets.length > 0) {
    return standardWebhooksVerifier(config.webhookSecrets);
  }
  return unsignedEventsAllowed(config) ? 'unsigned' : 'closed';
}
