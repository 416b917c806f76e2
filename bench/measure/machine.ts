import { arch, cpus, totalmem } from 'node:os';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

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
