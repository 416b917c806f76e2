import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node';
import { skippedIn } from './left-out-table.ts';
import { suiteTable } from './suite-table.ts';

type Count = { passed: number; failed: number };

/**
 * Ends a run with three parts: a table of the databases, a table of the programs that skipped suites need, and one line that people and
 * scripts can read. The line is `12 passed, 0 failed`, with `, 2 skipped` behind it when tests were skipped. With
 * `skipsAllowed: false` a skipped test fails the run: on a machine that has every program, a skip leaves something unchecked.
 */
export class ClosingLineReporter implements Reporter {
  readonly #skipsAllowed: boolean;
  #pattern: RegExp | undefined;

  constructor(options: { skipsAllowed: boolean }) {
    this.#skipsAllowed = options.skipsAllowed;
  }

  onInit({ config }: Vitest): void {
    this.#pattern = config.testNamePattern;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const { passed, failed } = count(modules, unhandledErrors);
    const isMeant = (name: string): boolean => this.#pattern?.test(name) !== false;
    const skipped = skippedIn(modules, isMeant);
    const lines: string[] = modules.length > 1 ? [suiteTable(modules, isMeant), ''] : [];
    if (skipped.count > 0) {
      lines.push(
        this.#skipsAllowed
          ? 'NOT CHECKED, skipped on this machine:'
          : 'FAILED, with REQUIRE_SERVICES=1 no test may be skipped:',
      );
      lines.push(...skipped.lines, '');
    }
    if (skipped.count > 0 && !this.#skipsAllowed) {
      process.exitCode = 1;
    }
    lines.push(`${passed} passed, ${failed} failed${skipped.count > 0 ? `, ${skipped.count} skipped` : ''}`);
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/**
 * A file that cannot be loaded, a failed hook and an error outside of every test each count as one failure.
 */
function count(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Count {
  const result: Count = { passed: 0, failed: unhandledErrors.length };
  for (const module of modules) {
    result.failed += module.errors().length;
    for (const suite of module.children.allSuites()) {
      result.failed += suite.errors().length;
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') {
        result.passed += 1;
      } else if (state === 'failed') {
        result.failed += 1;
      }
    }
  }
  return result;
}
