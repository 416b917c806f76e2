import type { Config } from '../config/options.ts';
import { modeFix } from '../store/sqlite-modes.ts';
import { databaseFilesAreOpen } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/logger.ts';

/** One line when other users of the machine can reach the files of the embedded database. The service goes on. */
export function warnOfOpenFiles({ databaseUrl }: Pick<Config, 'databaseUrl'>, log: Logger): void {
  const command = modeFix(databaseUrl);
  if (command !== null) {
    databaseFilesAreOpen(log, { command });
  }
}
