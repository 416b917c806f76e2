import { CommanderError } from 'commander';
import { failureOf } from './cli/failure.ts';
import { createProgram } from './cli/program.ts';

// Whoever reads may leave: `flash-sale audit | head`. That is no reason to end a server.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => undefined);
}

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError && error.exitCode === 0)) {
    fail(error);
  }
}

function fail(error: unknown): void {
  const { line, exitCode } = failureOf(error);
  // A failed start may leave something open that would keep the process.
  process.stderr.write(line === null ? '' : `flash-sale: ${line}\n`, () => process.exit(exitCode));
}
