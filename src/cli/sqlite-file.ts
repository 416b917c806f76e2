import { sqlitePath } from '../store/sqlite-path.ts';
import { CommandError } from './failure.ts';

const docs = 'see "Backups" in docs/operations.md';

/** The commands of database servers for the same purpose. */
const ofServers = {
  mysql: {
    backup:
      'mysqldump --single-transaction --set-gtid-purged=OFF (MariaDB: mariadb-dump --single-transaction)',
    restore: 'mysql (MariaDB: mariadb) with the dump as its input',
  },
  mariadb: {
    backup: 'mariadb-dump --single-transaction',
    restore: 'mariadb with the dump as its input',
  },
  postgres: { backup: 'pg_dump --format=custom', restore: 'pg_restore' },
} as const;

/**
 * The SQLite file of a command that works on it.
 *
 * @throws CommandError that names the right command for another database
 */
export function sqliteFileOf(databaseUrl: string, command: 'backup' | 'restore'): string {
  const path = sqlitePath(databaseUrl);
  if (path === ':memory:') {
    throw new CommandError(
      `bin/flash-sale ${command} needs a database file, and DATABASE_URL is a database in memory: ` +
        `set DATABASE_URL to a file such as sqlite:data/flash-sale.db, ${docs}`,
      2,
    );
  }
  if (path !== null) {
    return path;
  }
  const server = /^(mysql|mariadb|postgres)/.exec(databaseUrl)?.[1] as keyof typeof ofServers | undefined;
  if (server === undefined) {
    throw new CommandError(
      'DATABASE_URL: expected a database URL such as sqlite:data/flash-sale.db, mysql://… or postgres://…',
      2,
    );
  }
  throw new CommandError(
    `bin/flash-sale ${command} works on an SQLite file, and DATABASE_URL is a database server: use ${ofServers[server][command]}, ${docs}`,
    2,
  );
}
