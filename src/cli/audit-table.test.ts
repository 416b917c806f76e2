import { expect, it } from 'vitest';
import { auditTable } from './audit-table.ts';

const stock = { name: 'stock is the sum of its changes', ok: true, expected: 50, found: 50 };
const held = { name: 'held is the sum of open holds', ok: false, expected: 7, found: 9 };

it('shows every check with what was expected and found', () => {
  expect(auditTable({ ok: true, checks: [stock] })).toBe(
    `┌─────────────────────────────────┬──────────┬───────┬────┐
│ check                           │ expected │ found │    │
├─────────────────────────────────┼──────────┼───────┼────┤
│ stock is the sum of its changes │       50 │    50 │ ok │
└─────────────────────────────────┴──────────┴───────┴────┘
No difference; 1 checks.
`,
  );
});

it('makes a difference stand out, and counts them', () => {
  const text = auditTable({ ok: false, checks: [stock, held] });
  expect(text).toMatch(/held is the sum of open holds .* 7 .* 9 .* DIFFERS/);
  expect(text.endsWith('\n1 of the checks found a difference; 2 checks.\n')).toBe(true);
});
