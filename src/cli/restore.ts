import { type Restored, restoreSqlite } from '../store/restore-sqlite.ts';
import { shellWord } from '../store/shell-word.ts';
import { literalPath } from '../store/sqlite-path.ts';
import { withAuditTable } from './backup.ts';
import { configFrom, type Flags } from './config-flags.ts';
import { CopyProgress } from './copy-progress.ts';
import { interruptible } from './interruptible.ts';
import { sqliteFileOf } from './sqlite-file.ts';

/** Puts a verified backup in the place of the database. */
export async function restore(flags: Flags, fileArgument: string): Promise<void> {
  const file = literalPath(fileArgument);
  const { databaseUrl, redisUrl } = configFrom(flags);
  const path = sqliteFileOf(databaseUrl, 'restore');
  const progress = new CopyProgress();
  const restored = await withAuditTable(() =>
    interruptible((signal) =>
      restoreSqlite(path, file, {
        steps: {
          signal,
          copied: (part) => progress.copied(part),
          verifying: () => progress.verifying(),
        },
        nowMs: Date.now(),
        report: (line) => {
          progress.end();
          print(line);
        },
      }).finally(() => progress.end()),
    ),
  );
  print(`Restored ${path} from ${file}; ${newest(restored)}`);
  print(undoing(restored));
  if (redisUrl !== null) {
    print('Run bin/flash-sale cache-clear: Redis has product snapshots of the old database');
  }
  print(
    'Before the next sale: "After a restore" in docs/operations.md lists what to compare with the provider',
  );
}

function newest({ newestOrderMs, newestEventMs }: Restored): string {
  const text = (ms: number | null) => (ms === null ? 'none' : new Date(ms).toISOString());
  return `newest order: ${text(newestOrderMs)}, newest payment event: ${text(newestEventMs)}`;
}

function undoing({ kept }: Restored): string {
  if (kept === null) {
    return 'There was no database before';
  }
  return kept.isSound
    ? `To undo: stop the service, then run bin/flash-sale restore ${shellWord(kept.file)}`
    : `The old database was damaged: its files are kept as ${kept.file} and ${kept.file}-wal, and cannot be restored`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
