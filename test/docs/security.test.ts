import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { variableNames } from '../../src/config/options.ts';

const page = readFileSync('SECURITY.md', 'utf8');

describe('SECURITY.md', () => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (tries to|---)/.test(line))
    .map((line) => line.slice(2, -2).split(' | '));

  it('shows each line of the threat model by tests that are there', () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const [tries, answer, shownBy, ...others] of rows) {
      const files = [...String(shownBy).matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
      expect([tries, answer, others]).toEqual([tries, expect.stringMatching(/\w/), []]);
      expect([tries, files]).not.toEqual([tries, []]);
      expect(files.filter((path) => !path.endsWith('.test.ts') || !existsSync(path))).toEqual([]);
    }
  });

  it('names only variables and files that there are', () => {
    const variables = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name]) => name);
    expect(variables).toContain('TRUST_PROXY');
    expect(variableNames).toEqual(expect.arrayContaining(variables));
    const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, to = '']) => to);
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });
});
