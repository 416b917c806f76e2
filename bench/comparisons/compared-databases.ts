import { join } from 'node:path';
import type { BenchDatabaseKind } from '../../src/cli/bench-program.ts';
import { createDatabase } from '../../test/support/new-database.ts';
import { OwnServer } from '../../test/support/own-server.ts';
import { programPath, remedyFor } from '../../test/support/programs.ts';
import { missingFor, type ServerName, serverKinds } from '../../test/support/servers.ts';
import { mySqlText, postgresText, sqliteText } from '../measure/machine.ts';

/** An empty database of a kind. */
export type ComparedDatabase = {
  readonly url: string;
  /** Version and settings of its server, as it says itself. */
  readonly text: string;
  drop(): Promise<void>;
};

/** As a reader of the table calls them. */
export const databaseTitles: Readonly<Record<BenchDatabaseKind, 'SQLite' | ServerName>> = {
  sqlite: 'SQLite',
  mariadb: 'MariaDB',
  mysql: 'MySQL',
  postgres: 'PostgreSQL',
};

/**
 * Memory as a server has it that is there for this alone, and a log that does not force it to write pages in the middle of a load. All
 * else is as it comes, but for what tests need: every commit is on the disk before it is answered.
 */
const settings: Readonly<Record<ServerName, readonly string[]>> = {
  MariaDB: ['innodb_buffer_pool_size=1G', 'innodb_log_file_size=512M'],
  MySQL: ['innodb_buffer_pool_size=1G', 'innodb_redo_log_capacity=512M'],
  PostgreSQL: ['shared_buffers=1GB', 'max_wal_size=4GB'],
};

/** Why a kind of database cannot be measured on this machine, or null. */
export function missingDatabase(kind: BenchDatabaseKind): string | null {
  const title = databaseTitles[kind];
  const missing = title === 'SQLite' ? null : missingFor(title);
  return missing === null ? null : `${missing} not found: ${remedyFor(missing)}`;
}

/**
 * Servers for measurements, each started when its first database is asked for. They are thrown away at the end; one that a variable such
 * as TEST_MARIADB_URL names is used where the program is not on this machine, and left as it was.
 */
export class ComparedDatabases {
  readonly #servers = new Map<ServerName, Promise<Server>>();
  readonly #texts = new Set<string>();

  /** @param folder for an embedded one */
  async open(kind: BenchDatabaseKind, folder: string): Promise<ComparedDatabase> {
    const title = databaseTitles[kind];
    if (title === 'SQLite') {
      const file = join(folder, `checkout-${process.hrtime.bigint()}.db`);
      return { url: `sqlite:${file}`, text: this.#noted(sqliteText()), drop: async () => {} };
    }
    const started = this.#servers.get(title) ?? startServer(title);
    this.#servers.set(title, started);
    const server = await started;
    const { url, drop } = await createDatabase(title, server.url);
    const own = await ownText(title, url);
    return { url, text: this.#noted([own, ...server.settings.slice(1)].join(', ')), drop };
  }

  /** Version and settings of each that was used. */
  get texts(): readonly string[] {
    return [...this.#texts];
  }

  async end(): Promise<void> {
    for (const server of this.#servers.values()) {
      await (await server).end();
    }
  }

  #noted(text: string): string {
    this.#texts.add(text);
    return text;
  }
}

async function ownText(title: ServerName, url: string): Promise<string> {
  switch (title) {
    case 'PostgreSQL':
      return postgresText(url);
    case 'MySQL':
      return `MySQL ${await mySqlText(url)}`;
    case 'MariaDB':
      return mySqlText(url); // its version says that it is one
  }
}

type Server = {
  readonly url: string;
  /** Beyond those of tests. The first is one that the server tells itself. */
  readonly settings: readonly string[];
  end(): Promise<void>;
};

async function startServer(title: ServerName): Promise<Server> {
  const { program, urlVariable } = serverKinds[title];
  const url = process.env[urlVariable];
  if (programPath(program) === null && url !== undefined) {
    return { url, settings: [], end: async () => {} };
  }
  // A script that brings a server takes no settings.
  const isScript = title === 'MySQL' && process.env.TEST_MYSQL_SCRIPT !== undefined;
  const given = isScript ? [] : settings[title];
  const server = await OwnServer.start(title, given);
  return { url: server.url, settings: given, end: () => server.end() };
}
