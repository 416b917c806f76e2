import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/support/closing-line-reporter.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: 'test/support/servers-setup.ts',
    // Processes of their own: tests start servers, send signals and open SQLite files, and a process that
    // dies takes only its own file with it.
    pool: 'forks',
    // Most of a test's time is a database's or a process's, so no core is left idle.
    maxWorkers: '100%',
    // A limit for what hangs, not a measure of speed: the machine may have two cores and other work to do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A race that shows once in ten runs is a failure, so nothing is tried twice.
    retry: 0,
    reporters: ['default', new ClosingLineReporter({ skipsAllowed: process.env.REQUIRE_SERVICES !== '1' })],
  },
});
