import { type Expression, type SqlBool, sql } from 'kysely';
import type { Codec } from './dialects/dialect.ts';
import type { Cursor, Page } from './store-reader.ts';

/** Rows that come after the cursor in a list that is ordered by an instant and then by id, both falling. */
export function behind(codec: Codec, instant: string, id: string, cursor: Cursor): Expression<SqlBool> {
  const at = codec.encodeInstant(cursor.atMs);
  const column = sql.ref(instant);
  return sql<SqlBool>`(${column} < ${at} or (${column} = ${at} and ${sql.ref(id)} < ${cursor.id}))`;
}

/** One row more than the page holds was read, to know whether there is another page. */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  cursorOf: (item: Item) => Cursor,
): Page<Item> {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page, nextCursor: items.length > limit && last !== undefined ? cursorOf(last) : null };
}
