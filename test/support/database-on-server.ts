import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { inject } from 'vitest';
import { type ServerName, serverKinds } from './servers.ts';

/** A new, empty database on one of the run's servers. */
export type DatabaseOnServer = {
  readonly url: string;
  drop(): Promise<void>;
};

export async function createOnMySql(name: 'MariaDB' | 'MySQL'): Promise<DatabaseOnServer> {
  const server = await serverUrl(name);
  const database = newName();
  const run = async (statement: string): Promise<void> => {
    const connection = await createConnection(server);
    await connection.query(statement);
    await connection.end();
  };
  // Not utf8mb4, as an older server's default may be: the schema has to say for itself what it needs.
  await run(`create database ${database} character set latin1`);
  return { url: within(server, database), drop: () => run(`drop database ${database}`) };
}

export async function createOnPostgres(): Promise<DatabaseOnServer> {
  const server = await serverUrl('PostgreSQL');
  const database = newName();
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client(within(server, 'postgres'));
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await run(`create database ${database}`);
  // By force: what a test has killed may still be connected for a moment.
  return { url: within(server, database), drop: () => run(`drop database ${database} with (force)`) };
}

/** Cuts every connection to a database, as an operator can. */
export async function cutConnections(url: string): Promise<void> {
  if (url.startsWith('mysql:')) {
    const connection = await createConnection({ uri: url, rowsAsArray: true });
    const [rows] = await connection.query<RowDataPacket[][]>(
      'select id from information_schema.processlist where db = database() and id <> connection_id()',
    );
    for (const [id] of rows) {
      // One that has gone by itself meanwhile is cut too.
      await connection.query(`kill ${id}`).catch(() => {});
    }
    await connection.end();
  } else {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await client.end();
  }
}

/** The server that is named by a variable, or the run's own, which is started by the first who asks. */
async function serverUrl(name: ServerName): Promise<string> {
  const given = process.env[serverKinds[name].urlVariable];
  if (given !== undefined) {
    return given;
  }
  const response = await fetch(`${inject('serversUrl')}/${name}`);
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${name} did not start: ${text}`);
  }
  return text;
}

function newName(): string {
  return `checkout_${randomBytes(8).toString('hex')}`;
}

function within(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
