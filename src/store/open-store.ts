import { DatabaseUrlError } from './database-url-error.ts';
import { mysqlDialect } from './dialects/mysql.ts';
import { postgresDialect } from './dialects/postgres.ts';
import { sqliteDialect } from './dialects/sqlite.ts';
import { sqlStore } from './sql-store.ts';
import { sqlitePath } from './sqlite-path.ts';
import type { Store } from './store.ts';
import { noObserver, type StoreObserver } from './store-observer.ts';

/**
 * Opens the store that a URL names: `sqlite:path/to/file.db`, `sqlite::memory:`, `mysql://…`, `mariadb://…`
 * or `postgres://…`. Nothing is connected before the first use.
 *
 * @throws DatabaseUrlError for a URL of another form, without quoting it: it may hold a password.
 */
export function openStore(
  databaseUrl: string,
  wallMs: () => number = Date.now,
  observer: StoreObserver = noObserver,
): Store {
  if (/^(mysql|mariadb):\/\//.test(databaseUrl)) {
    return sqlStore(mysqlDialect(databaseUrl, wallMs, observer));
  }
  if (/^postgres(ql)?:\/\//.test(databaseUrl)) {
    return sqlStore(postgresDialect(databaseUrl, wallMs, observer));
  }
  const path = sqlitePath(databaseUrl);
  if (path === null) {
    throw new DatabaseUrlError(
      'expected a database URL such as sqlite:data/flash-sale.db, sqlite::memory:, mysql://… or postgres://…',
    );
  }
  return sqlStore(sqliteDialect(path, wallMs, observer));
}
