/**
 * A node in a process of its own that takes commands from its parent, each on an engine and a connection of
 * its own. A command stops at the points that it is given until its parent says that it may go on; when the
 * process is killed meanwhile, it ends there. Says `ready`.
 */
import type { Command } from '../../src/domain/commands.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { recheckParked } from '../../src/workers/parked-events-worker.ts';
import { type CommandPoint, toldOfPoints } from './command-points.ts';
import { Sale } from './sale.ts';
import { needs } from './store-rows.ts';

/** What the parent says of the command that it calls by `id`. */
export type Instruction = { readonly id: number } & (
  | { readonly kind: 'go on' }
  | { readonly kind: 'open'; readonly url: string }
  | {
      readonly kind: 'start';
      readonly command: Command;
      /** In the order in which they are come to. */
      readonly stops: readonly CommandPoint[];
      /** False: what may have been missed is not looked at again after the commit. */
      readonly rechecks: boolean;
    }
);

/** How far a command has got: to its connection, to a point, to a lock that another one has, or to its outcome. */
export type Progress = 'open' | CommandPoint | 'has to wait' | { readonly outcome: string };

const opened = new Map<number, Store>();
const stopped = new Map<number, () => void>();

if (import.meta.main) {
  process.on('message', (instruction: Instruction) => {
    if (instruction.kind === 'go on') {
      stopped.get(instruction.id)?.();
    } else if (instruction.kind === 'open') {
      void open(instruction.id, instruction.url);
    } else {
      void start(instruction);
    }
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

async function open(id: number, url: string): Promise<void> {
  const store = openStore(url);
  opened.set(id, store);
  // It connects when it is used first.
  await store.transact(async (transaction) => {
    await transaction.load(needs({}));
  });
  process.send?.({ id, progress: 'open' });
}

async function start({ id, command, stops, rechecks }: Instruction & { kind: 'start' }): Promise<void> {
  const tell = (progress: Progress): void => void process.send?.({ id, progress });
  const left = [...stops];
  const its = opened.get(id);
  if (its === undefined) {
    throw new Error('the command has no connection yet');
  }
  const store = toldOfPoints(its, async (point) => {
    if (point === left[0]) {
      left.shift();
      const goOn = Promise.withResolvers<void>();
      stopped.set(id, goOn.resolve);
      tell(point);
      await goOn.promise;
    }
  });
  const rechecked: Promise<void>[] = [];
  const { engine } = new Sale(store, {
    listener: {
      committed: ({ happened }) => {
        if (rechecks) {
          rechecked.push(recheckParked(store, engine, happened));
        }
      },
      failed: () => tell('has to wait'),
    },
  });
  const { outcome } = await engine.submit(command);
  await Promise.all(rechecked);
  tell({ outcome: outcome.kind });
  await engine.close();
  await store.close();
}
