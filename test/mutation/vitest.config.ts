import { defineConfig } from 'vitest/config';
import { UnitTestsFirst } from './unit-tests-first.ts';

/** The tests that look at domain and engine and need nothing else: no server, no process, no port. */
export default defineConfig({
  test: {
    include: ['src/domain/*.test.ts', 'src/engine/*.test.ts', 'test/mutation/*.test.ts'],
    sequence: { sequencer: UnitTestsFirst },
    retry: 0,
  },
});
