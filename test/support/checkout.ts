import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startServer } from '../../src/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { adminToken, CheckoutClient } from './checkout-client.ts';
import type { OpenDatabase, TestDatabase } from './databases.ts';

export type { Body, Reply } from './checkout-client.ts';
export { adminToken } from './checkout-client.ts';

export type CheckoutOptions = {
  /** Environment variables over those of a test: any free port, a new database, quiet. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The kind of database of which to take one, or one that is there and stays. */
  readonly database?: TestDatabase | OpenDatabase;
  readonly wallMs?: () => number;
  readonly decide?: Decide;
  /** False: does not wait until the database can be used. */
  readonly waits?: boolean;
};

/** The real server in this process, on a database of its own, spoken to over HTTP. */
export class Checkout extends CheckoutClient {
  readonly #end: () => Promise<void>;

  constructor(url: string, logFile: string, end: () => Promise<void>) {
    super(url, logFile);
    this.#end = end;
  }

  async stop(): Promise<void> {
    this.hangUp();
    await this.#end();
  }
}

/** Starts a checkout whose log is thrown away with it, and its database too if it was made for it. */
export async function startCheckout(options: CheckoutOptions = {}): Promise<Checkout> {
  const { database, decide, wallMs } = options;
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  const made = database !== undefined && 'create' in database ? await database.take() : null;
  const given = database !== undefined && 'url' in database ? database : made;
  const config = loadConfig({
    PORT: '0',
    DATABASE_URL: given?.url ?? `sqlite:${join(folder, 'flash-sale.db')}`,
    LOG_FILE: join(folder, 'flash-sale.log'),
    ADMIN_TOKEN: adminToken,
    SEED: 'false',
    ...options.variables,
  });
  const pipeline = createLogger(config, { stdout: null });
  const server = await startServer(config, {
    log: pipeline.log,
    ...(wallMs === undefined ? {} : { wallMs }),
    ...(decide === undefined ? {} : { decide }),
  });
  if (options.waits !== false) {
    await server.databaseReady;
  }
  return new Checkout(server.url, config.logFile ?? '', async () => {
    await server.stop();
    await pipeline.close();
    await made?.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

/** A checkout that is stopped when the test that calls this has ended. */
export async function checkoutForTest(options: CheckoutOptions = {}): Promise<Checkout> {
  const checkout = await startCheckout(options);
  onTestFinished(() => checkout.stop());
  return checkout;
}

/**
 * A database with the current schema and without rows, until the test that calls this has ended. Checkouts on
 * it are to be started later, so that they end before.
 */
export async function databaseForTest(kind: TestDatabase): Promise<OpenDatabase> {
  const database = await kind.take();
  onTestFinished(() => database.close());
  return database;
}

/** The same without a schema, for a service that makes its tables when it starts. */
export async function newDatabaseForTest(kind: TestDatabase): Promise<OpenDatabase> {
  const database = await kind.create();
  onTestFinished(() => database.close());
  return database;
}
