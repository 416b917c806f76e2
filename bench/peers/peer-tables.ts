import { openPeerDatabase, type PeerDatabase, type Row } from './peer-database.ts';

type Types = {
  readonly id: string;
  readonly instant: string;
  readonly suffix: string;
  /** Makes deleted rows cost nothing any more, where that does not happen by itself. */
  readonly clean: readonly string[];
};

const sqlite: Types = {
  id: 'integer primary key autoincrement',
  instant: 'integer',
  suffix: '',
  clean: [],
};
const postgres: Types = {
  id: 'bigserial primary key',
  instant: 'timestamptz',
  suffix: '',
  clean: ['vacuum analyze products', 'vacuum analyze holds'],
};
const mysql: Types = {
  id: 'bigint primary key auto_increment',
  instant: 'timestamp null',
  suffix: ' engine = innodb',
  clean: ['analyze table holds'],
};

function typesOf(url: string): Types {
  return url.startsWith('sqlite:') ? sqlite : url.startsWith('postgres:') ? postgres : mysql;
}

function schema({ id, instant, suffix }: Types): readonly string[] {
  const written = `created_at ${instant}, updated_at ${instant}`;
  return [
    `create table products (
      id bigint primary key, name varchar(255) not null, price decimal(10, 2) not null, stock int not null,
      held int not null, ${written}
    )${suffix}`,
    `create table holds (
      id ${id}, product_id bigint not null, quantity int not null, expires_at ${instant},
      consumed smallint not null default 0, ${written}, foreign key (product_id) references products (id)
    )${suffix}`,
    'create index holds_by_product on holds (product_id)',
    'create index holds_by_deadline on holds (expires_at, consumed)',
  ];
}

/** Rows for each insert of the beginning. */
const rowsAtOnce = 1000;

/**
 * The tables of a usual shop: one product with a counter of what is held, and a number of live holds of it that each load begins with,
 * since their sum costs more with each of them.
 */
export class PeerTables {
  readonly productId = 1;
  readonly #database: PeerDatabase;
  readonly #types: Types;
  readonly #liveHolds: number;

  private constructor(database: PeerDatabase, types: Types, liveHolds: number) {
    this.#database = database;
    this.#types = types;
    this.#liveHolds = liveHolds;
  }

  /** @param url of an empty database */
  static async create(url: string, stock: number, liveHolds: number): Promise<PeerTables> {
    const types = typesOf(url);
    const database = await openPeerDatabase(url, 1);
    for (const statement of schema(types)) {
      await database.run(statement);
    }
    const inAnHour = database.instant(Date.now() + 3_600_000);
    await database.transaction(async (transaction) => {
      await transaction.change(
        "insert into products (id, name, price, stock, held) values (1, 'hot', 100, ?, ?)",
        [stock, liveHolds],
      );
      for (let made = 0; made < liveHolds; made += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, liveHolds - made);
        await transaction.change(
          `insert into holds (product_id, quantity, expires_at) values ${Array(rows).fill('(1, 1, ?)').join(', ')}`,
          Array.from({ length: rows }, () => inAnHour),
        );
      }
    });
    return new PeerTables(database, types, liveHolds);
  }

  /** Deletes all holds but those of the beginning. */
  async backToBeginning(): Promise<void> {
    await this.#database.run(`delete from holds where id > ${this.#liveHolds}`);
    await this.#database.run(`update products set held = ${this.#liveHolds}`);
    for (const statement of this.#types.clean) {
      await this.#database.run(statement);
    }
  }

  /** The rows of holds, once whoever is making one is done with it. */
  async countHolds(): Promise<number> {
    return Number((await this.#read('select count(*) as found from holds'))?.found);
  }

  /**
   * Whether no more units are held than there are, and, where a counter is kept, whether it says how many.
   *
   * @param isCounted whether the holds of the last load were made with the counter
   */
  async isConsistent(isCounted: boolean): Promise<boolean> {
    const found = await this.#read(
      'select stock, held, (select coalesce(sum(quantity), 0) from holds) as sum from products',
    );
    const sum = Number(found?.sum);
    return sum <= Number(found?.stock) && (!isCounted || sum === Number(found?.held));
  }

  async end(): Promise<void> {
    await this.#database.end();
  }

  #read(text: string): Promise<Row | undefined> {
    const { forUpdate } = this.#database;
    return this.#database.transaction(async (transaction) => {
      await transaction.rows(`select id from products where id = ?${forUpdate}`, [this.productId]);
      return (await transaction.rows(text, []))[0];
    });
  }
}
