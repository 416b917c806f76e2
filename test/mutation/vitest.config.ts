import { defineConfig } from 'vitest/config';
import { UnitTestsFirst } from './unit-tests-first.ts';

/** The tests that look at domain and engine and need nothing else: no server, no process, no port. */
export default defineConfig({
  test: {
    include: ['src/domain/*.test.ts', 'src/engine/*.test.ts', 'test/mutation/small-sales.ts'],
    // Each mutant gets a process of its own all the same; within it the files may share what they have loaded.
    isolate: false,
    maxWorkers: 1,
    sequence: { sequencer: UnitTestsFirst },
    // What hangs is ended from outside: a test that is slow for once must not look like one that fails.
    testTimeout: 0,
    hookTimeout: 0,
    retry: 0,
  },
});
