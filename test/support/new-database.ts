import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { ServerName } from './servers.ts';

/** A new, empty database on a server. */
export type NewDatabase = {
  readonly url: string;
  drop(): Promise<void>;
};

/** @param serverUrl for the server's administrator, without a database's name */
export async function createDatabase(name: ServerName, serverUrl: string): Promise<NewDatabase> {
  const database = `checkout_${randomBytes(8).toString('hex')}`;
  const url = within(serverUrl, database);
  if (name === 'PostgreSQL') {
    await runOnPostgres(serverUrl, `create database ${database}`);
  } else {
    // Not utf8mb4, as an older server's default may be: the schema has to say for itself what it needs.
    await runOnMySql(serverUrl, `create database ${database} character set latin1`);
  }
  return { url, drop: () => dropDatabase(name, url) };
}

export async function dropDatabase(name: ServerName, url: string): Promise<void> {
  const database = new URL(url).pathname.slice(1);
  if (name === 'PostgreSQL') {
    // By force: what a test has killed may still be connected for a moment.
    await runOnPostgres(url, `drop database ${database} with (force)`);
  } else {
    await runOnMySql(within(url, ''), `drop database ${database}`);
  }
}

async function runOnMySql(serverUrl: string, statement: string): Promise<void> {
  const connection = await createConnection(serverUrl);
  await connection.query(statement);
  await connection.end();
}

async function runOnPostgres(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client(within(serverUrl, 'postgres'));
  await client.connect();
  await client.query(statement);
  await client.end();
}

function within(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
