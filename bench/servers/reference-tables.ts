import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { createDatabase, type NewDatabase } from '../../test/support/new-database.ts';

const schema = [
  `create table products (
    id bigint unsigned primary key auto_increment,
    name varchar(255) not null,
    price decimal(10, 2) not null,
    stock int unsigned not null,
    created_at timestamp null,
    updated_at timestamp null
  ) engine = innodb`,
  `create table holds (
    id bigint unsigned primary key auto_increment,
    product_id bigint unsigned not null,
    quantity int unsigned not null,
    expires_at timestamp not null default current_timestamp,
    consumed boolean not null default false,
    created_at timestamp null,
    updated_at timestamp null,
    foreign key (product_id) references products (id) on delete cascade,
    index (expires_at, consumed)
  ) engine = innodb`,
];

/**
 * The tables of a usual shop: what is held is the sum of the active holds. One product, and a number of live
 * holds of it that each load begins with, since the sum costs more with each of them.
 */
export class ReferenceTables {
  readonly url: string;
  readonly productId = 1;
  readonly #database: NewDatabase;
  readonly #connection: Connection;
  readonly #liveHolds: number;

  private constructor(database: NewDatabase, connection: Connection, liveHolds: number) {
    this.url = database.url;
    this.#database = database;
    this.#connection = connection;
    this.#liveHolds = liveHolds;
  }

  /** @param serverUrl of a MariaDB or MySQL, for its administrator */
  static async create(serverUrl: string, stock: number, liveHolds: number): Promise<ReferenceTables> {
    const database = await createDatabase('MariaDB', serverUrl);
    const connection = await createConnection(database.url);
    for (const statement of schema) {
      await connection.query(statement);
    }
    await connection.query("insert into products values (1, 'hot', 100, ?, now(), now())", [stock]);
    const inAnHour = new Date(Date.now() + 3_600_000);
    const rows = Array.from({ length: liveHolds }, () => [1, 1, inAnHour]);
    await connection.query('insert into holds (product_id, quantity, expires_at) values ?', [rows]);
    await connection.query('analyze table holds');
    return new ReferenceTables(database, connection, liveHolds);
  }

  /** Deletes all holds but those of the beginning. */
  async backToBeginning(): Promise<void> {
    await this.#connection.query('delete from holds where id > ?', [this.#liveHolds]);
  }

  /** The rows of holds, once whoever is making one is done with it. */
  async countHolds(): Promise<number> {
    await this.#connection.beginTransaction();
    await this.#connection.query('select id from products where id = ? for update', [this.productId]);
    const [[counted]] = await this.#connection.query<RowDataPacket[]>('select count(*) as holds from holds');
    await this.#connection.commit();
    return Number(counted?.holds);
  }

  /** Whether no more units are held than there are. */
  async isConsistent(): Promise<boolean> {
    const [[found]] = await this.#connection.query<RowDataPacket[]>(
      `select stock >= (select coalesce(sum(quantity), 0) from holds where consumed = false and expires_at > now()) as ok
       from products where id = ?`,
      [this.productId],
    );
    return Number(found?.ok) === 1;
  }

  async drop(): Promise<void> {
    await this.#connection.end();
    await this.#database.drop();
  }
}
