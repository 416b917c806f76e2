import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { onTestFinished } from 'vitest';

/** One connection of somebody with a client of their own: what it locks stays locked until it says otherwise. */
export type OperatorSession = {
  run(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  end(): Promise<void>;
};

/** A session on the database or server that a URL names. Ended with the test at the latest. */
export async function operatorSession(url: string, finished = onTestFinished): Promise<OperatorSession> {
  const session = url.startsWith('postgres') ? await postgresSession(url) : await mysqlSession(url);
  finished(session.end);
  return session;
}

async function mysqlSession(url: string): Promise<OperatorSession> {
  const connection = await createConnection(url);
  connection.on('error', () => {}); // it fell: whoever uses it next is told
  return {
    run: async (statement) => {
      const [rows] = await connection.query(statement);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    },
    end: async () => connection.destroy(),
  };
}

async function postgresSession(url: string): Promise<OperatorSession> {
  const client = new pg.Client(url);
  client.on('error', () => {}); // it fell: whoever uses it next is told
  await client.connect();
  return {
    run: async (statement) => (await client.query(statement)).rows,
    end: () => client.end().catch(() => undefined),
  };
}
