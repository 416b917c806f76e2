import { backupSqlite } from '../store/backup-sqlite.ts';
import { DatabaseFileError } from '../store/database-file-error.ts';
import { literalPath } from '../store/sqlite-path.ts';
import { auditTable } from './audit-table.ts';
import { configFrom, type Flags } from './config-flags.ts';
import { CopyProgress } from './copy-progress.ts';
import { interruptible } from './interruptible.ts';
import { sqliteFileOf } from './sqlite-file.ts';

/** Copies the database of a running service into a new file and verifies the copy. */
export async function backup(flags: Flags, fileArgument: string): Promise<void> {
  const file = literalPath(fileArgument);
  const path = sqliteFileOf(configFrom(flags).databaseUrl, 'backup');
  const progress = new CopyProgress();
  const made = await withAuditTable(() =>
    interruptible((signal) =>
      backupSqlite(path, file, {
        signal,
        copied: (part) => progress.copied(part),
        verifying: () => progress.verifying(),
      }).finally(() => progress.end()),
    ),
  );
  process.stdout.write(
    `Backup ${file}: ${(made.bytes / 1e6).toFixed(1)} MB, schema ${made.schema}, ${made.checks} checks without a difference\n`,
  );
}

/** Prints the audit of a file that is refused because of its audit. */
export async function withAuditTable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DatabaseFileError && error.audit !== null) {
      process.stdout.write(auditTable(error.audit));
    }
    throw error;
  }
}
