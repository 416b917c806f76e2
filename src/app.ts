import type { AddressInfo } from 'node:net';
import type { Config } from './config/options.ts';
import { assertEventsCanBeTrusted, unsignedEventsAllowed } from './config/unsigned-events.ts';
import { newId } from './engine/new-id.ts';
import { createHealthServer } from './http/health-server.ts';
import { createServer } from './http/server.ts';
import { Node, type Parts } from './node.ts';

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
 * Starts a node with its server and, unless switched off, the workers. It listens at once; until the database can be used, requests
 * are answered 503.
 *
 * @throws ConfigError when payment events of anybody would be believed; Error when the address cannot be listened on
 */
export async function startServer(config: Config, parts: Parts): Promise<RunningServer> {
  assertEventsCanBeTrusted(config);
  const node = new Node(config, parts);
  const server = createServer({
    config,
    log: parts.log,
    engine: node.engine,
    reader: node.store,
    snapshots: node.snapshots,
    sharedCounts: node.sharedCounts,
    isUp: () => node.isUp(),
    readiness: () => node.readiness(),
    unsignedEvents: unsignedEventsAllowed(config),
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
      await server.close();
      await node.stop();
    },
  };
}

/** Starts only the workers of a node, and where a port is set for it their health. */
export async function startWorker(config: Config, parts: Parts): Promise<RunningWorker> {
  const node = new Node(config, parts);
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

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
