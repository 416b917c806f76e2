import type { RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type NewDatabase } from './new-database.ts';
import { type ServerName, serverKinds } from './servers.ts';
import { until } from './until.ts';

/** A new, empty database on the server that is named by a variable, or on the run's own. */
export async function createOnServer(name: ServerName): Promise<NewDatabase> {
  return createDatabase(name, await serverUrl(name));
}

/** A database with the current schema and without rows, in which tests that have ended did their work; null when none is free. */
export async function takeUsed(name: ServerName): Promise<string | null> {
  const response = await fetch(`${inject('serversUrl')}/${name}/databases`);
  return response.status === 200 ? response.text() : null;
}

/**
 * Empties a database that has the current schema and gives it to the next one who asks. That takes a tenth of
 * the time in which a server makes one with all its tables.
 */
export async function giveBack(name: ServerName, url: string): Promise<void> {
  // What was killed may have sent a last statement, which would be executed after the rows are gone.
  await until(async () => (await cutConnections(url)) === 0);
  const statement = emptyingStatements(name).join(';');
  if (name === 'PostgreSQL') {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(statement);
    await client.end();
  } else {
    const connection = await createConnection({ uri: url, multipleStatements: true });
    await connection.query(statement);
    await connection.end();
  }
  await fetch(`${inject('serversUrl')}/${name}/databases`, { method: 'POST', body: url });
}

/** The tables, each before those that it refers to. */
export const tables = [
  'deliveries',
  'outgoing_events',
  'event_endpoints',
  'payment_intents',
  'request_keys',
  'operator_decisions',
  'refused_payments',
  'disputes',
  'refunds',
  'payments',
  'idempotency_keys',
  'orders',
  'holds',
  'stock_changes',
  'products',
];

/**
 * What empties a database. PostgreSQL keeps deleted rows until it cleans up, and every later deletion looks through them for references:
 * ten thousand holds could take longer than a server may be silent.
 */
export function emptyingStatements(database: string): readonly string[] {
  return database === 'PostgreSQL'
    ? [`truncate ${tables.join(', ')}`]
    : tables.map((table) => `delete from ${table}`);
}

/**
 * Cuts every connection to a database, as an operator can.
 *
 * @returns how many there were
 */
export async function cutConnections(url: string): Promise<number> {
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
    return rows.length;
  }
  const client = new pg.Client(url);
  await client.connect();
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
  await client.end();
  return rowCount ?? 0;
}

/** The server that is named by a variable, or the run's own, which is started by the first who asks. */
async function serverUrl(name: ServerName): Promise<string> {
  return process.env[serverKinds[name].urlVariable] ?? ask(name, '');
}

/** A server that nobody else uses, with settings of its own. It ends with the run. Where the server itself is at hand only. */
export function ownServerUrl(name: 'MariaDB' | 'PostgreSQL', settings: readonly string[]): Promise<string> {
  const query = new URLSearchParams(settings.map((setting) => ['setting', setting]));
  return ask(name, `?${query}`);
}

async function ask(name: ServerName, query: string): Promise<string> {
  const response = await fetch(`${inject('serversUrl')}/${name}${query}`);
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${name} did not start: ${text}`);
  }
  return text;
}
