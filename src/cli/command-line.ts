import { CommanderError } from 'commander';
import { failureOf } from './failure.ts';
import { createProgram } from './program.ts';

/** Does what the command line of this process says. */
export async function runCommandLine(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) {
      fail(error);
    }
  }
}

function fail(error: unknown): void {
  const { line, exitCode } = failureOf(error);
  // A failed start may leave something open that would keep the process.
  process.stderr.write(line === null ? '' : `flash-sale: ${line}\n`, () => process.exit(exitCode));
}
