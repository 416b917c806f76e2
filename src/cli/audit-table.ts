import Table from 'cli-table3';

export type AuditResult = {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly expected: number | string;
    readonly found: number | string;
  }[];
};

/** The result of an audit for a terminal: a row for each check, and a sentence that sums them up. */
export function auditTable({ checks }: AuditResult): string {
  const table = new Table({
    head: ['check', 'expected', 'found', ''],
    colAligns: ['left', 'right', 'right', 'left'],
    // No colours: the table is also read from files and by other programs.
    style: { head: [], border: [] },
  });
  for (const check of checks) {
    table.push([check.name, check.expected, check.found, check.ok ? 'ok' : 'DIFFERS']);
  }
  const different = checks.filter((check) => !check.ok).length;
  const sum = different === 0 ? 'No difference' : `${different} of the checks found a difference`;
  return `${table.toString()}\n${sum}; ${checks.length} checks.\n`;
}
