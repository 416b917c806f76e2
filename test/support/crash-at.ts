/**
 * A process that dies at a chosen point of one transaction: `node crash-at.ts <database URL> <point> <command
 * as JSON>`. It says `answered` when it did not.
 */
import type { Command } from '../../src/domain/commands.ts';
import { decide } from '../../src/domain/decide.ts';
import { Engine } from '../../src/engine/engine.ts';
import { newId } from '../../src/engine/new-id.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

export const crashPoints = [
  'before the write',
  'between write and commit',
  'between commit and answer',
] as const;
export type CrashPoint = (typeof crashPoints)[number] | 'never';

/** A store whose process dies at this point. */
function dyingAt(point: CrashPoint, store: Store): Store {
  const at = (reached: CrashPoint) => {
    if (reached === point) {
      process.kill(process.pid, 'SIGKILL');
    }
  };
  return {
    ...store,
    transact: async (work) => {
      const result = await store.transact((transaction) =>
        work({
          load: (needs) => transaction.load(needs),
          loadOverdue: (needs) => transaction.loadOverdue(needs),
          nextReleases: (productIds, nowMs) => transaction.nextReleases(productIds, nowMs),
          apply: async (changes) => {
            at('before the write');
            await transaction.apply(changes);
            at('between write and commit');
          },
        }),
      );
      at('between commit and answer');
      return result;
    },
  };
}

if (import.meta.main) {
  const [databaseUrl = '', point = '', command = ''] = process.argv.slice(2);
  const engine = new Engine(
    {
      store: dyingAt(point as CrashPoint, openStore(databaseUrl)),
      decide,
      rules: { holdSeconds: 120, paymentSeconds: 600, parkedMax: 100, eventEndpoints: [] },
      newId,
    },
    { queueMax: 10, batchMax: 10, requestTimeoutMs: 5000 },
    { committed: () => {}, failed: () => {}, defect: () => {} },
  );
  await engine.submit(JSON.parse(command) as Command);
  process.stdout.write('answered');
}
