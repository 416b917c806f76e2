import { CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { StartError } from '../processes/start-error.ts';
import { DatabaseFileError } from '../store/database-file-error.ts';
import { DatabaseUrlError } from '../store/database-url-error.ts';
import { StoreError } from '../store/store-error.ts';

/** A command that cannot do its work, for a reason that its operator can fix. The message is one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** 2 where the call does not fit the configuration. */
  readonly exitCode: number;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export type Failure = {
  /** One line that says what is wrong and what to do; `null` if the operator has read it already. */
  readonly line: string | null;
  /** 2: the call or the configuration is wrong; 1: everything else. */
  readonly exitCode: number;
};

/** What to tell the operator: one line for what can go wrong; the stack only for what must not happen. */
export function failureOf(error: unknown): Failure {
  return (
    expectedFailureOf(error) ?? {
      line: `unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      exitCode: 1,
    }
  );
}

function expectedFailureOf(error: unknown): Failure | null {
  if (error instanceof ConfigError) {
    return { line: error.message, exitCode: 2 };
  }
  if (error instanceof DatabaseUrlError) {
    return { line: `DATABASE_URL: ${error.message}`, exitCode: 2 };
  }
  if (error instanceof CommanderError) {
    // Without a command the help was printed; it is an error all the same, because nothing was done.
    return { line: error.code === 'commander.help' ? null : usageLine(error.message), exitCode: 2 };
  }
  if (error instanceof CommandError) {
    return { line: error.message, exitCode: error.exitCode };
  }
  if (error instanceof DatabaseFileError) {
    return { line: error.message, exitCode: 1 };
  }
  if (error instanceof StartError) {
    return { line: error.message, exitCode: error.exitCode };
  }
  if (error instanceof StoreError && error.kind !== 'defect') {
    return {
      line: `The database cannot be used (${oneLine(error.message)}): check DATABASE_URL and the database`,
      exitCode: 1,
    };
  }
  const line = error instanceof Error ? listenLine(error) : null;
  return line === null ? null : { line, exitCode: 1 };
}

/** Why an address cannot be listened on. */
function listenLine(error: NodeJS.ErrnoException & { address?: string; port?: number }): string | null {
  const where = `${error.address ?? 'the address'}${error.port === undefined ? '' : ` port ${error.port}`}`;
  // A server process is told 'bind', because it is the primary process that listens.
  const syscalls = ['listen', 'bind', 'getaddrinfo'];
  switch (syscalls.includes(error.syscall ?? '') ? error.code : undefined) {
    case 'EADDRINUSE':
      return `Another process listens on ${where}: stop it, or choose another port with --port`;
    case 'EACCES':
      return `Listening on ${where} is not permitted: choose a port above 1023 with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST is not an address of this machine (${error.code}): choose another with --host`;
    default:
      return null;
  }
}

/**
 * The parser's message in one line: it puts a suggestion on a line of its own. It quotes a mistyped `--flag=value` whole, and the value
 * may be a secret.
 */
function usageLine(message: string): string {
  const text = message.replace(/^error: /, '').replace(/^(unknown option '[^=]*)=.*'/s, "$1'");
  return `${oneLine(text).replace(/\.$/, '')}. See bin/flash-sale --help`;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
