import { type Expression, type RawBuilder, sql } from 'kysely';
import type { SqlDialect, UpdatedAlike } from './dialect.ts';

/** Gives rows the same new values by one statement: one way to the server and back for all of them. */
export function updateAmong(among: SqlDialect['among']): SqlDialect['update'] {
  return async (db, table, ids, values) => {
    await updateWhere(table, values, among(sql.ref('id'), ids)).execute(db);
  };
}

export function updateWhere(
  table: UpdatedAlike,
  values: object,
  where: Expression<boolean>,
): RawBuilder<unknown> {
  const set = Object.entries(values).map(([column, value]) => sql`${sql.ref(column)} = ${value}`);
  return sql`update ${sql.table(table)} set ${sql.join(set)} where ${where}`;
}
