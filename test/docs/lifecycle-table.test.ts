import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lifecycleWithTable } from '../../scripts/write-lifecycle-table.ts';

it('docs/lifecycle.md has the table of what every set of events leads to', () => {
  expect(readFileSync('docs/lifecycle.md', 'utf8')).toBe(lifecycleWithTable());
});
