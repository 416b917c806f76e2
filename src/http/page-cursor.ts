import type { Cursor, PageRequest } from '../store/store-reader.ts';
import { invalidRequest, type Problem } from './problem.ts';

/** Names the list, so that the cursor of one list is not taken for one of another. */
export type ListName =
  | 'orders'
  | 'holds'
  | 'payment_events'
  | 'refunds'
  | 'decisions'
  | 'disputes'
  | 'events'
  | 'deliveries';

const standardLimit = 50;
const cursorPattern = /^([a-z_]+):(\d{1,15}):(\d{1,16})$/;

/** The page that a query asks for, or what is wrong with its cursor. */
export function readPage(
  list: ListName,
  query: { readonly limit?: number; readonly cursor?: string },
): PageRequest | Problem {
  const limit = query.limit ?? standardLimit;
  if (query.cursor === undefined) {
    return { limit, cursor: null };
  }
  const [, name, atMs, id] = cursorPattern.exec(Buffer.from(query.cursor, 'base64url').toString()) ?? [];
  const cursor = { atMs: Number(atMs), id: Number(id) };
  // What decoding forgives is refused too: only what was handed out comes back.
  if (name !== list || cursorText(list, cursor) !== query.cursor) {
    return invalidRequest([{ field: 'cursor', message: 'expected the next_cursor of a page of this list' }]);
  }
  return { limit, cursor };
}

/** The end of a page in a form that nobody is tempted to read or to make up. */
export function cursorText(list: ListName, cursor: Cursor): string;
export function cursorText(list: ListName, cursor: Cursor | null): string | null;
export function cursorText(list: ListName, cursor: Cursor | null): string | null {
  return cursor === null ? null : Buffer.from(`${list}:${cursor.atMs}:${cursor.id}`).toString('base64url');
}
