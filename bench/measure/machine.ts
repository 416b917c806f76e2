import { arch, cpus, totalmem } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';

/** On what a figure was measured. */
export function machineText(): string {
  const processors = cpus();
  return `${processors.length} cores ${arch()} (${processors[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

/** The server's version and what its speed depends on, as it says itself. */
export async function mySqlText(url: string): Promise<string> {
  const connection = await createConnection(url);
  const [[settings]] = await connection.query<RowDataPacket[]>(
    `select version() as version, @@innodb_buffer_pool_size as pool, @@innodb_flush_log_at_trx_commit as flush`,
  );
  await connection.end();
  return `${settings?.version}, innodb_buffer_pool_size=${Number(settings?.pool) / 2 ** 20}M, innodb_flush_log_at_trx_commit=${settings?.flush}`;
}

/** The same of a PostgreSQL. */
export async function postgresText(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<Record<string, string>>(
    "select current_setting('server_version') as version, current_setting('shared_buffers') as buffers, current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
  );
  await client.end();
  const [settings] = rows;
  return `PostgreSQL ${settings?.version}, shared_buffers=${settings?.buffers}, fsync=${settings?.fsync}, synchronous_commit=${settings?.commit}`;
}

/** The embedded database as the service opens it. */
export function sqliteText(): string {
  const database = new DatabaseSync(':memory:');
  const found = database.prepare('select sqlite_version() as version').get();
  database.close();
  return `SQLite ${found?.version}, journal_mode=wal, synchronous=full`;
}
