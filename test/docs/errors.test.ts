import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes, errorEntry } from '../../src/http/error-catalogue.ts';

const rows = readFileSync('docs/errors.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'));

describe('docs/errors.md', () => {
  it('has exactly the codes of the catalogue, in its order', () => {
    expect(rows.map((row) => /^\| `(\w+)`/.exec(row)?.[1])).toEqual(errorCodes);
  });

  it.each(errorCodes)('says of %s what the catalogue says', (code) => {
    const { status, title, when, advice, fields } = errorEntry(code);
    const names = fields.map((field) => `\`${field}\``).join(', ');
    expect(rows).toContain(`| \`${code}\` | ${status} | ${title} | ${when} | ${names} | ${advice} |`);
  });
});
