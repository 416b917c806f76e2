import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../comparisons/case.ts';
import { resultsMarkdown } from './results-markdown.ts';
import { resultsPicture } from './results-picture.ts';

/** All that a run has measured, and where. */
export type Results = {
  /** When it ended, in RFC 3339. */
  readonly date: string;
  /** What makes it again. */
  readonly command: string;
  /** The commit that was measured; with a word more when files were changed since. */
  readonly commit: string;
  readonly machine: string;
  readonly load: string;
  /** Version and settings of each. */
  readonly databases: readonly string[];
  /** Which part of the processor the host of a virtual machine gave to others, in percent; null where nobody tells. */
  readonly stolenPercent: number | null;
  readonly rounds: number;
  readonly seconds: number;
  readonly measurements: readonly Result[];
};

/** Where results that are kept lie. */
export const resultsFolder = join(import.meta.dirname, '../results');

/**
 * Writes the samples, a table made of them, and a picture.
 *
 * @returns the files
 */
export function writeResults(results: Results): readonly string[] {
  const texts: Readonly<Record<string, string>> = {
    'comparisons.json': `${JSON.stringify(results, null, 2)}\n`,
    'comparisons.md': resultsMarkdown(results),
    'comparisons.svg': resultsPicture(results),
  };
  mkdirSync(resultsFolder, { recursive: true });
  return Object.entries(texts).map(([name, text]) => {
    const file = join(resultsFolder, name);
    writeFileSync(file, text);
    return file;
  });
}

/** What runs write about themselves: no part of what was measured. */
const written = ['README.md', 'bench/results', 'test/proof/results'];

/** The commit of the checkout, as far as git can tell. */
export function commitText(): string {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', import.meta.dirname, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    const besides = written.map((path) => `:/!${path}`);
    const isChanged =
      git('status', '--porcelain', '--untracked-files=no', '--', ':/', ...besides).trim() !== '';
    return `${git('rev-parse', '--short', 'HEAD').trim()}${isChanged ? ' with changes' : ''}`;
  } catch {
    return 'unknown';
  }
}
