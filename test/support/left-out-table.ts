import Table from 'cli-table3';
import type { TestModule } from 'vitest/node';
import { missingByName, type ProgramName, remedyFor } from './programs.ts';

type LeftOut = { readonly suites: Set<string>; tests: number };

/** What a run skipped: by the program that the machine lacks, and the names of all other skipped tests. */
export class Skipped {
  readonly #byProgram = new Map<ProgramName, LeftOut>();
  readonly #others: string[] = [];
  #count = 0;

  /** @param name of a skipped test, with the names of the suites around it */
  add(file: string, name: string): void {
    this.#count += 1;
    const program = missingByName(name);
    if (program === null) {
      this.#others.push(`${file} > ${name}`);
      return;
    }
    const leftOut = this.#byProgram.get(program) ?? { suites: new Set(), tests: 0 };
    this.#byProgram.set(program, leftOut);
    leftOut.suites.add(`${file} > ${name.slice(0, name.indexOf('(skipped: '))}`);
    leftOut.tests += 1;
  }

  get count(): number {
    return this.#count;
  }

  get lines(): readonly string[] {
    return [...(this.#byProgram.size > 0 ? [this.#table()] : []), ...this.#others.map((name) => `  ${name}`)];
  }

  #table(): string {
    const table = new Table({
      head: ['not found', 'suites', 'tests', 'to run them'],
      colAligns: ['left', 'right', 'right', 'left'],
      style: { head: [], border: [], compact: true },
    });
    for (const [program, { suites, tests }] of [...this.#byProgram].toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    )) {
      table.push([program, suites.size, tests, remedyFor(program)]);
    }
    return table.toString();
  }
}

/** @param isMeant false for a test that the caller of the run has deselected by its name */
export function skippedIn(modules: readonly TestModule[], isMeant: (name: string) => boolean): Skipped {
  const skipped = new Skipped();
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A run that was interrupted leaves tests without a result.
      if (state !== 'passed' && state !== 'failed' && isMeant(test.fullName)) {
        skipped.add(module.relativeModuleId, test.fullName);
      }
    }
  }
  return skipped;
}
