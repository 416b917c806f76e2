import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { machineText } from '../../bench/measure/machine.ts';
import { commitText } from '../../bench/report/results.ts';
import type { Counts } from '../mutation/counts.ts';

/**
 * What each of the programs keeps of a run, for the table of the README. Broken promises are counted by those who look for them. Lists are
 * texts, since the formatter would write arrays in another way than `JSON.stringify`.
 */
export type ProofFigures = {
  readonly exploration: {
    /** Different ones: no two of the same world are alike, whoever of the buyers is who. */
    readonly states: number;
    readonly stepsTried: number;
    readonly worlds: number;
    readonly seconds: number;
    readonly broken: number;
  };
  readonly simulation: SaleFigures & { readonly seeds: number };
  readonly chaos: SaleFigures & {
    readonly seed: number;
    readonly minutes: number;
    readonly rounds: number;
    readonly arrangements: string;
    /** What this machine could not do. */
    readonly leftOut: string;
  };
  readonly hostile: {
    readonly requests: number;
    readonly answers: number;
    /** 5xx but 503, which says that it is to be tried again. */
    readonly serverErrors: number;
    /** Answers that the API description does not have, differences of the audit, failures in the log. */
    readonly broken: number;
  };
  readonly defects: {
    readonly tried: number;
    /** How many of them two checks found, or more. */
    readonly caughtTwice: number;
    /** Who found which. */
    readonly foundBy: Readonly<Record<string, string>>;
  };
  readonly mutation: Counts & { readonly folders: Readonly<Record<string, Counts>> };
};

/** What was done in sales in which things go wrong, and what the auditor found. */
export type SaleFigures = {
  /** Those that were sent again included. */
  readonly requests: number;
  /** Requests with an answer that says that something is done. */
  readonly acknowledged: number;
  readonly faults: number;
  readonly lost: number;
  readonly oversold: number;
  /** Promises of other kinds. */
  readonly otherwise: number;
};

export type ProofName = keyof ProofFigures;

/** The figures of a run, and what makes them again. */
export type Kept<Name extends ProofName> = {
  readonly command: string;
  /** When the run ended, in RFC 3339. */
  readonly date: string;
  /** With a word more when files were changed since. */
  readonly commit: string;
  readonly machine: string;
  readonly figures: ProofFigures[Name];
};

const folder = join(import.meta.dirname, 'results');

/** Keeps what a run came to, in the place of what was kept before. */
export function keepFigures<Name extends ProofName>(
  name: Name,
  command: string,
  figures: ProofFigures[Name],
): void {
  const kept: Kept<Name> = {
    command,
    date: new Date().toISOString(),
    commit: commitText(),
    machine: machineText(),
    figures,
  };
  const file = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
  process.stdout.write(
    `Written: ${relative(process.cwd(), file)}. "npm run docs:proof" puts it into README.md.\n`,
  );
}

/** What was kept last; null when nothing was. */
export function keptFigures<Name extends ProofName>(name: Name): Kept<Name> | null {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept<Name>) : null;
}
