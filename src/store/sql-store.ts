import { Migrator } from 'kysely/migration';
import { audit } from './audit.ts';
import { backlog } from './backlog.ts';
import type { SqlDialect } from './dialects/dialect.ts';
import { migrations } from './migrations/migrations.ts';
import { onceOf } from './outbox-once.ts';
import { type ProductStatements, productStatements } from './product-statements.ts';
import { purgeOf } from './purge.ts';
import { type RowMapping, rowMapping } from './rows.ts';
import { identity, schemaState, tablesOfOthers } from './schema-journal.ts';
import { SqlLists } from './sql-lists.ts';
import { SqlOrderReader } from './sql-order-reader.ts';
import { SqlOutbox } from './sql-outbox.ts';
import { SqlReader } from './sql-reader.ts';
import { SqlTransaction } from './sql-transaction.ts';
import type { Store, Transaction } from './store.ts';
import { StoreError } from './store-error.ts';
import type { StoreReader } from './store-reader.ts';

/** The store on any SQL database that has a dialect. */
export function sqlStore(dialect: SqlDialect): Store {
  const rows = rowMapping(dialect.codec);
  const statements = productStatements(dialect);
  const reader = new SqlReader(dialect, rows);
  const orders = new SqlOrderReader(dialect, rows);
  const lists = new SqlLists(dialect, rows, orders);
  const outbox = new SqlOutbox(dialect, rows);
  const classified =
    <Arguments extends readonly unknown[], Result>(read: (...given: Arguments) => Promise<Result>) =>
    (...given: Arguments): Promise<Result> =>
      read(...given).catch((error) => rejectClassified(dialect, error));

  return {
    nowMs: dialect.nowMs,
    locate: classified((named) => reader.locate(named)),
    product: classified((id) => reader.product(id)),
    products: classified(() => reader.products()),
    productSales: classified(() => reader.productSales()),
    hold: classified((id) => reader.hold(id)),
    order: classified((id) => orders.order(id)),
    orders: classified((filter, page) => lists.orders(filter, page)),
    holds: classified((filter, page) => lists.holds(filter, page)),
    paymentEvents: classified((filter, page) => lists.paymentEvents(filter, page)),
    refunds: classified((filter, page) => lists.refunds(filter, page)),
    operatorDecisions: classified((filter, page) => lists.operatorDecisions(filter, page)),
    disputes: classified((filter, page) => lists.disputes(filter, page)),
    deadlines: classified(() => reader.deadlines()),
    parkedButKnown: classified((limit) => reader.parkedButKnown(limit)),
    parkedForOrders: classified((orders) => reader.parkedForOrders(orders)),
    parkedSince: classified((beforeMs, limit) => reader.parkedSince(beforeMs, limit)),
    intentsToAsk: classified((dueBeforeMs, limit) => orders.intentsToAsk(dueBeforeMs, limit)),
    intentsToClose: classified((limit) => orders.intentsToClose(limit)),
    refundsToSend: classified((limit) => orders.refundsToSend(limit)),
    outgoingEvent: classified((id) => outbox.outgoingEvent(id)),
    outgoingEvents: classified((filter, page) => outbox.outgoingEvents(filter, page)),
    deliveries: classified((filter, page) => outbox.deliveries(filter, page)),
    endpoints: classified(() => outbox.endpoints()),
    deliveriesDue: classified((endpoint, limit) => outbox.deliveriesDue(endpoint, limit)),
    leaseEndpoint: classified((endpoint, holder, leaseMs) => outbox.leaseEndpoint(endpoint, holder, leaseMs)),
    recordDeliveries: classified((deliveries) => outbox.recordDeliveries(deliveries)),
    switchEndpoint: classified((endpoint, to, reason) => outbox.switchEndpoint(endpoint, to, reason)),
    resend: classified((which) => outbox.resend(which)),
    once: (request, work) =>
      onceOf(dialect, rows)(request, work).catch((error) => rejectClassified(dialect, error)),
    backlog: classified(() => backlog(dialect)),
    audit: classified(() => audit(dialect)),
    schemaState: classified(() => schemaState(dialect)),
    migrate: classified(() => migrate(dialect)),
    identity: classified(() => identity(dialect.writer)),
    transact: (work) => transact(dialect, rows, statements, work),
    purge: classified(purgeOf(dialect)),
    poolUse: () => dialect.poolUse(),
    close: () => dialect.close(),
  } satisfies Store & StoreReader;
}

function rejectClassified(dialect: SqlDialect, error: unknown): never {
  throw error instanceof StoreError ? error : (dialect.classify(error, 'work') ?? error);
}

async function transact<T>(
  dialect: SqlDialect,
  rows: RowMapping,
  statements: ProductStatements,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const controlled = await dialect.writer
    .startTransaction()
    .execute()
    .catch((error) => rejectClassified(dialect, error));
  // A rollback that fails leaves nothing committed either; what went wrong first is what matters.
  const rollBack = () =>
    controlled
      .rollback()
      .execute()
      .catch(() => undefined);
  const transaction = new SqlTransaction(controlled, dialect, rows, statements);
  let result: T;
  try {
    result = await work(transaction);
  } catch (error) {
    transaction.end();
    await rollBack();
    return rejectClassified(dialect, error);
  }
  transaction.end();
  try {
    await controlled.commit().execute();
  } catch (error) {
    await rollBack();
    // What no driver has a word for says nothing about the commit either.
    throw dialect.classify(error, 'commit') ?? new StoreError('outcome_unknown', String(error), error);
  }
  return result;
}

async function migrate(dialect: SqlDialect): Promise<readonly string[]> {
  if ((await schemaState(dialect)) === 'too_new') {
    throw new StoreError(
      'unavailable',
      'the database has a newer schema than this version knows: upgrade this node',
    );
  }
  const inTheWay = await tablesOfOthers(dialect.writer);
  if (inTheWay.length > 0) {
    throw new StoreError(
      'unavailable',
      `the database has tables of something else: ${inTheWay.join(', ')}: give this service a database of its own`,
    );
  }
  const provider = { getMigrations: async () => migrations(await dialect.types(), dialect) };
  return dialect.migrating(async (db) => {
    const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
    if (error !== undefined) {
      throw error;
    }
    return (results ?? []).map((result) => result.migrationName);
  });
}
