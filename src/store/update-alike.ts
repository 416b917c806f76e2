/** Rows that get the same new values are written by one statement: most of a batch's holds end alike, and most deliveries arrive. */
export async function updateAlike<Row extends { readonly id: number }, Set extends object>(
  rows: readonly Row[],
  setOf: (row: Row) => Set,
  write: (set: Set, ids: readonly number[]) => Promise<unknown>,
): Promise<void> {
  const groups = new Map<string, { readonly set: Set; readonly ids: number[] }>();
  for (const row of rows) {
    const set = setOf(row);
    const name = JSON.stringify(set);
    const group = groups.get(name);
    if (group === undefined) {
      groups.set(name, { set, ids: [row.id] });
    } else {
      group.ids.push(row.id);
    }
  }
  for (const { set, ids } of groups.values()) {
    await write(set, ids);
  }
}
