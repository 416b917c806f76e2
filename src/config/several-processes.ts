import { ConfigError } from './config-error.ts';
import type { Config } from './options.ts';

/** @throws ConfigError if each of several processes would have a database of its own */
export function assertDatabaseIsShared(config: Pick<Config, 'databaseUrl' | 'processes'>): void {
  if (config.processes > 1 && /^sqlite:(\/\/)?:memory:$/.test(config.databaseUrl)) {
    throw new ConfigError(
      `PROCESSES is ${config.processes}, but a database in memory belongs to one process only: ` +
        'set DATABASE_URL to a file or a server, or PROCESSES to 1',
    );
  }
}
