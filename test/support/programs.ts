import { existsSync, globSync, realpathSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

type Lookup = {
  /** Its path, or null on a machine without it. */
  readonly find: () => string | null;
  /** The Debian package that brings it, or null where Debian has none. */
  readonly package: string | null;
  /** Variables that name the program, or a server that tests use instead of their own. */
  readonly variables?: readonly string[];
};

/** The programs that suites need and that a machine may lack. `scripts/bare-machine.sh` hides each of them. */
const lookups = {
  mariadbd: {
    find: () => found('mariadbd'),
    package: 'mariadb-server',
    variables: ['TEST_MARIADB_URL'],
  },
  mysqld: {
    find: () => process.env.TEST_MYSQL_SCRIPT ?? genuineMySql(),
    package: null,
    variables: ['TEST_MYSQL_URL', 'TEST_MYSQL_SCRIPT'],
  },
  postgres: {
    find: () => found('postgres', globSync('/usr/lib/postgresql/*/bin').sort().reverse()),
    package: 'postgresql',
    variables: ['TEST_POSTGRES_URL'],
  },
  'libgalera_smm.so': {
    find: () =>
      found('libgalera_smm.so', ['/usr/lib/galera', '/usr/lib64/galera-4', '/usr/lib64/galera'], 'any file'),
    package: 'galera-4',
  },
  rsync: { find: () => found('rsync'), package: 'rsync' },
  'redis-server': {
    find: () => found('redis-server'),
    package: 'redis-server',
    variables: ['TEST_REDIS_URL'],
  },
  chromium: { find: chromium, package: 'chromium', variables: ['CHROMIUM_PATH'] },
  promtool: { find: () => found('promtool'), package: 'prometheus' },
  openssl: { find: () => found('openssl'), package: 'openssl' },
  curl: { find: () => found('curl'), package: 'curl' },
  nginx: { find: () => found('nginx'), package: 'nginx' },
  haproxy: { find: () => found('haproxy'), package: 'haproxy' },
  wrk: { find: () => found('wrk'), package: 'wrk' },
  'systemd-analyze': { find: () => found('systemd-analyze'), package: 'systemd' },
} as const satisfies Readonly<Record<string, Lookup>>;

export type ProgramName = keyof typeof lookups;

export const programNames = Object.keys(lookups) as readonly ProgramName[];

export function programPath(name: ProgramName): string | null {
  return lookups[name].find();
}

/** The first of these programs that is not on this machine, or null. */
export function firstMissing(...names: readonly ProgramName[]): ProgramName | null {
  return names.find((name) => programPath(name) === null) ?? null;
}

/** The name of a suite or a test, with the program that this machine lacks for it. */
export function withMissing(name: string, missing: ProgramName | null): string {
  return missing === null ? name : `${name} (skipped: ${missing} not found)`;
}

/** The program that `withMissing` has put into a name. */
export function missingByName(name: string): ProgramName | null {
  const program = /\(skipped: (\S+) not found\)/.exec(name)?.[1];
  return programNames.find((known) => known === program) ?? null;
}

/** How the suites that lack this program are made to run. */
export function remedyFor(name: ProgramName): string {
  const lookup: Lookup = lookups[name];
  const ways = [
    ...(lookup.package === null ? [] : [`install ${lookup.package}`]),
    ...(lookup.variables === undefined ? [] : [`set ${lookup.variables.join(' or ')}`]),
  ];
  return ways.join(', or ');
}

/** Debian puts programs for administrators where only root's path leads. */
const administratorFolders = ['/usr/sbin', '/usr/local/sbin'];

/**
 * Searches the given folders, the path and the folders for administrators. With `TEST_PROGRAMS=path` only the path counts:
 * `scripts/bare-machine.sh` cannot hide fixed folders on a machine without mount namespaces.
 */
export function found(
  program: string,
  elsewhere: readonly string[] = [],
  kind: 'program' | 'any file' = 'program',
): string | null {
  const path = kind === 'program' ? (process.env.PATH ?? '').split(delimiter) : [];
  const folders =
    process.env.TEST_PROGRAMS === 'path' ? path : [...elsewhere, ...path, ...administratorFolders];
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file)) ?? null;
}

/** MariaDB's packages may give its server the name of MySQL's. */
function genuineMySql(): string | null {
  const program = found('mysqld');
  return program !== null && basename(realpathSync(program)) === 'mysqld' ? program : null;
}

function chromium(): string | null {
  const given = process.env.CHROMIUM_PATH;
  return given === undefined ? found('chromium') : existsSync(given) ? given : null;
}
