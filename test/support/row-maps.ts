import type { RowChanges } from '../../src/domain/state.ts';

/** Tables as maps, for worlds in memory. */

export function byId(row: { readonly id: number }): number {
  return row.id;
}

export function pick<Key, Row>(rows: ReadonlyMap<Key, Row>, keys: readonly Key[]): Map<Key, Row> {
  const picked = new Map<Key, Row>();
  for (const key of keys) {
    const row = rows.get(key);
    if (row !== undefined) {
      picked.set(key, row);
    }
  }
  return picked;
}

export function merged<Key, Row>(
  rows: ReadonlyMap<Key, Row>,
  more: readonly Row[],
  keyOf: (row: Row) => Key,
): ReadonlyMap<Key, Row> {
  return new Map([...rows, ...more.map((row) => [keyOf(row), row] as const)]);
}

export function addAll<Key, Row>(rows: Map<Key, Row>, more: readonly Row[], keyOf: (row: Row) => Key): void {
  write(rows, { inserted: more, updated: [] }, keyOf);
}

/** Inserts what is new and replaces what is there, and nothing else: as unique keys have it. */
export function write<Key, Row>(
  rows: Map<Key, Row>,
  changes: RowChanges<Row>,
  keyOf: (row: Row) => Key,
): void {
  for (const row of changes.inserted) {
    if (rows.has(keyOf(row))) {
      throw new Error(`unique key violated: ${String(keyOf(row))}`);
    }
    rows.set(keyOf(row), row);
  }
  for (const row of changes.updated) {
    if (!rows.has(keyOf(row))) {
      throw new Error(`no such row: ${String(keyOf(row))}`);
    }
    rows.set(keyOf(row), row);
  }
}

export function ensureUnique(keys: readonly unknown[]): void {
  if (new Set(keys).size !== keys.length) {
    throw new Error('unique key violated: one order for each hold, one refund for each payment');
  }
}

/** The same keys with other rows. */
export function each<Key, Row>(rows: ReadonlyMap<Key, Row>, change: (row: Row) => Row): Map<Key, Row> {
  return new Map([...rows].map(([key, row]) => [key, change(row)]));
}

/** The same changes with other rows. */
export function eachRow<Row>(
  { inserted, updated }: RowChanges<Row>,
  change: (row: Row) => Row,
): RowChanges<Row> {
  return { inserted: inserted.map(change), updated: updated.map(change) };
}
