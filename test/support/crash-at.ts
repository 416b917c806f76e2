/**
 * A process that dies at a chosen point of one transaction: `node crash-at.ts <database URL> <point> <command
 * as JSON>`. It says `answered` when it did not.
 */
import type { Command } from '../../src/domain/commands.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type CommandPoint, toldOfPoints } from './command-points.ts';
import { Sale } from './sale.ts';

export const crashPoints = [
  'before the write',
  'between write and commit',
  'between commit and answer',
] as const satisfies readonly CommandPoint[];
export type CrashPoint = (typeof crashPoints)[number] | 'never';

if (import.meta.main) {
  const [databaseUrl = '', point = '', command = ''] = process.argv.slice(2);
  const store = toldOfPoints(openStore(databaseUrl), async (reached) => {
    if (reached === point) {
      process.kill(process.pid, 'SIGKILL');
    }
  });
  const { engine } = new Sale(store);
  await engine.submit(JSON.parse(command) as Command);
  process.stdout.write('answered');
  await engine.close();
  await store.close(); // idle connections would keep the process for half a minute
}
