import { dirname } from 'node:path';
import Table from 'cli-table3';
import type { TestModule } from 'vitest/node';

/** Names of databases as tests carry them; the longer one first where one is the beginning of another. */
const databaseNames = ['SQLite in memory', 'SQLite', 'MariaDB', 'MySQL', 'PostgreSQL'] as const;
const noDatabase = 'none named';
const columns = [...databaseNames, noDatabase] as const;

type Cell = { passed: number; failed: number; skipped: number };

/**
 * How many tests of each suite ran on which database, as a table: passed, and what failed or was skipped where there is any.
 *
 * @param isMeant false for a test that the caller of the run has deselected by its name
 */
export function suiteTable(modules: readonly TestModule[], isMeant: (name: string) => boolean): string {
  const rows = new Map<string, Map<string, Cell>>();
  for (const module of modules) {
    const suite = suiteOf(module.relativeModuleId);
    const row = rows.get(suite) ?? new Map<string, Cell>();
    for (const test of module.children.allTests()) {
      if (!isMeant(test.fullName)) {
        continue;
      }
      rows.set(suite, row);
      const column = databaseNames.find((name) => test.fullName.includes(name)) ?? noDatabase;
      const cell = row.get(column) ?? { passed: 0, failed: 0, skipped: 0 };
      row.set(column, cell);
      const { state } = test.result();
      cell[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
    }
  }
  const table = new Table({
    head: ['suite', ...columns],
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const [suite, row] of [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    table.push([suite, ...columns.map((column) => cellText(row.get(column)))]);
  }
  return table.toString();
}

/** `test/http`; all that stands beside its source is one suite. */
function suiteOf(moduleId: string): string {
  return moduleId.startsWith('src/') ? 'src' : dirname(moduleId);
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) {
    return '';
  }
  const { passed, failed, skipped } = cell;
  return [
    String(passed),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ');
}
