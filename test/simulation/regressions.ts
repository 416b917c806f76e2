import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Plan } from './plan.ts';
import type { Broken } from './simulation.ts';

const folder = new URL('regressions/', import.meta.url);

/** A plan that once broke a promise, and what was wrong then, in plain words. */
export type Regression = { readonly name: string; readonly story: readonly string[]; readonly plan: Plan };

export function readRegressions(): readonly Regression[] {
  return globSync('*.json', { cwd: folder.pathname })
    .sort()
    .map((name) => ({ ...JSON.parse(readFileSync(new URL(name, folder), 'utf8')), name }));
}

/** Keeps a plan, so that every later run of the tests tries it again. Returns the name of the file. */
export function writeRegression({ seed, text, plan }: Broken): string {
  mkdirSync(folder, { recursive: true });
  const name = `seed-${seed}.json`;
  const content = { story: text.split('\n'), plan };
  writeFileSync(new URL(name, folder), `${JSON.stringify(content, null, 2)}\n`);
  return name;
}
