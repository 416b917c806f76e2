import type {
  ColumnDataType,
  Expression,
  Insertable,
  Kysely,
  RawBuilder,
  Selectable,
  SelectQueryBuilder,
  Updateable,
} from 'kysely';
import type { PoolUse } from '../store.ts';
import type { StoreError } from '../store-error.ts';
import type { SqlBoolean, SqlInstant, Tables } from '../tables.ts';

/** Of the pools of a server database, in the order in which they are shown. */
export const poolRoles = ['writer', 'reader', 'background'] as const satisfies readonly PoolUse['role'][];

/** How a database writes what the others write too. */
export type Codec = {
  encodeInstant(ms: number): SqlInstant;
  decodeInstant(value: SqlInstant): number;
  encodeBoolean(value: boolean): SqlBoolean;
};

/** Column types of the migrations. */
export type ColumnTypes = {
  /** Integers up to 2^53. */
  readonly id: ColumnDataType | RawBuilder<unknown>;
  readonly integer: ColumnDataType | RawBuilder<unknown>;
  readonly boolean: ColumnDataType | RawBuilder<unknown>;
  /** An instant of whole seconds, with a stated default and never updated by itself. */
  readonly secondInstant: ColumnDataType | RawBuilder<unknown>;
  /** An instant with milliseconds, of something that has happened. */
  readonly instant: ColumnDataType | RawBuilder<unknown>;
  /** An instant with milliseconds of any century. */
  readonly farInstant: ColumnDataType | RawBuilder<unknown>;
  /** Compared byte by byte, case and trailing spaces included. */
  readonly key: ColumnDataType | RawBuilder<unknown>;
  /** A key with the four letters in front that name a payment. */
  readonly paymentName: ColumnDataType | RawBuilder<unknown>;
  readonly name: ColumnDataType | RawBuilder<unknown>;
  readonly word: ColumnDataType | RawBuilder<unknown>;
  readonly text: ColumnDataType | RawBuilder<unknown>;
  /** Text that may be longer than 64 KiB. */
  readonly longText: ColumnDataType | RawBuilder<unknown>;
  /** An exact decimal of 19 digits, 4 of them decimals. */
  readonly decimal: ColumnDataType | RawBuilder<unknown>;
  /** Two integer columns divided, as a decimal. */
  quotient(numerator: string, denominator: string): RawBuilder<unknown>;
  /** A boolean column as a truth value, for a CHECK. */
  isTrue(column: string): string;
  /** What stands behind `integer` for a primary key that counts up. */
  readonly countingUp: RawBuilder<unknown>;
};

/** Tables in which a batch gives many rows the same new values. */
export type UpdatedAlike = 'holds' | 'orders' | 'refunds';

/**
 * All that differs between databases. Nothing outside this folder may know which one it is.
 */
export interface SqlDialect {
  readonly codec: Codec;
  /** May ask the server what it is. */
  types(): Promise<ColumnTypes>;
  /** Transactions that write. */
  readonly writer: Kysely<Tables>;
  /** Reads of what is committed; they never wait for the writer where the database can do so. */
  readonly reader: Kysely<Tables>;
  /** For long reads, such as the audit: each of its transactions is one consistent snapshot. */
  background(): Promise<{ readonly db: Kysely<Tables>; close(): Promise<void> }>;
  /** Inserts rows that have the same columns in the same order. */
  insert<Name extends keyof Tables>(
    transaction: Kysely<Tables>,
    table: Name,
    rows: readonly Insertable<Tables[Name]>[],
  ): Promise<void>;
  /** Rows of which a column is one of `values`, in no order. */
  rowsAmong<Name extends keyof Tables>(
    db: Kysely<Tables>,
    table: Name,
    column: keyof Tables[Name] & string,
    values: readonly (number | string)[],
  ): Promise<readonly Selectable<Tables[Name]>[]>;
  /** Gives rows the same new values: each time the same columns, in the same order. */
  update<Name extends UpdatedAlike>(
    transaction: Kysely<Tables>,
    table: Name,
    ids: readonly number[],
    values: Updateable<Tables[Name]>,
  ): Promise<void>;
  /** Makes the selected rows unavailable to other writers until the transaction's end, in the order of the query. */
  lockRows<Name extends 'products' | 'payments', Row>(
    query: SelectQueryBuilder<Tables, Name, Row>,
  ): SelectQueryBuilder<Tables, Name, Row>;
  /** The database's clock inside a transaction, read when this is called. */
  readClock(transaction: Kysely<Tables>): Promise<number>;
  /** The database's clock as an expression, for single statements. */
  clock(): Expression<SqlInstant>;
  /** The same for a query that is made once: where the database is part of this process, `hostNow`, which comes with each run. */
  clockOr(hostNow: RawBuilder<SqlInstant>): RawBuilder<SqlInstant>;
  /** Told of each reading, so that the clock is known between readings. */
  clockWasRead(ms: number): void;
  /** The database's clock as far as this process knows it, without a round trip. */
  nowMs(): number;
  /** `column` is one of `values`, with one statement text for any number of values where the database can do so. */
  among(column: Expression<unknown>, values: readonly (number | string)[]): Expression<boolean>;
  /** An integer of any size as text. */
  asText(value: RawBuilder<unknown>): RawBuilder<string>;
  /** Runs `work` while no other process migrates the same database, with a connection that may change the schema. */
  migrating<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /**
   * Whether a statement of a migration failed because a process that died has left what it makes. Never where a migration is one
   * transaction, which leaves nothing.
   */
  isMadeAlready(error: unknown): boolean;
  /** What a driver's error means. Null when it is not the driver's. */
  classify(error: unknown, during: 'work' | 'commit'): StoreError | null;
  /** Nothing where the database is part of this process. */
  poolUse(): readonly PoolUse[];
  close(): Promise<void>;
}
