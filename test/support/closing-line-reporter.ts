import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { suiteTable } from './suite-table.ts';

type Count = {
  passed: number;
  failed: number;
  skipped: string[];
};

/**
 * Ends a run with a table of what ran on which database, and one line that people and scripts can read: `12 passed, 0 failed`, and
 * `, 2 skipped` behind it when tests were left out. With `skipsAllowed: false` a skipped test fails the run: on a machine that has
 * every service, a skip means that something was not checked.
 */
export class ClosingLineReporter implements Reporter {
  readonly #skipsAllowed: boolean;

  constructor(options: { skipsAllowed: boolean }) {
    this.#skipsAllowed = options.skipsAllowed;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const { passed, failed, skipped } = count(modules, unhandledErrors);
    const lines: string[] = modules.length > 1 ? [suiteTable(modules), ''] : [];
    if (skipped.length > 0) {
      lines.push(
        this.#skipsAllowed
          ? 'NOT CHECKED, skipped:'
          : 'FAILED, with REQUIRE_SERVICES=1 no test may be skipped:',
      );
      lines.push(...skipped.map((name) => `  ${name}`), '');
    }
    if (skipped.length > 0 && !this.#skipsAllowed) {
      process.exitCode = 1;
    }
    lines.push(
      `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
    );
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/**
 * A file that cannot be loaded, a failed hook and an error outside of every test each count as one failure.
 */
function count(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Count {
  const result: Count = { passed: 0, failed: unhandledErrors.length, skipped: [] };
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
      } else {
        result.skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
    }
  }
  return result;
}
