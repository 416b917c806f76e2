import { DatabaseSync } from 'node:sqlite';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/**
 * Locks every product as a transaction that an operator left open does: without a limit of time, until what this resolves to is called.
 * SQLite locks nothing smaller than the database.
 */
export async function lockFromOutside(url: string): Promise<() => Promise<void>> {
  const locking = 'select id from products for update';
  if (url.startsWith('sqlite:')) {
    const database = new DatabaseSync(url.slice('sqlite:'.length));
    database.exec('begin immediate');
    return async () => database.close();
  }
  if (url.startsWith('postgres:')) {
    const client = new pg.Client(url);
    await client.connect();
    await client.query('begin');
    await client.query(locking);
    return () => client.end();
  }
  const connection = await createConnection(url);
  await connection.query('begin');
  await connection.query(locking);
  return () => connection.end();
}
