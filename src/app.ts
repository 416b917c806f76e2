import type { AddressInfo } from 'node:net';
import { assertEventsCanBeSigned, eventEndpointsOf } from './config/event-endpoints.ts';
import type { Config } from './config/options.ts';
import { assertSimulationIsMeant } from './config/simulated-payments.ts';
import { stripeModesOf } from './config/stripe-mode.ts';
import { assertEventsCanBeTrusted } from './config/unsigned-events.ts';
import { newId } from './engine/new-id.ts';
import { createHealthServer } from './http/health-server.ts';
import { createServer } from './http/server.ts';
import { builtPages } from './node/built-pages.ts';
import { CheckoutNode } from './node/checkout-node.ts';
import { outboxBetweenBatches } from './node/event-delivery.ts';
import { nodeMetrics } from './node/metrics.ts';
import type { Parts } from './node/parts.ts';
import {
  createPaymentParts,
  paymentEventsOf,
  simulatedEventsUrl,
  simulatedPaymentsOf,
} from './node/payment-parts.ts';
import { tracingOf } from './node/tracing.ts';
import { stripeEvents } from './payments/stripe/stripe-events.ts';

export type RunningServer = {
  /** Where it listens: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Resolves once the database can be used, or when the server is stopped before that. */
  readonly databaseReady: Promise<void>;
  /** Takes no new connections, answers what was accepted, stops the workers and closes the database. */
  stop(): Promise<void>;
};

export type RunningWorker = Pick<RunningServer, 'databaseReady' | 'stop'>;

/**
 * Connections that the kernel keeps until they are accepted; it takes the smaller one of this and its own `net.core.somaxconn`, 4096 on
 * Linux since 5.4. With Node's 511, of a crowd that comes in one moment those behind have to try again, a second later at the earliest.
 */
const connectionsWaitingMax = 4_096;

/** How long requests that are under way may take once the server is told to stop. */
const closePatienceMs = 6_000;

/**
 * Starts a node with its server and, unless switched off, the workers. It listens at once; until the database
 * can be used, requests are answered 503.
 *
 * @throws ConfigError when payment events of any client would be accepted, payments would be simulated in a real sale, or outgoing
 *   events would not be signed; Error when the address cannot be listened on
 */
export async function startServer(config: Config, parts: Parts): Promise<RunningServer> {
  assertEventsCanBeTrusted(config);
  assertSimulationIsMeant(config);
  assertEventsCanBeSigned(config);
  const payments = await createPaymentParts(config, parts);
  const tracing = await tracingOf(config, parts.log);
  const node = new CheckoutNode(config, { ...parts, tracing }, payments.provider);
  const pages = builtPages(config);
  if (config.pages && pages === undefined) {
    parts.log.warn(
      'Storefront and console are not built, so not served: npm run build:pages, or set PAGES=false',
    );
  }
  const server = createServer({
    config,
    log: parts.log,
    engine: node.commands,
    reader: node.reader,
    snapshots: node.snapshots,
    sharedCounts: node.sharedCounts,
    isUp: () => node.isUp(),
    readiness: () => node.readiness(),
    paymentEvents: await paymentEventsOf(config),
    stripeEvents: await stripeEvents(config.stripeWebhookSecrets, stripeModesOf(config)),
    orderPayments: node.orderPayments,
    simulatedPayments: simulatedPaymentsOf(payments, node.store),
    outbox: outboxBetweenBatches(node.store, node.engine),
    eventEndpoints: eventEndpointsOf(config).map(({ id }) => id),
    pages,
    live: node.live,
    tracing,
    counts: node.counts.http,
    metricsText: nodeMetrics(node, parts.siblings),
    newId,
  });
  await server.listen({ host: config.host, port: config.port, backlog: connectionsWaitingMax });
  const url = urlOf(server.server.address() as AddressInfo);
  payments.simulated?.deliverTo(simulatedEventsUrl(url));
  const databaseReady = node.start({
    serves: true,
    workers: config.worker,
    seed: config.seed && config.nodeEnv !== 'production',
  });
  // Who waits for the database is told of its failure; here it only means that there is nothing to make ready for.
  databaseReady.then(
    () => server.compileSchemas(),
    () => undefined,
  );
  return {
    url,
    databaseReady,
    stop: async () => {
      await node.stopWorkers();
      await payments.simulated?.stop();
      // Whoever sends a request too slowly, or does not read the answers, cannot keep the process from ending.
      const patience = setTimeout(() => server.server.closeAllConnections(), closePatienceMs);
      await server.close();
      clearTimeout(patience);
      await node.stop();
      await tracing?.stop();
    },
  };
}

/**
 * Starts only the workers of a node, and where a port is set for it their health and metrics.
 *
 * @throws ConfigError when payments would be simulated in a real sale, or outgoing events would not be signed; Error when the address
 *   cannot be listened on
 */
export async function startWorker(config: Config, parts: Parts): Promise<RunningWorker> {
  assertSimulationIsMeant(config);
  assertEventsCanBeSigned(config);
  const { provider } = await createPaymentParts(config, parts);
  const tracing = await tracingOf(config, parts.log);
  const node = new CheckoutNode(config, { ...parts, tracing }, provider);
  const health =
    config.workerPort === null
      ? null
      : createHealthServer({
          readiness: () => node.readiness(),
          metricsText: nodeMetrics(node, undefined),
        });
  await health?.listen({ host: config.host, port: config.workerPort ?? 0 });
  return {
    databaseReady: node.start({ serves: false, workers: true, seed: false }),
    stop: async () => {
      await node.stopWorkers();
      await health?.close();
      await node.stop();
      await tracing?.stop();
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
