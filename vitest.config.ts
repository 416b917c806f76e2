import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/support/closing-line-reporter.ts';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: 'test/support/servers-setup.ts',
    // Processes of their own: tests start servers, send signals and open SQLite files, and a process that
    // dies takes only its own file with it.
    pool: 'forks',
    // Half of a test's time it waits: for a deadline, for a process, for a commit to be on the disk. Two for each
    // core of a small machine leave none idle; a larger one has enough of them as it is.
    maxWorkers: Math.max(4, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    // A limit for what hangs, not a measure of speed: the machine may have two cores and other work to do.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A race that shows once in ten runs is a failure, so nothing is tried twice.
    retry: 0,
    reporters: ['default', new ClosingLineReporter({ skipsAllowed: process.env.REQUIRE_SERVICES !== '1' })],
  },
});
