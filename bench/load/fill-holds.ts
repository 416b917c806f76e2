import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadConfig } from '../../src/config/config.ts';
import { decide } from '../../src/domain/decide.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { newId } from '../../src/engine/new-id.ts';
import { openEngine } from '../../src/node/engine.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { endWithThisProcess } from '../measure/end-with-this-process.ts';
import { neutralPlace } from '../measure/node-process.ts';

/**
 * Makes many live holds in the way that they are always made, engine and store, but without HTTP: in a
 * process of its own, so that nothing of it is left in the one that is measured.
 *
 * node bench/load/fill-holds.ts <product> <holds> <deadline in ms since 1970>, with DATABASE_URL
 *
 * @param dueAtMs the deadline of all of them, a whole second
 */
export async function fillHolds(
  databaseUrl: string,
  productId: number,
  holds: number,
  dueAtMs: number,
): Promise<void> {
  const filling = spawn(
    process.execPath,
    [import.meta.filename, String(productId), String(holds), String(dueAtMs)],
    {
      ...neutralPlace({ DATABASE_URL: databaseUrl, LOG_FILE: '' }),
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  endWithThisProcess(filling);
  const [code] = await once(filling, 'exit');
  if (code !== 0) {
    throw new Error(`expected ${holds} holds to be made, got an end with ${code}`);
  }
}

/** So far away that holds of a run stay live. */
export function nextDayMs(): number {
  return (Math.floor(Date.now() / 1000) + 80_000) * 1000;
}

/** Enough to keep the next batch full while one is under way. */
const batchesWaiting = 2;

async function fill(productId: number, holds: number, dueAtMs: number): Promise<void> {
  const config = loadConfig(process.env);
  // The rules round up to a whole second: counted from the end of the current one it is always the same.
  const untilDue: Decide = (state, commands, rules, ids) => {
    const holdSeconds = (dueAtMs - Math.ceil(state.nowMs / 1000) * 1000) / 1000;
    return decide(state, commands, { ...rules, holdSeconds }, ids);
  };
  const { log } = createLogger({ logLevel: 'silent', logFile: null }, { stdout: null });
  const { store, engine } = openEngine(config, { log, decide: untilDue });
  let begun = 0;
  const holdOneAfterTheOther = async (): Promise<void> => {
    while (begun < holds) {
      begun += 1;
      const { outcome } = await engine.submit({
        kind: 'create_hold',
        holdId: newId(),
        productId,
        quantity: 1,
        idempotencyKey: null,
      });
      if (outcome.kind !== 'hold_created') {
        throw new Error(`a hold was not made: ${JSON.stringify(outcome)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: batchesWaiting * config.batchMax }, holdOneAfterTheOther));
  await engine.close();
  await store.close();
}

if (import.meta.main) {
  const [productId = 0, holds = 0, dueAtMs = 0] = process.argv.slice(2).map(Number);
  await fill(productId, holds, dueAtMs);
}
