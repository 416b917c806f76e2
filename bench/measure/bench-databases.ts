import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createConnection } from 'mysql2/promise';
import { createDatabase } from '../../test/support/new-database.ts';
import { OwnServer } from '../../test/support/own-server.ts';
import { mySqlText } from './machine.ts';

export const databaseNames = ['SQLite', 'MariaDB'] as const;
export type DatabaseName = (typeof databaseNames)[number];

/** Memory as a server has it that is there for this alone, and a log that does not force it to write pages. */
export const roomySettings = ['innodb_buffer_pool_size=1G', 'innodb_log_file_size=512M'] as const;

/** Much less than a million holds take. */
export const smallPool = '32M';

export type Row = Readonly<Record<string, unknown>>;

/** A database of one run, and a connection to it beside those of the service. */
export type BenchDatabase = {
  readonly url: string;
  query(statement: string): Promise<readonly Row[]>;
  close(): Promise<void>;
};

/** Where databases of a run are made: a folder, or a server of its own that is thrown away. */
export class BenchDatabases {
  readonly name: DatabaseName;
  /** Null for files. */
  readonly server: OwnServer | null;
  readonly #folder: string;
  readonly #settings: readonly string[];

  private constructor(
    name: DatabaseName,
    folder: string,
    server: OwnServer | null,
    settings: readonly string[],
  ) {
    this.name = name;
    this.server = server;
    this.#folder = folder;
    this.#settings = settings;
  }

  /** @param settings of the server, each `name=value` */
  static async start(
    name: DatabaseName,
    folder: string,
    settings: readonly string[] = roomySettings,
  ): Promise<BenchDatabases> {
    const server = name === 'MariaDB' ? await OwnServer.start(name, settings) : null;
    return new BenchDatabases(name, folder, server, settings);
  }

  /** A new, empty database. A file is called as no other: those that were measured before lie in the same folder. */
  async create(): Promise<BenchDatabase> {
    return this.server === null
      ? fileDatabase(join(this.#folder, `database-${process.hrtime.bigint()}.db`))
      : serverDatabase((await createDatabase('MariaDB', this.server.url)).url);
  }

  /** What its speed depends on, for whoever reads a figure. */
  async text(): Promise<string> {
    if (this.server === null) {
      return 'SQLite, WAL, synchronous=FULL';
    }
    const log = this.#settings.find((setting) => setting.startsWith('innodb_log_file_size'));
    return `${await mySqlText(this.server.url)}${log === undefined ? '' : `, ${log}`}`;
  }

  /** Gives a server another amount of memory for its tables: to fill them with little would take hours. */
  async setPool(size: `${number}M`): Promise<void> {
    const connection = await createConnection(this.server?.url ?? '');
    await connection.query('set global innodb_buffer_pool_size = ?', [Number.parseInt(size, 10) * 2 ** 20]);
    await connection.end();
  }

  async end(): Promise<void> {
    await this.server?.end();
  }
}

function fileDatabase(path: string): BenchDatabase {
  let opened: DatabaseSync | null = null;
  return {
    url: `sqlite:${path}`,
    query: async (statement) => {
      opened ??= new DatabaseSync(path, { timeout: 10_000, enableForeignKeyConstraints: false });
      return opened.prepare(statement).all();
    },
    close: async () => opened?.close(),
  };
}

async function serverDatabase(url: string): Promise<BenchDatabase> {
  const connection = await createConnection(url);
  await connection.query('set foreign_key_checks = 0');
  return {
    url,
    query: async (statement) => {
      const [rows] = await connection.query(statement);
      return Array.isArray(rows) ? (rows as Row[]) : [];
    },
    close: () => connection.end(),
  };
}
