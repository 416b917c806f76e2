import { loadConfig } from '../../src/config/config.ts';
import type { Config } from '../../src/config/options.ts';
import type { Command, CreateHold } from '../../src/domain/commands.ts';
import type { ProductSnapshot } from '../../src/domain/product.ts';
import type { Answer, CommandSink } from '../../src/engine/answer.ts';
import { newId } from '../../src/engine/new-id.ts';
import { createServer } from '../../src/http/server.ts';
import { createLive } from '../../src/live/live.ts';
import { openStore } from '../../src/store/open-store.ts';
import { logDomainEvent } from '../../src/telemetry/domain-event-log.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { ProcessCounts } from '../../src/telemetry/metrics/process-counts.ts';
import type { HoldMade } from '../peers/hold-made.ts';

/** Another way to make a hold. What it throws is answered 500. */
export type MakeHold = (command: CreateHold, config: Config) => Promise<HoldMade>;

export type Peer = {
  readonly makeHold: MakeHold;
  /** What `GET /products/{id}` shows; without it there is no product. */
  readonly snapshot?: ProductSnapshot;
};

/**
 * Serves another way to make holds from the same server as ours: the same routes, schemas, plugins, answer and
 * log line, so that a comparison is one of the ways alone. Until SIGTERM; the address is written to standard
 * error.
 */
export async function servePeer({ makeHold, snapshot }: Peer): Promise<void> {
  const config = loadConfig(process.env);
  const { log } = createLogger(config, { stdout: process.stdout });

  const engine: CommandSink = {
    async submit<C extends Command>(command: C): Promise<Answer<C>> {
      if (command.kind !== 'create_hold') {
        return { outcome: { kind: 'failed', code: 'shutting_down' } };
      }
      const made = await makeHold(command, config);
      if (made.hold === null) {
        const { availableStock, nextReleaseAtMs } = made;
        const requested = command.quantity;
        return {
          outcome: {
            kind: 'refused',
            code: 'insufficient_stock',
            availableStock,
            requested,
            nextReleaseAtMs,
          },
        };
      }
      logDomainEvent(log, { kind: 'hold_created', ...made });
      return {
        outcome: { kind: 'hold_created', hold: made.hold, replayed: false } as Answer<C>['outcome'],
      };
    },
  };

  const counts = new ProcessCounts();
  const store = openStore('sqlite::memory:');
  const server = createServer({
    config,
    log,
    engine,
    reader: store,
    outbox: store,
    eventEndpoints: [],
    snapshots: { get: async () => snapshot ?? null },
    readiness: () => ({ ready: true }),
    live: createLive({
      reader: store,
      refreshMs: config.cacheTtlMs,
      totals: () => counts.saleTotals(),
      link: null,
    }),
    isUp: () => true,
    counts: counts.http,
    paymentEvents: 'unsigned',
    newId,
  });
  const url = await server.listen({ host: '127.0.0.1', port: config.port });
  // As the service does before it is called ready: else the first load would wait for it, up to a second on a busy machine.
  await server.compileSchemas();
  process.stderr.write(`ready at ${url}\n`);
  process.once('SIGTERM', async () => {
    await server.close();
    process.exit(0);
  });
}
