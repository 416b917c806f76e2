import { type CompiledQuery, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { SqlDialect } from './dialect.ts';

/** For a database where the statement is another one for each number of values. */
export function rowsAmong(among: SqlDialect['among']): SqlDialect['rowsAmong'] {
  return async (db, table, column, values) =>
    values.length === 0 ? [] : (await select(among, table, column, values).execute(db)).rows;
}

/**
 * For a database to which all values travel as one parameter: the statement is made by the first run. To build and compile it takes 50 µs,
 * and a batch of payments has ten.
 */
export function rowsAmongOneParameter(
  among: SqlDialect['among'],
  parameterOf: (values: readonly (number | string)[]) => unknown,
): SqlDialect['rowsAmong'] {
  const queries = new Map<string, CompiledQuery>();
  return async <Name extends keyof Tables>(
    ...[db, table, column, values]: Parameters<SqlDialect['rowsAmong']>
  ) => {
    if (values.length === 0) {
      return [];
    }
    const name = `${table}.${column}`;
    const query = queries.get(name) ?? select(among, table, column, values).compile(db);
    queries.set(name, query);
    const { rows } = await db.executeQuery({ ...query, parameters: [parameterOf(values)] });
    return rows as Selectable<Tables[Name]>[];
  };
}

function select<Name extends keyof Tables>(
  among: SqlDialect['among'],
  table: Name,
  column: string,
  values: readonly (number | string)[],
): RawBuilder<Selectable<Tables[Name]>> {
  return sql`select * from ${sql.table(table)} where ${among(sql.ref(column), values)}`;
}
