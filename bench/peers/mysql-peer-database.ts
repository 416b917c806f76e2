import {
  createPool,
  type Pool,
  type PoolConnection,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2/promise';
import type { PeerDatabase, PeerTransaction, Value } from './peer-database.ts';

/** MySQL and MariaDB, by the same driver as the service. */
export class MysqlPeerDatabase implements PeerDatabase {
  readonly forUpdate = ' for update';
  readonly now = 'now()';
  readonly updateReturns = false;
  readonly #pool: Pool;

  constructor(url: string, poolSize: number) {
    this.#pool = createPool({ uri: url, connectionLimit: poolSize, timezone: 'Z' });
    this.#pool.on('connection', (connection) => void connection.query("set time_zone = '+00:00'"));
  }

  instant(ms: number): Value {
    return new Date(ms);
  }

  async transaction<Result>(work: (transaction: PeerTransaction) => Promise<Result>): Promise<Result> {
    const connection = await this.#pool.getConnection();
    try {
      await connection.beginTransaction();
      const result = await work(transactionOn(connection));
      await connection.commit();
      return result;
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async run(statement: string): Promise<void> {
    await this.#pool.query(statement);
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}

function transactionOn(connection: PoolConnection): PeerTransaction {
  const change = async (text: string, values: readonly Value[]): Promise<ResultSetHeader> => {
    const [result] = await connection.execute<ResultSetHeader>(text, [...values]);
    return result;
  };
  return {
    rows: async (text, values) => {
      const [rows] = await connection.execute<RowDataPacket[]>(text, [...values]);
      return rows;
    },
    change: async (text, values) => (await change(text, values)).affectedRows,
    insert: async (text, values) => (await change(text, values)).insertId,
  };
}
