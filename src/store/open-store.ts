import { mysqlDialect } from './dialects/mysql.ts';
import { postgresDialect } from './dialects/postgres.ts';
import { sqliteDialect } from './dialects/sqlite.ts';
import type { QueryObserver } from './query-observer.ts';
import { sqlStore } from './sql-store.ts';
import type { Store } from './store.ts';

/**
 * Opens the store that a URL names: `sqlite:path/to/file.db`, `sqlite::memory:`, `mysql://…`, `mariadb://…`
 * or `postgres://…`. Nothing is connected before the first use.
 *
 * @throws TypeError for a URL of another form, without quoting it: it may hold a password.
 */
export function openStore(
  databaseUrl: string,
  wallMs: () => number = Date.now,
  observe: QueryObserver = () => {},
): Store {
  if (/^(mysql|mariadb):\/\//.test(databaseUrl)) {
    return sqlStore(mysqlDialect(databaseUrl, wallMs, observe));
  }
  if (/^postgres(ql)?:\/\//.test(databaseUrl)) {
    return sqlStore(postgresDialect(databaseUrl, wallMs, observe));
  }
  const path = /^sqlite:(?:\/\/)?(.+)$/.exec(databaseUrl)?.[1];
  if (path === undefined) {
    throw new TypeError(
      'expected a database URL such as sqlite:data/flash-sale.db, sqlite::memory:, mysql://… or postgres://…',
    );
  }
  return sqlStore(sqliteDialect(path, wallMs, observe));
}
