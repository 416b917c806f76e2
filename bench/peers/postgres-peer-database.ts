import pg from 'pg';
import type { PeerDatabase, PeerTransaction, Row, Value } from './peer-database.ts';

export class PostgresPeerDatabase implements PeerDatabase {
  readonly forUpdate = ' for update';
  readonly now = 'now()';
  readonly updateReturns = true;
  readonly #pool: pg.Pool;

  constructor(url: string, poolSize: number) {
    this.#pool = new pg.Pool({ connectionString: url, max: poolSize });
    // A pool without a listener ends the process when its server goes away.
    this.#pool.on('error', () => {});
  }

  instant(ms: number): Value {
    return new Date(ms);
  }

  async transaction<Result>(work: (transaction: PeerTransaction) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    try {
      await client.query('begin');
      const result = await work(transactionOn(client));
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }

  async run(statement: string): Promise<void> {
    await this.#pool.query(statement);
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}

type Prepared = { readonly name: string; readonly text: string };

/** By the texts with question marks. A statement with a name is prepared once for each connection. */
const preparedByText = new Map<string, Prepared>();

function transactionOn(client: pg.PoolClient): PeerTransaction {
  const query = (text: string, values: readonly Value[]) =>
    client.query<Row>({ ...prepared(text), values: [...values] });
  return {
    rows: async (text, values) => (await query(text, values)).rows,
    change: async (text, values) => (await query(text, values)).rowCount ?? 0,
    insert: async (text, values) => Number((await query(`${text} returning id`, values)).rows[0]?.id),
  };
}

/** As this database numbers the values of a statement. */
function prepared(text: string): Prepared {
  const known = preparedByText.get(text);
  if (known !== undefined) {
    return known;
  }
  let number = 0;
  const numbered = text.replaceAll('?', () => {
    number += 1;
    return `$${number}`;
  });
  const statement = { name: `peer_${preparedByText.size}`, text: numbered };
  preparedByText.set(text, statement);
  return statement;
}
