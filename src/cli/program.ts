import { Argument, Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { EnvName } from '../config/options.ts';
import { addBenchCommand } from './bench-program.ts';
import { addConfigFlags, type Flags } from './config-flags.ts';
import { addEventCommands } from './events-program.ts';
import { endAtHangUp } from './hang-up.ts';

const databaseFlags: readonly EnvName[] = ['DATABASE_URL', 'DB_LOG_QUERIES', 'SLOW_QUERY_MS'];
const logFlags: readonly EnvName[] = ['LOG_LEVEL', 'LOG_FILE'];

type CommandRow = {
  readonly name: string;
  readonly summary: string;
  /** Every option if not given. */
  readonly flags?: readonly EnvName[];
  /** It runs until a signal ends it, and has a log file to reopen. */
  readonly isService?: true;
  /** The argument, if the command has one: its name and its description. */
  readonly argument?: readonly [string, string];
  /**
   * Loads the command's module when it runs, so that help and a mistyped flag do not wait for the whole
   * server.
   */
  readonly run: (flags: Flags, argument: string) => Promise<void>;
};

const commands: readonly CommandRow[] = [
  {
    name: 'serve',
    summary: 'serve the API, with the worker inside',
    isService: true,
    run: async (flags) => (await import('./serve.ts')).serve(flags),
  },
  {
    name: 'worker',
    summary:
      'run the worker alone: rows of overdue holds, unpaid orders, parked payment events, events for others',
    isService: true,
    run: async (flags) => (await import('./worker.ts')).worker(flags),
  },
  {
    name: 'migrate',
    summary: 'bring the database schema up to date',
    flags: databaseFlags,
    run: async (flags) => (await import('./migrate.ts')).migrate(flags),
  },
  {
    name: 'seed',
    summary: 'put ten demo products into a database without products',
    flags: [...databaseFlags, ...logFlags],
    run: async (flags) => (await import('./seed.ts')).seed(flags),
  },
  {
    name: 'audit',
    summary: 'recompute every counter and invariant from the rows; exit code 1 on any difference',
    flags: databaseFlags,
    run: async (flags) => (await import('./audit.ts')).audit(flags),
  },
  {
    name: 'backup',
    summary: 'copy the SQLite database of a running service into a new file, and verify the copy',
    argument: ['<file>', 'the new file; an existing file is refused'],
    flags: ['DATABASE_URL'],
    run: async (flags, file) => (await import('./backup.ts')).backup(flags, file),
  },
  {
    name: 'restore',
    summary: 'put a verified backup in the place of the SQLite database; the service must not run',
    argument: ['<file>', 'a backup; it is not changed'],
    flags: ['DATABASE_URL'],
    run: async (flags, file) => (await import('./restore.ts')).restore(flags, file),
  },
  {
    name: 'cache-clear',
    summary: 'forget product snapshots that servers share',
    flags: ['REDIS_URL'],
    run: async (flags) => (await import('./cache-clear.ts')).cacheClear(flags),
  },
];

const services = commands.filter(({ isService }) => isService).map(({ name }) => name);

/** The command line. Its errors are thrown: the caller decides what is printed and how the process ends. */
export function createProgram(): Command {
  const program = new Command('bin/flash-sale')
    .description(packageJson.description)
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .hook('preAction', (_program, command) => {
      if (!services.includes(command.name())) {
        endAtHangUp();
      }
    });
  for (const { name, summary, argument, flags, run } of commands) {
    const command = addConfigFlags(program.command(name).description(summary), flags);
    if (argument === undefined) {
      command.action((given: Flags) => run(given, ''));
    } else {
      command.addArgument(new Argument(...argument)).action((file: string, given: Flags) => run(given, file));
    }
  }
  addEventCommands(program);
  addBenchCommand(program);
  return program;
}
