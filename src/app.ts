import type { AddressInfo } from 'node:net';
import { CheckoutNode, type Parts } from './checkout-node.ts';
import type { Config } from './config/options.ts';
import { assertEventsCanBeTrusted, unsignedEventsAllowed } from './config/unsigned-events.ts';
import { newId } from './engine/new-id.ts';
import { createHealthServer } from './http/health-server.ts';
import { createServer } from './http/server.ts';
import type { ServerDeps } from './http/server-deps.ts';
import { standardWebhooksVerifier } from './payments/standard-webhooks.ts';

export type RunningServer = {
  /** Where it listens: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Resolves once the database can be used, or when the server is stopped before that. */
  readonly databaseReady: Promise<void>;
  /** Takes no new connections, answers what was accepted, stops the workers and closes the database. */
  stop(): Promise<void>;
};

export type RunningWorker = Pick<RunningServer, 'databaseReady' | 'stop'>;

/** How long requests that are under way may take once the server is told to stop. */
const closePatienceMs = 6_000;

/**
 * Starts a node with its server and, unless switched off, the workers. It listens at once; until the database
 * can be used, requests are answered 503.
 *
 * @throws ConfigError when payment events of anybody would be believed; Error when the address cannot be
 *   listened on
 */
export async function startServer(config: Config, parts: Parts): Promise<RunningServer> {
  assertEventsCanBeTrusted(config);
  const node = new CheckoutNode(config, parts);
  const server = createServer({
    config,
    log: parts.log,
    engine: node.engine,
    reader: node.reader,
    snapshots: node.snapshots,
    sharedCounts: node.sharedCounts,
    isUp: () => node.isUp(),
    readiness: () => node.readiness(),
    paymentEvents: await paymentEventsOf(config),
    newId,
  });
  await server.listen({ host: config.host, port: config.port });
  const databaseReady = node.start({
    workers: config.worker,
    seed: config.seed && config.nodeEnv !== 'production',
  });
  return {
    url: urlOf(server.server.address() as AddressInfo),
    databaseReady,
    stop: async () => {
      await node.stopWorkers();
      // Whoever sends a request too slowly, or does not read the answers, cannot keep the process from ending.
      const patience = setTimeout(() => server.server.closeAllConnections(), closePatienceMs);
      await server.close();
      clearTimeout(patience);
      await node.stop();
    },
  };
}

/** Starts only the workers of a node, and where a port is set for it their health. */
export async function startWorker(config: Config, parts: Parts): Promise<RunningWorker> {
  const node = new CheckoutNode(config, parts);
  const health = config.workerPort === null ? null : createHealthServer(() => node.readiness());
  await health?.listen({ host: config.host, port: config.workerPort ?? 0 });
  return {
    databaseReady: node.start({ workers: true, seed: false }),
    stop: async () => {
      await node.stopWorkers();
      await health?.close();
      await node.stop();
    },
  };
}

/** Once any secret is set, an endpoint without one of its own is closed. */
async function paymentEventsOf(config: Config): Promise<ServerDeps['paymentEvents']> {
  if (config.webhookSecrets.length > 0) {
    return standardWebhooksVerifier(config.webhookSecrets);
  }
  return unsignedEventsAllowed(config) ? 'unsigned' : 'closed';
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
