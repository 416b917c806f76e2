import { createLogger } from '../../src/telemetry/logger.ts';

/**
 * Logs `count` lines to stdout and to a file as the server does, closes the log and ends:
 * `node write-log.ts <count> <file or nothing>`
 */
const [count = '0', file = ''] = process.argv.slice(2);
const { log, close } = createLogger(
  { logLevel: 'info', logFile: file === '' ? null : file },
  { stdout: process.stdout },
);
for (let number = 1; number <= Number(count); number++) {
  log.info({ number, filler: 'x'.repeat(100) }, 'Line');
  if (number % 100 === 0) {
    // Like a server between two batches: the event loop turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
await close();
process.exit(0);
