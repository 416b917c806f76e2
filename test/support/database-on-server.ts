import type { RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type NewDatabase } from './new-database.ts';
import { type ServerName, serverKinds } from './servers.ts';

/** A new, empty database on the server that is named by a variable, or on the run's own. */
export async function createOnServer(name: ServerName): Promise<NewDatabase> {
  return createDatabase(name, await serverUrl(name));
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
