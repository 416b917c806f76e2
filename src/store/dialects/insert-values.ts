import type { Insertable, Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Rows of one insert: at fifteen columns it stays far below every database's limit of parameters. */
const rowsPerInsert = 500;

/** Inserts rows by statements of many values: one way to the server and back for up to 500 of them. */
export async function insertValues<Name extends keyof Tables>(
  db: Kysely<Tables>,
  table: Name,
  rows: readonly Insertable<Tables[Name]>[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    await db
      .insertInto(table)
      .values(rows.slice(start, start + rowsPerInsert))
      .execute();
  }
}
