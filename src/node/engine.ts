import { eventEndpointsOf } from '../config/event-endpoints.ts';
import type { Config } from '../config/options.ts';
import { decide } from '../domain/decide.ts';
import type { Rules } from '../domain/state.ts';
import { Engine, type EngineListener } from '../engine/engine.ts';
import { newId } from '../engine/new-id.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { logDomainEvent } from '../telemetry/domain-event-log.ts';
import { demoProducts } from './demo-products.ts';
import { storeLog } from './log.ts';
import { messageOf } from './message-of.ts';
import type { Parts } from './parts.ts';

/** Seeds the demo products into a database without products. Resolves to how many were made. */
export async function seedDemoProducts(engine: Engine): Promise<number> {
  const { outcome } = await engine.submit({ kind: 'seed_products', products: demoProducts });
  if (outcome.kind !== 'products_seeded') {
    throw new Error(`the demo products could not be seeded: ${outcome.code}`);
  }
  return outcome.created;
}

/** Engine and store alone, for commands. The caller closes both. */
export function openEngine(config: Config, parts: Parts): { readonly store: Store; readonly engine: Engine } {
  const store = openStore(config.databaseUrl, parts.wallMs, storeLog(config, parts.log));
  return {
    store,
    engine: createEngine(config, parts, store, undefined, { committed: () => {}, failed: () => {} }),
  };
}

/**
 * The engine of a process, with the log as a listener behind the given one.
 *
 * @param refusalOfPrice of the payment provider, where one is connected
 */
export function createEngine(
  config: Config,
  { log, decide: rules = decide }: Parts,
  store: Store,
  refusalOfPrice: Rules['refusalOfPrice'],
  told: Pick<EngineListener, 'committed' | 'failed'>,
): Engine {
  const { holdSeconds, paymentSeconds, parkedMax, queueMax, batchMax, requestTimeoutMs } = config;
  const eventEndpoints = eventEndpointsOf(config).map(({ id }) => id);
  return new Engine(
    {
      store,
      decide: rules,
      rules: { holdSeconds, paymentSeconds, parkedMax, eventEndpoints, refusalOfPrice },
      newId,
    },
    { queueMax, batchMax, requestTimeoutMs },
    {
      committed: (report) => {
        told.committed(report);
        for (const event of report.happened) {
          logDomainEvent(log, event);
        }
      },
      failed: (report) => {
        told.failed(report);
        const { error, commands, willRetry } = report;
        const fields = { reason: messageOf(error), commands };
        if (willRetry) {
          log.debug(fields, 'Batch is decided again');
        } else {
          log.error(fields, 'Database cannot be written');
        }
      },
      defect: ({ error }) => log.error({ err: error }, 'A committed batch could not be told of'),
    },
  );
}
